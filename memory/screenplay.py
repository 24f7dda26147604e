"""What is seen: shots and their layers, thumbnails, captions and the rendered file."""

from typing import Any, Literal

from pydantic import Field

from memory.values import Decision, Format, Frozen

# The slowest that a clip is ever shown, as a share of its own speed.
SLOWEST = 0.5


class Clip(Frozen):
    """A moving picture made safe: H.264 at a constant rate, without sound. `digest` names the file; sizes in pixels, `fps` in frames per second."""

    digest: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    frames: int = Field(gt=0)
    fps: float = Field(gt=0, le=60)

    @property
    def seconds(self) -> float:
        """How long it plays at its own speed."""
        return self.frames / self.fps

    def lasts(self, seconds: float) -> bool:
        """Say whether it can be seen for so long: slowed to half its speed at most, since a person sees the frames of what is slower."""
        return self.seconds >= SLOWEST * seconds


class Toning(Frozen):
    """How colours are moved toward a palette: RGB' = `keep` * RGB + `tint` * luma + `lift`, in 0..255 with the luma of BT.709."""

    keep: float
    tint: tuple[float, float, float]
    lift: tuple[float, float, float]


class Footage(Frozen):
    """A clip in a layer: the box of the frame that it covers (left, top, width, height in pixels) and how its colours are toned."""

    clip: Clip
    box: tuple[int, int, int, int]
    toning: Toning | None = None


class Layer(Frozen):
    """One transparent or opaque full-frame PNG of a shot (`image` is its digest) and how it enters.

    Where there is `footage`, it moves in the layer's place and the still is only what stands for it.
    """

    image: str
    footage: Footage | None = None
    enter: Literal["none", "fade", "rise", "grow_up", "grow_right", "slide_left"] = "none"
    enter_at_s: float = 0.0
    enter_for_s: float = 0.4
    moves: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """The digests of what the layer shows."""
        return (self.image,) if self.footage is None else (self.image, self.footage.clip.digest)


class Shot(Frozen):
    """What is seen during [start_s, end_s): layers from back to front, tied to its sentences."""

    id: str
    sentence_ids: tuple[str, ...]
    start_s: float
    end_s: float
    kind: str
    layers: tuple[Layer, ...]
    zoom_from: float = 1.0
    zoom_to: float = 1.06
    pan: tuple[float, float] = (0.0, 0.0)
    transition: Literal["cut", "fade"] = "cut"
    transition_s: float = 0.0
    reason: str = ""
    credit: str = ""
    scene: dict[str, Any] = Field(default_factory=dict)


class Storyboard(Frozen):
    """Every shot of a video in order; shots cover the narration without a gap."""

    shots: tuple[Shot, ...]
    format: Format
    decisions: tuple[Decision, ...] = ()


class ThumbnailVariant(Frozen):
    """One candidate thumbnail (1280x720 JPEG) and what was measured on it; `likeness` is what is compared with other thumbnails."""

    image: str
    concept: str
    text: str
    scores: dict[str, float]
    score: float
    likeness: str = ""


class Thumbnails(Frozen):
    """Three variants, best first by a heuristic that says so."""

    variants: tuple[ThumbnailVariant, ...]
    chosen: int
    reasons: tuple[str, ...]
    method: str = "heuristic"


class CaptionStyle(Frozen):
    """How burned-in captions look: colours as #rrggbb, font file path known to the renderer by family."""

    family: str
    ink: str = "#ffffff"
    accent: str = "#ffb545"
    outline: str = "#000000"
    uppercase: bool = False
    weight: str = "extrabold"
    treatment: Literal["outline", "plate"] = "outline"


class RenderedVideo(Frozen):
    """The finished file and its side files, each by digest."""

    video: str
    captions_srt: str
    captions_vtt: str
    duration_s: float
    width: int
    height: int
    fps: int
    timings_s: dict[str, float] = Field(default_factory=dict)
