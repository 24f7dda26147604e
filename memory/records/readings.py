"""Readings: what a platform told about a publication, with the moment it must be gone; and where something rests on them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.readings import KINDS
from memory.records.base import Record
from memory.records.columns import PROVENANCES, Key, Words, one_of

TRACE_PLACES = ("lesson", "personality_change")


class ReadingRecord(Record):
    """One thing read from a platform; reading it again renews it in place, and no row outlives 30 days after that."""

    __tablename__ = "readings"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        CheckConstraint(text("expires_at <= fetched_at + interval '30 days'"), name="life"),
        UniqueConstraint("channel_id", "kind", "key"),
        Index("ix_readings_publication", "publication_id", "kind"),
        Index("ix_readings_expires_at", "expires_at"),
    )

    id: Mapped[Key]
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    publication_id: Mapped[str | None] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"))
    provenance: Mapped[Words]
    kind: Mapped[Words]
    key: Mapped[Words]
    body: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(CHAR(64))
    covers: Mapped[date | None]
    fetched_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ReadingTraceRecord(Record):
    """Something that rests on readings, such as a lesson, and goes when they go."""

    __tablename__ = "reading_traces"
    __table_args__ = (CheckConstraint(one_of("place", TRACE_PLACES), name="place"), Index("ix_reading_traces_expires_at", "expires_at"))

    place: Mapped[str] = mapped_column(Text, primary_key=True)
    ref: Mapped[str] = mapped_column(Text, primary_key=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
