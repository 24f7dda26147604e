"""What a person or program asks of one production run."""

from typing import Literal

from pydantic import AwareDatetime, Field

from memory.artifacts import Format, Frozen, Privacy
from memory.operator_script import LONGEST_TEXT
from memory.ready_film import ReadyFilm

Autonomy = Literal["manual", "review", "policy", "autonomous"]


class ProductionRequest(Frozen):
    """The task of one run, stored with it; the same request and seed make the same decisions on the same evidence.

    `publish_at` is when a public video is shown, `late` what becomes of one that is not ready by then, `publish_until` the last moment to which
    it may be moved, `avoid` topics that are not to be told. `script` is a finished script, which stands on `sources`, or on itself where it is the
    operator's `own_text`. `film` is a video that came finished: nothing is written, voiced or rendered for it.
    `asked_by` is who wanted exactly this video, where somebody did: on a channel that wants two people to accept, they are neither.
    """

    channel: str
    topic: str | None = Field(default=None, max_length=200)
    sources: tuple[str, ...] = ()
    script: str | None = Field(default=None, max_length=LONGEST_TEXT)
    own_text: bool = False
    format: Format = Format.LANDSCAPE
    seconds: int = Field(default=60, ge=10, le=900)
    autonomy: Autonomy = "autonomous"
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    offline: bool = False
    rehearsal: bool = False
    privacy: Privacy = "public"
    publish_at: AwareDatetime | None = None
    publish_until: AwareDatetime | None = None
    late: Literal["refuse", "ask", "publish"] = "publish"
    avoid: tuple[str, ...] = ()
    film: ReadyFilm | None = None
    priority: Literal[1, 5, 10] = 1
    asked_by: str | None = Field(default=None, max_length=200)
