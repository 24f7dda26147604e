"""The contract of `compose_thumbnail`: three concepts and a look go in, three measured JPEGs come out, best first."""

from typing import Literal

from pydantic import Field

from memory.artifacts import Thumbnails
from memory.personality import Look
from tools.base import Args, Result, ToolSpec
from tools.drawing.subject import Subject

WIDTH, HEIGHT = 1280, 720
MAX_WORDS = 4
MAX_BYTES = 2_000_000
LEAST_TEXT_SHARE = 0.14


class ThumbnailConcept(Args):
    """One idea: its words (at most four), the form they take, how much they tell of the story (0..1), and what is seen beside them."""

    concept: Literal["number", "question", "picture", "versus", "statement"]
    words: str = Field(min_length=1, max_length=60)
    against: str = Field(default="", max_length=30)
    telling: float = Field(default=1.0, ge=0, le=1)
    picture: str | None = None
    subject: Subject = "science"
    motif: str = ""
    composition: int = Field(default=0, ge=0)
    seed: int = 0


class ComposeThumbnailArgs(Args):
    """Three concepts drawn in one look. `picture` names image bytes in the media store."""

    concepts: tuple[ThumbnailConcept, ...] = Field(min_length=3, max_length=3)
    look: Look
    channel: str


class ComposeThumbnailResult(Result):
    """Three variants, best first; `method` says that the order is a heuristic."""

    thumbnails: Thumbnails


SPEC = ToolSpec(
    name="compose_thumbnail",
    queue="cpu",
    args=ComposeThumbnailArgs,
    result=ComposeThumbnailResult,
    implementation="tools.compose_thumbnail.tool:run",
    timeout_s=120.0,
    max_attempts=2,
    why_not_alone="",
)
