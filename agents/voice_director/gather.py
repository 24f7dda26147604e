"""Looks at what the voice director decides on: the script, the voices at hand, and the channel's pronunciations."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

from agents.base import AgentContext
from agents.voice_director.schemas import Input, Snapshot, VoiceAtHand
from infra.errors import Invalid
from infra.settings import Settings
from memory.personality import Personality
from tools.gateway_prices import PriceUnknown, price_of
from tools.vendors.google_tts.families import family_of
from tools.vendors.piper.voices import list_voices


async def gather(input: Input, ctx: AgentContext) -> Snapshot:
    """Read the voices installed or paid for, and `<home>/pronunciations/{all,<channel>}.toml`, the channel's words last."""
    settings = ctx.settings
    folder = settings.home / "pronunciations"
    said = {**_words(folder / "all.toml"), **_words(folder / f"{ctx.personality.id}.toml")}
    return Snapshot(
        script=input.script,
        seconds=input.seconds,
        voices=(*paid_voices(settings, ctx.personality, ctx.clock.now().date()), *installed_voices(settings)),
        pronunciations=said,
        findings=input.findings,
        held_scale=input.held_scale,
        preference=settings.voice,
        budget_usd=settings.limit_voice_usd if settings.limit_kinds == "stop" else settings.limit_video_usd,
    )


def installed_voices(settings: Settings) -> tuple[VoiceAtHand, ...]:
    """Return the voices of this machine; a model's name begins with its language."""
    return tuple(
        VoiceAtHand(
            name=voice.name,
            licence=voice.licence,
            words_per_minute=voice.words_per_minute,
            monetisable=voice.monetisable,
            languages=_language(voice.model.name),
        )
        for voice in list_voices(settings)
    )


def paid_voices(settings: Settings, personality: Personality, on: date) -> tuple[VoiceAtHand, ...]:
    """Return the paid voices whose key is set and that may be reached; the provider's own word on licence and limits comes before the first purchase."""
    own = personality.voice.paid
    eleven, google = own.get("elevenlabs", settings.elevenlabs_voice), own.get("google_tts", settings.google_tts_voice)
    found: list[VoiceAtHand] = []
    if settings.elevenlabs_api_key and (settings.network != "off" or settings.elevenlabs_base_url):
        found.append(_paid("elevenlabs", eleven, _usd("elevenlabs", settings.elevenlabs_model, on, settings), ()))
    if settings.google_tts_api_key and (settings.network != "off" or settings.google_tts_base_url):
        found.append(_paid("google_tts", google, _usd("google_tts", family_of(google), on, settings), (google.split("-")[0],)))
    return tuple(found)


def _paid(provider: Literal["elevenlabs", "google_tts"], voice: str, usd: float | None, languages: tuple[str, ...]) -> VoiceAtHand:
    return VoiceAtHand(
        name=f"{provider}:{voice}",
        licence="the provider's terms, checked before the first sentence is bought",
        words_per_minute=None,
        monetisable=True,
        provider=provider,
        languages=languages,
        usd_per_character=usd,
    )


def _usd(provider: str, variant: str, on: date, settings: Settings) -> float | None:
    try:
        price = price_of(provider, "speech", variant, on, settings)
    except PriceUnknown:
        return None
    return price.usd / price.per


def _language(model: str) -> tuple[str, ...]:
    head = model.partition("_")[0].lower()
    return (head,) if len(head) == 2 and "_" in model else ()


def _words(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        words = tomllib.loads(path.read_text("utf-8")).get("words", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"pronunciations: {path.name} is not a TOML file: {error}") from error
    if not isinstance(words, dict) or not all(isinstance(said, str) for said in words.values()):
        raise Invalid(f'pronunciations: {path.name}: [words] must map a written form to how it is said, like Xi = "shee"')
    return words
