"""Recorded consents of people whose voices were cloned: without one, a cloned voice does not speak."""

import tomllib
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.errors import Forbidden, Invalid


class ConsentMissing(Forbidden):
    """Nobody recorded that the speaker of this voice agreed to this use."""

    code = "consent_missing"


class VoiceConsent(BaseModel):
    """What a speaker agreed to: which voice, in whose words and on which day, for which channels (none named: all), until when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    voice_id: str = Field(min_length=1)
    speaker: str = Field(min_length=1)
    agreed_on: date
    statement: str = Field(min_length=20)
    channels: tuple[str, ...] = ()
    until: date | None = None

    def covers(self, channel: str | None, on: date) -> bool:
        """Say whether the consent holds for a channel on a day."""
        return self.agreed_on <= on and (self.until is None or on <= self.until) and (not self.channels or channel in self.channels)


def list_consents(home: Path) -> tuple[VoiceConsent, ...]:
    """Return every recorded consent; raises `Invalid` when the file cannot be read."""
    path = home / "voices" / "consents.toml"
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("consent", []) if path.is_file() else []
        return tuple(VoiceConsent.model_validate(row) for row in rows)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise Invalid(f"consents: {path.name} is not a list of [[consent]] tables: {error}") from error


def get_consent(home: Path, voice_id: str, channel: str | None, on: date) -> VoiceConsent:
    """Return the consent that covers a cloned voice, from the `[[consent]]` tables of `<home>/voices/consents.toml`.

    Raises `ConsentMissing` saying what to record, or `Invalid` when the file cannot be read.
    """
    found = [one for one in list_consents(home) if one.voice_id == voice_id]
    fitting = next((one for one in found if one.covers(channel, on)), None)
    if fitting is None:
        why = "does not cover this channel today" if found else "is not recorded"
        wanted = "voice_id, speaker, agreed_on and the speaker's statement"
        raise ConsentMissing(f"voice {voice_id}: it is cloned and its speaker's consent {why}; add [[consent]] with {wanted} to voices/consents.toml")
    return fitting
