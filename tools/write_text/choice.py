"""Which writer serves the language port: a configured model, or the offline writer."""

from typing import Literal

from infra.settings import Settings

Writer = Literal["offline", "openai", "anthropic"]


def writer_for(settings: Settings) -> Writer:
    """Return the writer that the settings switch on; without a key or address it is the offline one."""
    if settings.language != "auto":
        return settings.language
    if settings.anthropic_api_key:
        return "anthropic"
    return "openai" if settings.openai_api_key or settings.openai_base_url else "offline"
