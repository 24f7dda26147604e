"""What `render_video` takes and returns."""

from typing import Literal

from pydantic import Field

from memory.artifacts import CaptionStyle, Format, Frozen
from tools.base import Args as BaseArgs
from tools.base import Result as BaseResult
from tools.base import ToolSpec

Mood = Literal["none", "calm", "bright", "tense", "wonder"]


class Correction(Frozen):
    """What the media gate asks of another render: everything made afresh under the number of this take, and the level moved by these decibels."""

    take: int = Field(default=0, ge=0, le=99)
    gain_db: float = Field(default=0.0, ge=-6.0, le=6.0)
    ceiling_db: float = Field(default=0.0, ge=-3.0, le=0.0)


class Args(BaseArgs):
    """A storyboard and a narration (digests of their JSON) and how they shall look and sound together."""

    storyboard: str
    narration: str
    format: Format | None = None
    fps: int = Field(default=30, ge=10, le=60)
    captions: CaptionStyle
    ground: str = Field(default="#101418", pattern="^#[0-9a-fA-F]{6}$")
    music: Mood = "calm"
    music_file: str | None = None
    music_gain_db: float = Field(default=0.0, ge=-24.0, le=12.0)
    composer: Literal["native", "moviepy"] = "native"
    effect: str | None = None
    seed: int = 0
    correction: Correction = Correction()


class Result(BaseResult):
    """The finished file; `rendered` is the digest of the `RenderedVideo` that names it and its side files."""

    rendered: str
    video: str
    captions_srt: str
    captions_vtt: str
    duration_s: float
    width: int
    height: int
    fps: int
    frames: int
    segments: int
    segments_encoded: int
    integrated_lufs: float
    true_peak_dbtp: float
    timings_s: dict[str, float]


SPEC = ToolSpec(
    name="render_video",
    queue="cpu",
    args=Args,
    result=Result,
    implementation="tools.render_video.tool:run",
    timeout_s=3600.0,
    max_attempts=3,
    why_not_alone="",
)
