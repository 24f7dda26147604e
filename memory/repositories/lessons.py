"""Statements about lessons."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from infra.errors import NotFound
from memory.records.lessons import LessonRecord
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(LessonRecord.created_at, LessonRecord.id)


class LessonMissing(NotFound):
    """There is no lesson of that id."""

    code = "lesson_missing"


class LessonRepository:
    """What earlier videos taught; `memory.recall_search` finds those that apply."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def create(self, lesson: LessonRecord) -> LessonRecord:
        """Add a lesson."""
        self.session.add(lesson)
        self.session.flush()
        return lesson

    def get(self, lesson_id: str) -> LessonRecord:
        """Return the lesson; raises LessonMissing."""
        found = self.session.get(LessonRecord, lesson_id)
        if found is None:
            raise LessonMissing(f"lesson: {lesson_id!r} does not exist", lesson=lesson_id)
        return found

    def list_(self, channel_id: str, provenance: str, cursor: str | None = None, limit: int = 50) -> Page[LessonRecord]:
        """Return a channel's lessons of one provenance, newest first."""
        statement = select(LessonRecord).where(LessonRecord.channel_id == channel_id, LessonRecord.provenance == str(provenance))
        return _KEYSET.page(self.session, statement, cursor, limit)
