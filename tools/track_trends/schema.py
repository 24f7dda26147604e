"""What tracking trends takes and gives."""

from pydantic import AwareDatetime, Field

from memory.trend_history import How
from tools.base import Args, Result, ToolSpec


class TrackTrendsArgs(Args):
    """One collection: `stories` names a JSON list of SeenStory, `asked` says which question was put to the sources.

    Attention is comparable only between collections that asked the same, so each question has a series of its own. `answered` of `sources` say how
    much of the world was seen; below half, nothing is measured.
    """

    stories: str
    asked: str = Field(max_length=300)
    collected_at: AwareDatetime
    sources: int = Field(ge=1)
    answered: int = Field(ge=0)


class TrackTrendsResult(Result):
    """The topic of each story in order, and how it was recognised; `history` names a JSON object of each topic's series, oldest value first."""

    topics: tuple[str, ...]
    joined: tuple[How, ...]
    observations: int
    history: str
    unmeasured: str = ""


SPEC = ToolSpec(
    name="track_trends",
    queue="cpu",
    args=TrackTrendsArgs,
    result=TrackTrendsResult,
    implementation="tools.track_trends.tool:run",
    timeout_s=120.0,
    max_attempts=3,
    why_not_alone="it writes the history that stories are scored by; ask the trend_scout with a task of kind `agent`, and read `GET /v1/trends`",
)
