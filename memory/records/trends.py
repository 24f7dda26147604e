"""Trends: topics the scout follows, every sighting of them, and the state of every source."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Empty, Key, Serial, Words, one_of

SOURCE_HEALTH = ("unknown", "ok", "failing", "dead")


class TrendTopicRecord(Record):
    """One story across sources; `scores` are the scout's newest figures for it."""

    __tablename__ = "trend_topics"
    __table_args__ = (
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        Index("ix_trend_topics_seen", "provenance", "last_seen_at", "id"),
    )

    id: Mapped[Key]
    label: Mapped[Words]
    category: Mapped[Empty]
    keywords: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    scores: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    provenance: Mapped[Words]
    first_seen_at: Mapped[Created]
    last_seen_at: Mapped[Created]


class TrendObservationRecord(Record):
    """One sighting of a story in one source at one time."""

    __tablename__ = "trend_observations"
    __table_args__ = (
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        UniqueConstraint("source_id", "url", "seen_at", "provenance"),
        Index("ix_trend_observations_topic_seen", "topic_id", "seen_at"),
        Index("ix_trend_observations_seen", "provenance", "seen_at", "id"),
    )

    id: Mapped[Serial]
    topic_id: Mapped[str | None] = mapped_column(ForeignKey("trend_topics.id", ondelete="SET NULL"))
    source_id: Mapped[Words]
    category: Mapped[Empty]
    title: Mapped[Words]
    summary: Mapped[Empty]
    url: Mapped[Words]
    published_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    strength: Mapped[float | None]
    strength_unit: Mapped[Empty]
    provenance: Mapped[Words]


class SourceStateRecord(Record):
    """What the last fetch of a source left: validators for a conditional GET, and its health."""

    __tablename__ = "source_states"
    __table_args__ = (CheckConstraint(one_of("health", SOURCE_HEALTH), name="health"),)

    source_id: Mapped[Key]
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    last_fetched_at: Mapped[datetime | None]
    last_succeeded_at: Mapped[datetime | None]
    next_fetch_at: Mapped[datetime | None]
    health: Mapped[str] = mapped_column(Text, server_default=text("'unknown'"))
    consecutive_failures: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[str | None] = mapped_column(Text)
