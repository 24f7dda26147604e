"""What the trend scout takes, sees and gives."""

from typing import Literal

from pydantic import Field

from memory.artifacts import Brief, Decision, Frozen, Picture, Provenance
from memory.attention import Outlook

Mode = Literal["sources", "topic", "trends", "demo"]
MomentumFrom = Literal["recency", "forecast"]
# About what a tenth of the scale is worth: another story that is nearly as good is told first.
LESSON_COSTS = 0.12


class Input(Frozen):
    """A topic or sources to start from; with neither, the scout chooses from the trends, and tells none of the topics to `avoid`.

    `own_text` is a text that the operator declared to be their own: it is a source that stands for itself.
    """

    own_text: str | None = None

    topic: str | None = None
    sources: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


class Candidate(Frozen):
    """One story, seen in one or more sources, and how it scores for this channel (each 0..1).

    `topic_id` is the topic of the studio's memory that the story continues. `outlook` is the most telling forecast there is; `momentum` comes from it
    only where the forecaster has skill, and `recency` is what it would be without. `unforeseen` says why there is no forecast.
    """

    topic: str
    summary: str
    category: str
    sources: tuple[str, ...]
    urls: tuple[str, ...]
    momentum: float
    breadth: float
    fit: float
    novelty: float
    nearest: str = ""
    topic_id: str = ""
    momentum_from: MomentumFrom = "recency"
    recency: float | None = None
    outlook: Outlook | None = None
    unforeseen: str = ""
    lesson: str = Field(default="", description="What an earlier video on such a story taught that speaks against telling it soon again")

    @property
    def total(self) -> float:
        """Weighted sum of the four scores, less what a lesson speaks against it."""
        return 0.25 * self.momentum + 0.15 * self.breadth + 0.4 * self.fit + 0.2 * self.novelty - (LESSON_COSTS if self.lesson else 0.0)


class TopicFigures(Frozen):
    """What the scout concluded on one topic of the studio's memory."""

    topic_id: str
    scores: dict[str, float]
    outlook: Outlook | None = None


class Evidence(Frozen):
    """What was found for one candidate: digests of documents, and why places gave nothing."""

    topic: str
    documents: tuple[str, ...]
    looked_at: tuple[str, ...]


class Snapshot(Frozen):
    """Everything the scout decides on, frozen before it decides."""

    mode: Mode
    provenance: Provenance
    network: bool
    candidates: tuple[Candidate, ...]
    evidence: tuple[Evidence, ...]
    pictures: tuple[Picture, ...] = ()
    failed_sources: tuple[str, ...] = ()
    refused_inputs: tuple[str, ...] = ()


class Output(Frozen):
    """A brief, or the reason why there is none; exactly one of the two. `topics` are the figures of every topic that was scored."""

    brief: Brief | None
    refusal: str | None
    decisions: tuple[Decision, ...]
    provenance: Provenance
    topics: tuple[TopicFigures, ...] = ()
