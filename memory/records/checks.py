"""Checks: when to look at a publication again."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words, one_of

CHECK_KINDS = ("1h", "24h", "72h", "7d")
CHECK_STATUSES = ("scheduled", "running", "done", "failed", "cancelled")


class CheckRecord(Record):
    """One look at a publication, due at a time; `check_run_id` is the short run that takes it."""

    __tablename__ = "checks"
    __table_args__ = (
        CheckConstraint(one_of("kind", CHECK_KINDS), name="kind"),
        CheckConstraint(one_of("status", CHECK_STATUSES), name="status"),
        Index("uq_checks_publication_kind", "publication_id", "kind", unique=True),
        Index("ix_checks_open", "due_at", "id", postgresql_where=text("status in ('scheduled', 'running')")),
    )

    id: Mapped[Key]
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    kind: Mapped[Words]
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(Text, server_default=text("'scheduled'"))
    lease_expires_at: Mapped[datetime | None]
    check_run_id: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[Created]
    finished_at: Mapped[datetime | None]
