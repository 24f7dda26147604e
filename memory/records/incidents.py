"""Incidents: trouble, and what was done about it when."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words, one_of

SEVERITIES = ("info", "warning", "critical")
INCIDENT_STATUSES = ("open", "acknowledged", "resolved")


class IncidentRecord(Record):
    """One piece of trouble; `timeline` only grows. An open incident with the same `key` is the same trouble."""

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint(one_of("severity", SEVERITIES), name="severity"),
        CheckConstraint(one_of("status", INCIDENT_STATUSES), name="status"),
        CheckConstraint("(status = 'resolved') = (resolved_at is not null)", name="resolved_at"),
        Index("uq_incidents_open_key", "key", unique=True, postgresql_where=text("status <> 'resolved'")),
        Index("ix_incidents_opened", "opened_at", "id"),
    )

    id: Mapped[Key]
    key: Mapped[Words]
    kind: Mapped[Words]
    severity: Mapped[Words]
    status: Mapped[str] = mapped_column(Text, server_default=text("'open'"))
    summary: Mapped[Words]
    channel_id: Mapped[str | None] = mapped_column(ForeignKey("channels.id"), index=True)
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    publication_id: Mapped[str | None] = mapped_column(ForeignKey("publications.id", ondelete="SET NULL"))
    timeline: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    opened_at: Mapped[Created]
    resolved_at: Mapped[datetime | None]
