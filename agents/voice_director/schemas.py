"""What the voice director is given, what it looks at, and what it hands on."""

from typing import Literal

from pydantic import Field

from memory.artifacts import Decision, Frozen, GateResult, Script


class Input(Frozen):
    """A script, the seconds its narration should fill (None: as long as it takes), and what the media gate found wrong with an earlier reading.

    `held_scale` is the length scale of the reading before a person's edit: it stays while the slot allows.
    """

    script: Script
    seconds: float | None = Field(default=None, gt=0)
    findings: tuple[GateResult, ...] = ()
    held_scale: float | None = Field(default=None, ge=0.5, le=2.0)


class VoiceAtHand(Frozen):
    """A voice that may read; `words_per_minute` is its measured rate at length scale 1, `usd_per_character` None when its price is not known."""

    name: str
    licence: str
    words_per_minute: float | None
    monetisable: bool
    provider: Literal["piper", "elevenlabs", "google_tts"] = "piper"
    languages: tuple[str, ...] = ()
    usd_per_character: float | None = 0.0


class Snapshot(Frozen):
    """Everything the decisions depend on, frozen before the first of them."""

    script: Script
    seconds: float | None
    voices: tuple[VoiceAtHand, ...]
    pronunciations: dict[str, str]
    findings: tuple[GateResult, ...] = ()
    preference: Literal["auto", "piper", "elevenlabs", "google_tts"] = "auto"
    budget_usd: float | None = None
    held_scale: float | None = None


class Output(Frozen):
    """`narration` names the stored `Narration`, `audio` its WAV; both durations are in seconds."""

    narration: str
    audio: str
    duration_s: float
    longest_silence_s: float
    loudness_lufs: float
    decisions: tuple[Decision, ...]
