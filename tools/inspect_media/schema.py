"""What `inspect_media` takes and returns."""

from typing import Self

from pydantic import Field, model_validator

from memory.artifacts import Format, Frozen, GateResult
from tools.base import Args as BaseArgs
from tools.base import Result as BaseResult
from tools.base import ToolSpec


class Limits(Frozen):
    """The limits of the media gate."""

    loudness_lufs: float = -14.0
    loudness_tolerance_lu: float = 1.0
    true_peak_dbtp: float = -1.0
    silence_s: float = 1.5
    black_s: float = 0.2
    flat_s: float = 0.4
    freeze_s: float = 3.0
    change_s: float = 6.0
    seconds_share: float = 0.25
    contrast: float = 4.5


class Args(BaseArgs):
    """A video by digest or by path, and what is known about it: each known thing adds checks."""

    video: str | None = None
    path: str | None = None
    captions: str | None = None
    narration: str | None = None
    storyboard: str | None = None
    format: Format | None = None
    fps: int | None = None
    seconds: float | None = Field(default=None, gt=0)
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.video is None) == (self.path is None):
            raise ValueError("give either video (a digest) or path (a file)")
        return self


class Result(BaseResult):
    """Every check; `passed` is true when no blocking one failed. `facts` holds the figures."""

    passed: bool
    gates: tuple[GateResult, ...]
    facts: dict[str, float | int | str | bool | None]


SPEC = ToolSpec(
    name="inspect_media",
    queue="cpu",
    args=Args,
    result=Result,
    implementation="tools.inspect_media.tool:run",
    timeout_s=1200.0,
    max_attempts=2,
    why_not_alone="",
)
