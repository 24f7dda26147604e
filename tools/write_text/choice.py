"""Which writers serve each role of the language port, in order: configured models, or the offline writer."""

from dataclasses import dataclass
from typing import Literal

from infra.settings import Settings
from tools.write_text.schema import Degrade, Role

Provider = Literal["offline", "openai", "anthropic"]


@dataclass(frozen=True)
class Link:
    """One writer of a chain: a provider and its model; the offline writer has none."""

    provider: Provider
    model: str = ""

    @property
    def name(self) -> str:
        """`provider:model`, as results and decisions name the writer."""
        return f"{self.provider}:{self.model}" if self.model else self.provider


OFFLINE = Link("offline")


def chain_for(settings: Settings, role: Role) -> tuple[Link, ...]:
    """Return the writers of a role, the wanted one first.

    A chain in the settings is taken as it stands; `critic` and `fast` follow `writer` when they have none of their own. Without one, every
    provider with a key serves, Claude first, and the offline writer comes last.
    """
    own = {"writer": settings.models_writer, "critic": settings.models_critic, "fast": settings.models_fast}[role] or settings.models_writer
    if own:
        return tuple(_link(entry.strip()) for entry in own.split(","))
    named = {"openai": Link("openai", settings.openai_model), "anthropic": Link("anthropic", settings.anthropic_model), "offline": OFFLINE}
    if settings.language != "auto":
        return (named[settings.language],)
    found = [named["anthropic"]] if settings.anthropic_api_key else []
    if settings.openai_api_key or settings.openai_base_url:
        found.append(named["openai"])
    return (*found, OFFLINE)


def has_model(settings: Settings, role: Role = "writer") -> bool:
    """Say whether a language model is the wanted writer of a role; the offline writer takes sentences over and rewords nothing."""
    return chain_for(settings, role)[0].provider != "offline"


def may_degrade(degrade: Degrade, to: Link) -> bool:
    """Say whether a channel's policy lets a task fall back to that writer when the wanted one fails."""
    return degrade == "offline" or (degrade == "model" and to.provider != "offline")


def _link(entry: str) -> Link:
    provider, _, model = entry.partition(":")
    if provider == "openai":
        return Link("openai", model)
    return Link("anthropic", model) if provider == "anthropic" else OFFLINE
