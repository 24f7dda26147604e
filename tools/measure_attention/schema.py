"""What measuring attention takes and gives."""

from pydantic import AwareDatetime, Field

from memory.values import Frozen
from tools.base import Args, Result, ToolSpec

MOST_TOPICS = 8


class AskedTopic(Frozen):
    """One story worth a closer look; `articles` are Wikipedia articles that its sources already named."""

    topic_id: str
    topic: str = Field(min_length=1)
    articles: tuple[str, ...] = ()


class MeasureAttentionArgs(Args):
    """Topics to look up, few on purpose: each costs a search and a series. `until` is the moment of asking, `budget_s` bounds all of it in seconds."""

    topics: tuple[AskedTopic, ...] = Field(min_length=1, max_length=MOST_TOPICS)
    until: AwareDatetime
    days: int = Field(default=120, ge=14, le=400)
    language: str = "en"
    budget_s: float = Field(default=40.0, gt=0, le=300)


class MeasuredTopic(Frozen):
    """What was found for one topic: the article, how many days of it, or why nothing."""

    topic_id: str
    article: str = ""
    url: str = ""
    days: int = 0
    reason: str = ""


class MeasureAttentionResult(Result):
    """One line a topic, in order; `series` names a JSON object of each topic's daily readers, for those that have any."""

    topics: tuple[MeasuredTopic, ...]
    series: str


SPEC = ToolSpec(
    name="measure_attention",
    queue="io",
    args=MeasureAttentionArgs,
    result=MeasureAttentionResult,
    implementation="tools.measure_attention.tool:run",
    timeout_s=120.0,
    max_attempts=2,
    why_not_alone="",
)
