"""Lessons: what an earlier video taught a channel."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Key, Words, one_of

_EMPTY = sql("'{}'::jsonb")


class LessonRecord(Record):
    """One sentence to remember, with the figures it rests on."""

    __tablename__ = "lessons"
    __table_args__ = (
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        Index("ix_lessons_channel_created", "channel_id", "created_at", "id"),
    )

    id: Mapped[Key]
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    video_id: Mapped[str | None] = mapped_column(ForeignKey("videos.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    text: Mapped[Words]
    evidence: Mapped[dict[str, Any]] = mapped_column(server_default=_EMPTY)
    provenance: Mapped[Words]
    created_at: Mapped[Created]
