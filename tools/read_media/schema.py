"""What reading a folder of own media takes and gives."""

from pydantic import Field

from memory.artifacts import Picture
from tools.base import Args, Result, ToolSpec


class ReadMediaArgs(Args):
    """A folder of pictures and clips, with the `credits.json` that may describe them."""

    folder: str = Field(min_length=1, max_length=4000)


class ReadMediaResult(Result):
    """What can be shown, in order of file name, and what cannot, each with its reason."""

    pictures: tuple[Picture, ...]
    skipped: tuple[str, ...] = ()


SPEC = ToolSpec(
    name="read_media",
    queue="cpu",
    args=ReadMediaArgs,
    result=ReadMediaResult,
    implementation="tools.read_media.tool:run",
    timeout_s=600.0,
    max_attempts=2,
    why_not_alone="it reads a folder of the server; send the files to `POST /v1/uploads` and give their digests to the other tools",
)
