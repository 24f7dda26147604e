"""What having a picture made takes and gives."""

from typing import Literal

from pydantic import Field

from memory.artifacts import Picture
from tools.base import Args, Result, ToolSpec

# What every image model of the provider takes.
Size = Literal["1536x1024", "1024x1536", "1024x1024"]


class GeneratePictureArgs(Args):
    """What is to be seen, in words. The same words, size, quality and model are bought once."""

    prompt: str = Field(min_length=3, max_length=2000)
    caption: str = Field(min_length=1, max_length=400)
    size: Size = "1536x1024"


class GeneratePictureResult(Result):
    """The picture and the model that made it."""

    picture: Picture
    model: str


SPEC = ToolSpec(
    name="generate_picture",
    queue="io",
    args=GeneratePictureArgs,
    result=GeneratePictureResult,
    implementation="tools.generate_picture.tool:run",
    timeout_s=240.0,
    max_attempts=3,
    why_not_alone="",
)
