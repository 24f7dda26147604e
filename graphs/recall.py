"""Recall for agents: embedding is a job, the search is a query."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from operator import mul

from infra.database import Database
from memory.artifacts import Provenance
from memory.recall import Remembered
from memory.recall_search import recall_by_vector
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs, EmbedTextResult

Vector = tuple[float, ...]
Call = Callable[..., Awaitable[EmbedTextResult]]


@dataclass(frozen=True)
class JobRecall:
    """The `Recall` port of one channel and provenance."""

    database: Database
    channel_id: str
    provenance: Provenance
    call: Call

    async def topics(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return topics of earlier videos nearest to `text`, best first."""
        return await self._search("topic", text, limit)

    async def scripts(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return scripts of earlier videos nearest to `text`, best first."""
        return await self._search("script", text, limit)

    async def lessons(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return lessons that apply to `text`, best first."""
        return await self._search("lesson", text, limit)

    async def similarities(self, query: str, texts: tuple[str, ...]) -> tuple[float, ...]:
        """Return the cosine similarity of `query` to each of `texts`, in order."""
        if not texts:
            return ()
        asked, *others = await self._embed((query, *texts))
        return tuple(sum(map(mul, asked, other)) for other in others)

    async def _search(self, kind: str, text: str, limit: int) -> tuple[Remembered, ...]:
        (vector,) = await self._embed((text,))

        def search() -> tuple[Remembered, ...]:
            with self.database.unit_of_work() as session:
                return recall_by_vector(session, kind, vector, channel_id=self.channel_id, provenance=self.provenance, limit=limit)

        return await asyncio.to_thread(search)

    async def _embed(self, texts: tuple[str, ...]) -> tuple[Vector, ...]:
        return (await self.call(EMBED_TEXT, EmbedTextArgs(texts=texts))).vectors
