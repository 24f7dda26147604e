"""What taking in a finished film takes and gives."""

from pydantic import Field

from memory.artifacts import Format, Picture
from memory.rights import Rights
from tools.base import Args, Result, ToolSpec


class TakeFilmArgs(Args):
    """A film and, where there are any, its captions, by digest; the frame that it is shown in; what its pictures are called, and their rights."""

    film: str
    captions: str | None = None
    format: Format
    title: str = Field(min_length=1, max_length=200)
    rights: Rights


class TakeFilmResult(Result):
    """The film as it may be published; `rendered` is the digest of its `RenderedVideo`, `pictures` are frames of it, `words` what its captions say."""

    rendered: str
    video: str
    captions_srt: str
    captions_vtt: str
    words: tuple[str, ...]
    pictures: tuple[Picture, ...]
    duration_s: float
    fps: int
    integrated_lufs: float
    true_peak_dbtp: float


SPEC = ToolSpec(
    name="take_film",
    queue="cpu",
    args=TakeFilmArgs,
    result=TakeFilmResult,
    implementation="tools.take_film.tool:run",
    timeout_s=3600.0,
    max_attempts=2,
    why_not_alone="",
)
