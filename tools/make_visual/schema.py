"""The contract of `make_visual`: a scene and a look go in, the layers of one shot come out."""

from typing import Literal

from pydantic import Field

from memory.artifacts import Clip, Format, Layer
from memory.personality import Look
from tools.base import Args, Result, ToolSpec
from tools.drawing.subject import Subject

Kind = Literal["opener", "title", "picture", "chart", "number", "quote", "list", "comparison", "timeline", "map", "chain", "phrase", "closing"]
HEADLINE_WORDS = 12
QUOTE_WORDS = 45


class SceneItem(Args):
    """One row, step, side, date or term; `shown` is the text of its value, `own` marks the one that matters."""

    label: str = ""
    text: str = ""
    value: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    shown: str = ""
    own: bool = False


class Scene(Args):
    """What one shot says. Which fields are used depends on the kind; unused ones stay empty."""

    kicker: str = ""
    title: str = ""
    text: str = ""
    number: str = ""
    source: str = ""
    items: tuple[SceneItem, ...] = Field(default=(), max_length=8)
    chart: Literal["auto", "rows", "columns", "line", "dots"] = "auto"


class MakeVisualArgs(Args):
    """One shot to draw. Without `picture` it shows an illustration of `subject`, or of `motif` in a composition; `bare` leaves the channel's plain ground.

    A `clip` moves where the picture, one of its frames, would stand.
    """

    kind: Kind
    scene: Scene
    look: Look
    channel: str
    format: Format = Format.LANDSCAPE
    picture: str | None = None
    clip: Clip | None = None
    credit: str = ""
    subject: Subject = "science"
    motif: str = ""
    composition: int = Field(default=0, ge=0)
    bare: bool = False
    mark: str = ""
    seed: int = 0


class MakeVisualResult(Result):
    """Layers from back to front; the first is opaque.

    `contrast` is the lowest WCAG contrast ratio met by 98% of the text pixels over what lies beneath them.
    `headline_pt` is the size the headline was fitted to, in points of the frame.
    """

    layers: tuple[Layer, ...]
    width: int
    height: int
    contrast: float
    headline_pt: float
    treatment: Literal["full", "framed", "illustration", "plain"]
    timings_s: dict[str, float] = Field(default_factory=dict)


SPEC = ToolSpec(
    name="make_visual",
    queue="cpu",
    args=MakeVisualArgs,
    result=MakeVisualResult,
    implementation="tools.make_visual.tool:run",
    timeout_s=90.0,
    max_attempts=2,
    why_not_alone="",
)
