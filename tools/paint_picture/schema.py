"""What painting a picture takes and gives."""

from typing import Literal

from pydantic import Field

from memory.artifacts import Picture
from tools.base import Args, Result, ToolSpec

_STEP = 8


class PaintPictureArgs(Args):
    """What is to be seen, in words. The same words, seed, size and model give the same picture. Sizes are in pixels, multiples of eight."""

    prompt: str = Field(min_length=3, max_length=1000)
    avoid: str = Field(default="text, letters, watermark, logo, signature, deformed hands", max_length=500)
    caption: str = Field(min_length=1, max_length=400)
    width: int = Field(default=1344, ge=64, le=2048, multiple_of=_STEP)
    height: int = Field(default=768, ge=64, le=2048, multiple_of=_STEP)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)


class PaintPictureResult(Result):
    """The picture, the model that painted it, and whether a safety checker of the model looked at it."""

    picture: Picture
    model: str
    safety: Literal["checked", "no checker"]
    cached: bool
    took_s: float


SPEC = ToolSpec(
    name="paint_picture",
    queue="gpu",
    args=PaintPictureArgs,
    result=PaintPictureResult,
    implementation="tools.paint_picture.tool:run",
    timeout_s=300.0,
    max_attempts=2,
    why_not_alone="",
)
