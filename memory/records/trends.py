"""Trends: topics the scout follows, where each was seen, what its attention measured, and the state of every source."""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Empty, Key, Serial, Words, one_of
from memory.records.embeddings import DIMENSIONS

SOURCE_HEALTH = ("unknown", "ok", "failing", "dead")


class TrendTopicRecord(Record):
    """One story of a tenant across sources and collections; `vector` is the meaning of its label, `scores` and `outlook` are the scout's newest."""

    __tablename__ = "trend_topics"
    __table_args__ = (
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        Index("ix_trend_topics_seen", "tenant_id", "provenance", "last_seen_at", "id"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    provenance: Mapped[Words]
    label: Mapped[Words]
    category: Mapped[Empty]
    keywords: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    scores: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    outlook: Mapped[dict[str, Any] | None]
    model: Mapped[Words]
    vector: Mapped[Any] = mapped_column(HALFVEC(DIMENSIONS))
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class TrendSightingRecord(Record):
    """One address at which a source carried a story, and how long it did."""

    __tablename__ = "trend_sightings"
    __table_args__ = (UniqueConstraint("topic_id", "source_id", "url"), Index("ix_trend_sightings_url", "url"))

    id: Mapped[Serial]
    topic_id: Mapped[str] = mapped_column(ForeignKey("trend_topics.id", ondelete="CASCADE"))
    source_id: Mapped[Words]
    source_name: Mapped[Words]
    kind: Mapped[Empty]
    url: Mapped[Words]
    title: Mapped[Words]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class TrendObservationRecord(Record):
    """One value of one series of a topic's attention at one time."""

    __tablename__ = "trend_observations"
    __table_args__ = (CheckConstraint("value >= 0", name="not_negative"), UniqueConstraint("topic_id", "series", "at"))

    id: Mapped[Serial]
    topic_id: Mapped[str] = mapped_column(ForeignKey("trend_topics.id", ondelete="CASCADE"))
    series: Mapped[Words]
    at: Mapped[datetime]
    value: Mapped[float]
    unit: Mapped[Words]


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
