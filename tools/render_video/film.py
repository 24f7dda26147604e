"""What a segment process is asked to do: light values, so that the asking side loads no drawing code."""

from memory.artifacts import CaptionStyle, Format, Frozen
from tools.render_video.timeline import Segment


class Film(Frozen):
    """What all segments of one film share."""

    media_root: str
    cache_root: str
    width: int
    height: int
    fps: int
    ground: str
    format: Format
    captions: CaptionStyle


class Request(Frozen):
    """Draw and encode one segment into `output`; or, without a segment, finish what is still being encoded."""

    number: int
    film: Film
    segment: Segment | None = None
    output: str = ""
