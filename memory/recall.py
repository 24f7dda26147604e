"""Recall by meaning: near-duplicate topics and scripts, and lessons of earlier videos."""

from typing import Protocol

from pydantic import BaseModel, ConfigDict


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
