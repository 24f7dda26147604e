"""Search by meaning: an exact scan of half-precision vectors inside one channel, one provenance and one model version.

Exact, since a filtered HNSW index silently returns too few rows: 1 of 10 for a channel with 2 % of them (pgvector 0.8.5), while
the scan takes about a microsecond a row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.database import Database
from infra.embedding import DIMENSIONS, MODEL_VERSION, Vectors
from infra.errors import Invalid
from memory.artifacts import Provenance
from memory.recall import Remembered
from memory.records.embeddings import EmbeddingRecord

Vector = Sequence[float]
Embed = Callable[[Sequence[str]], Vectors]

# The inner query is fenced by `offset 0`, so that the planner sorts the channel's rows and can never take an index order.
_NEAREST = text(
    """
    select ref_id, kind, text, 1 - (vector <=> cast(:query as halfvec(384))) as similarity, channel_id, video_id
    from (
        select id, ref_id, kind, text, vector, channel_id, video_id from embeddings
        where channel_id = :channel and provenance = :provenance and kind = :kind and model = :model offset 0
    ) as inside
    order by vector <=> cast(:query as halfvec(384)), id
    limit :limit
    """
).bindparams(bindparam("query", type_=Text))


@dataclass(frozen=True)
class Memory:
    """Something to remember: its text, what it is, and whose."""

    kind: str
    ref_id: str
    text: str
    channel_id: str
    provenance: Provenance
    video_id: str | None = None


def remember_vector(session: Session, memory: Memory, vector: Vector, model_version: str = MODEL_VERSION) -> None:
    """Remember a text under its vector; remembering the same thing again replaces it."""
    key = {"channel_id": memory.channel_id, "provenance": Provenance(memory.provenance).value, "kind": memory.kind, "model": model_version}
    newest = {"text": memory.text, "video_id": memory.video_id, "vector": checked_vector(vector)}
    statement = insert(EmbeddingRecord).values(**key, ref_id=memory.ref_id, **newest)
    session.execute(statement.on_conflict_do_update(index_elements=[*key, "ref_id"], set_=newest))


def recall_by_vector(  # noqa: PLR0913 - a search is narrowed by that many things
    session: Session,
    kind: str,
    vector: Vector,
    *,
    channel_id: str,
    provenance: Provenance,
    limit: int = 5,
    model_version: str = MODEL_VERSION,
) -> tuple[Remembered, ...]:
    """Return what the channel remembers of this kind and provenance, nearest first: `limit` of it whenever that much exists.

    `vector` has 384 numbers made by `model_version`. Raises Invalid for another length or for numbers that are not finite.
    """
    if limit < 1:
        raise Invalid(f"limit: must be at least 1, is {limit}")
    values = {"channel": channel_id, "provenance": Provenance(provenance).value, "kind": kind, "model": model_version, "limit": limit}
    rows = session.execute(_NEAREST, {**values, "query": str(checked_vector(vector))})
    return tuple(
        Remembered(
            id=row.ref_id,
            kind=row.kind,
            text=row.text,
            similarity=min(1.0, max(0.0, row.similarity)),
            channel_id=row.channel_id,
            video_id=row.video_id,
        )
        for row in rows
    )


@dataclass(frozen=True)
class VectorRecall:
    """The memory of one channel within one provenance, for processes that may embed by themselves.

    Its methods are the `Recall` port's in synchronous form; the orchestrator, whose embedding is a job, calls `recall_by_vector`.
    """

    database: Database
    channel_id: str
    provenance: Provenance
    embed: Embed

    def topics(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return topics of earlier videos nearest to `text`, best first."""
        return self.search("topic", text, limit)

    def scripts(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return scripts of earlier videos nearest to `text`, best first."""
        return self.search("script", text, limit)

    def lessons(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return lessons that apply to `text`, best first."""
        return self.search("lesson", text, limit)

    def similarities(self, query: str, texts: tuple[str, ...]) -> tuple[float, ...]:
        """Return the cosine similarity of `query` to each of `texts`, in order."""
        if not texts:
            return ()
        vectors = self.embed([query, *texts])
        return tuple(float(value) for value in vectors[1:] @ vectors[0])

    def search(self, kind: str, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return what is remembered of this kind, nearest to `text` first."""
        (vector,) = self.embed([text]).tolist()
        with self.database.unit_of_work() as session:
            return recall_by_vector(session, kind, vector, channel_id=self.channel_id, provenance=self.provenance, limit=limit)

    def remember(self, kind: str, ref_id: str, text: str, video_id: str | None = None) -> None:
        """Remember a text of this channel and provenance; remembering the same reference again replaces it."""
        (vector,) = self.embed([text]).tolist()
        memory = Memory(kind, ref_id, text, self.channel_id, self.provenance, video_id)
        with self.database.unit_of_work() as session:
            remember_vector(session, memory, vector)


def checked_vector(vector: Vector) -> list[float]:
    """Return the numbers of a vector; raises Invalid for another length than 384, for numbers that are not finite and for nothing but zeros."""
    values = [float(value) for value in vector]
    if len(values) != DIMENSIONS or not all(isfinite(value) for value in values) or not any(values):
        raise Invalid(f"vector: must be {DIMENSIONS} finite numbers, not all zero; has {len(values)}")
    return values
