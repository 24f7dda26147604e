"""Looks at what the voice director decides on: the script, the installed voices, and the channel's pronunciations."""

import tomllib
from pathlib import Path

from agents.base import AgentContext
from agents.voice_director.schemas import Input, Snapshot, VoiceAtHand
from infra.errors import Invalid
from tools.vendors.piper.voices import list_voices


async def gather(input: Input, ctx: AgentContext) -> Snapshot:
    """Read the installed voices and `<home>/pronunciations/{all,<channel>}.toml`, the channel's words last."""
    voices = tuple(
        VoiceAtHand(name=voice.name, licence=voice.licence, words_per_minute=voice.words_per_minute, monetisable=voice.monetisable)
        for voice in list_voices(ctx.settings)
    )
    folder = ctx.settings.home / "pronunciations"
    said = {**_words(folder / "all.toml"), **_words(folder / f"{ctx.personality.id}.toml")}
    return Snapshot(script=input.script, seconds=input.seconds, voices=voices, pronunciations=said, findings=input.findings)


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
