"""Fingerprints: what a video is like, kept small, and every measurement of how alike two of them are."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Words, one_of

SAMENESS_STAGES = ("script", "thumbnail")


class FingerprintRecord(Record):
    """What one run's video is like; `published_at` is set once it was published, and others compare with it from its review on."""

    __tablename__ = "fingerprints"
    __table_args__ = (
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        Index("ix_fingerprints_channel", "channel_id", "provenance", "created_at", "run_id"),
        Index("ix_fingerprints_newest", "provenance", "created_at", "run_id"),
    )

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    provenance: Mapped[Words]
    title: Mapped[Words]
    body: Mapped[dict[str, Any]]
    published_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class SamenessCheckRecord(Record):
    """One measurement of a run against earlier videos: every measure with its limit, and whether all were kept."""

    __tablename__ = "sameness_checks"
    __table_args__ = (
        CheckConstraint(one_of("stage", SAMENESS_STAGES), name="stage"),
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        Index("ix_sameness_checks_channel", "channel_id", "provenance", "created_at"),
    )

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(Text, primary_key=True)
    iteration: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    provenance: Mapped[Words]
    passed: Mapped[bool]
    report: Mapped[dict[str, Any]]
    created_at: Mapped[Created]
