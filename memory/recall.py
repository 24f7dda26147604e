"""Recall by meaning: near-duplicate topics and scripts, and lessons of earlier videos."""

from typing import Protocol

from pydantic import BaseModel, ConfigDict

# Measured with MiniLM; `tests/memory/test_recall_thresholds.py` repeats it.
# Of 20 topics, 14 paraphrases reach TOPIC_REPEAT, and 1 of 20 neighbouring topics of the same niche (the fall and the building of the same wall);
# of 11,000 pairs of titles about different subjects, 4 do (yearly reviews and country pages of one series).
TOPIC_REPEAT = 0.70
# Two scripts made of different sentences of one article reach SCRIPT_REPEAT in more than 60 % of 150 cases (a quarter stay below 0.76);
# none of 29 articles about the same subject by another publisher does (at most 0.77), and none about another subject (at most 0.77).
SCRIPT_REPEAT = 0.78
# 95 % of titles about different subjects stay below LESSON_APPLIES.
LESSON_APPLIES = 0.35


class Remembered(BaseModel):
    """Something the studio made or learned before, and how near it is to the question (cosine, 0..1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    text: str
    similarity: float
    channel_id: str
    video_id: str | None = None


class Recall(Protocol):
    """Search of the memory of one channel, within one provenance. Asynchronous, since embedding is a job in a worker."""

    async def topics(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return topics of earlier videos nearest to `text`, best first."""
        ...

    async def scripts(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return scripts of earlier videos nearest to `text`, best first."""
        ...

    async def lessons(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return lessons that apply to `text`, best first."""
        ...

    async def similarities(self, query: str, texts: tuple[str, ...]) -> tuple[float, ...]:
        """Return the cosine similarity of `query` to each of `texts`, in order."""
        ...
