"""Forgetting by source: what is remembered of one run, one video, one lesson, or of everything that a platform told about a channel."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from infra.errors import NotFound
from memory.records.embeddings import EmbeddingRecord
from memory.records.lessons import LessonRecord
from memory.records.readings import ReadingTraceRecord
from memory.repositories.readings import ReadingRepository


class NothingRemembered(NotFound):
    """Nothing is remembered of that source."""

    code = "nothing_remembered"


@dataclass(frozen=True)
class Forgotten:
    """How much went: texts that were found by meaning, lessons, and readings of a platform."""

    texts: int
    lessons: int
    readings: int


class ForgettingRepository:
    """Makes the studio forget, inside one unit of work. Scripts, videos, costs and the audit trail are no memory and stay."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def forget(self, kind: str, ref: str) -> Forgotten:
        """Forget what came from one source, so that no run recalls it; raises NothingRemembered."""
        if kind == "platform":
            before = self._lessons(LessonRecord.channel_id == ref)
            gone = ReadingRepository(self._session, self._now).forget(ref)
            after = self._lessons(LessonRecord.channel_id == ref)
            found = Forgotten(0, before - after, gone.readings)
        else:
            found = self._of(kind, ref)
        if found == Forgotten(0, 0, 0):
            raise NothingRemembered(f"source: nothing is remembered of {kind}:{ref}", source=f"{kind}:{ref}")
        return found

    def _of(self, kind: str, ref: str) -> Forgotten:
        whose: dict[str, ColumnElement[bool]] = {
            "run": LessonRecord.run_id == ref,
            "video": LessonRecord.video_id == ref,
            "lesson": LessonRecord.id == ref,
        }
        lessons = list(self._session.scalars(select(LessonRecord.id).where(whose[kind])))
        taught = and_(EmbeddingRecord.kind == "lesson", EmbeddingRecord.ref_id.in_(lessons))
        # Topics and scripts are remembered under the run that told them.
        told = and_(EmbeddingRecord.kind != "lesson", EmbeddingRecord.ref_id == ref) if kind == "run" else EmbeddingRecord.video_id == ref
        texts = self._session.execute(delete(EmbeddingRecord).where(taught if kind == "lesson" else or_(taught, told)))
        self._session.execute(delete(ReadingTraceRecord).where(ReadingTraceRecord.place == "lesson", ReadingTraceRecord.ref.in_(lessons)))
        self._session.execute(delete(LessonRecord).where(LessonRecord.id.in_(lessons)))
        counted: Any = texts
        return Forgotten(int(counted.rowcount), len(lessons), 0)

    def _lessons(self, whose: ColumnElement[bool]) -> int:
        return self._session.scalars(select(func.count()).select_from(LessonRecord).where(whose)).one()
