"""What every artifact is made of: the frozen base, the kinds of truth, the frame, a decision."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """Base of every artifact body: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Provenance(StrEnum):
    """What kind of truth an artifact holds; it reaches only a publisher of the same kind."""

    REAL = "real"
    DEMO = "demo"
    REHEARSAL = "rehearsal"
    SIMULATED = "simulated"


class Format(StrEnum):
    """The frame of a video."""

    LANDSCAPE = "landscape"
    SHORT = "short"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return (1920, 1080) if self is Format.LANDSCAPE else (1080, 1920)

    @property
    def caption_band(self) -> tuple[float, float]:
        """Top and bottom of the band that belongs to captions, as shares of the height; a short's ends above the platform's own controls."""
        return (0.83, 0.97) if self is Format.LANDSCAPE else (0.75, 0.84)


class Decision(Frozen):
    """One choice of an agent, with why: what `decisions.json` is made of."""

    agent: str
    question: str
    choice: str
    reasons: tuple[str, ...]
    alternatives: tuple[str, ...] = ()
    scores: dict[str, float] = Field(default_factory=dict)
