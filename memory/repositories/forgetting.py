"""Forgetting by source: what is remembered of a run, a video, a lesson, a document, a feed, or of everything that a platform told about a channel."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from infra.errors import NotFound
from memory.records.artifacts import ArtifactRecord
from memory.records.embeddings import EmbeddingRecord
from memory.records.lessons import LessonRecord
from memory.records.readings import ReadingRecord, ReadingTraceRecord
from memory.records.trends import TrendSightingRecord, TrendTopicRecord
from memory.repositories.readings import ReadingRepository

T = TypeVar("T")


class NothingRemembered(NotFound):
    """Nothing is remembered of that source."""

    code = "nothing_remembered"


@dataclass(frozen=True)
class Source:
    """What is to be forgotten: `ref` of a `kind`. For a document or feed, `runs` are the productions that cite it."""

    kind: str
    ref: str
    runs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref}"


@dataclass(frozen=True)
class Forgotten:
    """How much goes: texts that are found by meaning, lessons, readings of a platform, where a feed was seen, and topics that only it carried."""

    texts: int = 0
    lessons: int = 0
    readings: int = 0
    sightings: int = 0
    topics: int = 0


@dataclass(frozen=True)
class Reach:
    """What is remembered of one source: texts and lessons by id, and how much that goes by its channel or feed, which may be many rows."""

    source: Source
    texts: tuple[int, ...] = ()
    lessons: tuple[str, ...] = ()
    readings: int = 0
    sightings: int = 0
    topics: int = 0

    @property
    def counted(self) -> Forgotten:
        """How much that is."""
        return Forgotten(len(self.texts), len(self.lessons), self.readings, self.sightings, self.topics)


class ForgettingRepository:
    """Makes the studio forget, inside one unit of work. Scripts, videos, costs and the audit trail are no memory and stay."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def cited(self) -> tuple[tuple[str, str], ...]:
        """Return, for each production of which something is remembered, the digests of what its drafts cited, as pairs of run and digest."""
        is_told = select(EmbeddingRecord.id).where(EmbeddingRecord.kind != "lesson", EmbeddingRecord.ref_id == ArtifactRecord.run_id).exists()
        has_taught = select(LessonRecord.id).where(LessonRecord.run_id == ArtifactRecord.run_id).exists()
        pairs = select(ArtifactRecord.run_id, ArtifactRecord.digest).where(ArtifactRecord.kind == "cited", or_(is_told, has_taught))
        return tuple((str(run), str(digest)) for run, digest in self._session.execute(pairs.order_by(ArtifactRecord.id)))

    def reach(self, source: Source) -> Reach:
        """Return what is remembered of a source, and change nothing; raises NothingRemembered."""
        found = self._of_platform(source) if source.kind == "platform" else self._of(source)
        if found.counted == Forgotten():
            raise NothingRemembered(f"source: nothing is remembered of {source}", source=str(source))
        return found

    def forget(self, found: Reach) -> None:
        """Forget what was found of a source, so that no run recalls it."""
        if found.source.kind == "platform":
            ReadingRepository(self._session, self._now).forget(found.source.ref)
            return
        self._session.execute(delete(EmbeddingRecord).where(EmbeddingRecord.id.in_(found.texts)))
        self._session.execute(delete(ReadingTraceRecord).where(ReadingTraceRecord.place == "lesson", ReadingTraceRecord.ref.in_(found.lessons)))
        self._session.execute(delete(LessonRecord).where(LessonRecord.id.in_(found.lessons)))
        if found.source.kind == "feed":
            # Topics that others carry as well stay, without what this feed said of them.
            self._session.execute(delete(TrendTopicRecord).where(_only_of(found.source.ref)))
            self._session.execute(delete(TrendSightingRecord).where(TrendSightingRecord.source_id == found.source.ref))

    def _of(self, source: Source) -> Reach:
        runs = (source.ref,) if source.kind == "run" else source.runs
        whose: dict[str, ColumnElement[bool]] = {"video": LessonRecord.video_id == source.ref, "lesson": LessonRecord.id == source.ref}
        lessons = self._ids(select(LessonRecord.id).where(whose.get(source.kind, LessonRecord.run_id.in_(runs))))
        taught = and_(EmbeddingRecord.kind == "lesson", EmbeddingRecord.ref_id.in_(lessons))
        # Topics and scripts are remembered under the run that told them.
        told = EmbeddingRecord.video_id == source.ref if source.kind == "video" else and_(EmbeddingRecord.kind != "lesson", EmbeddingRecord.ref_id.in_(runs))
        texts = self._ids(select(EmbeddingRecord.id).where(taught if source.kind == "lesson" else or_(taught, told)))
        if source.kind != "feed":
            return Reach(source, texts, lessons)
        seen = self._count(select(TrendSightingRecord.id).where(TrendSightingRecord.source_id == source.ref))
        return Reach(source, texts, lessons, sightings=seen, topics=self._count(select(TrendTopicRecord.id).where(_only_of(source.ref))))

    def _of_platform(self, source: Source) -> Reach:
        readings = self._count(select(ReadingRecord.id).where(ReadingRecord.channel_id == source.ref))
        traced = select(ReadingTraceRecord.ref).where(ReadingTraceRecord.place == "lesson", ReadingTraceRecord.channel_id == source.ref)
        lessons = self._ids(select(LessonRecord.id).where(LessonRecord.id.in_(traced)))
        texts = self._ids(select(EmbeddingRecord.id).where(EmbeddingRecord.kind == "lesson", EmbeddingRecord.ref_id.in_(lessons)))
        return Reach(source, texts, lessons, readings)

    def _ids(self, statement: Select[T]) -> tuple[T, ...]:
        return tuple(self._session.scalars(statement))

    def _count(self, statement: Select[T]) -> int:
        return self._session.scalars(select(func.count()).select_from(statement.subquery())).one()


def _only_of(feed: str) -> ColumnElement[bool]:
    """Return what is true of topics that this feed carried, and no other source."""
    seen = select(TrendSightingRecord.id).where(TrendSightingRecord.topic_id == TrendTopicRecord.id)
    return and_(seen.where(TrendSightingRecord.source_id == feed).exists(), ~seen.where(TrendSightingRecord.source_id != feed).exists())
