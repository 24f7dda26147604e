"""Incidents: trouble, and what was done about it when."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Empty, Key, Words, one_of

SEVERITIES = ("info", "warning", "critical")
INCIDENT_STATUSES = ("open", "acknowledged", "resolved")
ACTION_STATUSES = ("done", "wanted", "failed", "reversed")
MONITOR = "crisis_monitor"


class IncidentRecord(Record):
    """One piece of trouble; `timeline` only grows. An open incident with the same `key` is the same trouble.

    `signal` names where it was seen, `confidence` how sure that is; both are empty where whoever opened it knows nothing of the kind.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint(one_of("severity", SEVERITIES), name="severity"),
        CheckConstraint(one_of("status", INCIDENT_STATUSES), name="status"),
        CheckConstraint("(status = 'resolved') = (resolved_at is not null)", name="resolved_at"),
        CheckConstraint("confidence between 0 and 1", name="confidence"),
        Index("uq_incidents_open_key", "key", unique=True, postgresql_where=text("status <> 'resolved'")),
        Index("ix_incidents_opened", "opened_at", "id"),
        Index("ix_incidents_tenant_opened", "tenant_id", "opened_at", "id"),
    )

    id: Mapped[Key]
    key: Mapped[Words]
    kind: Mapped[Words]
    severity: Mapped[Words]
    status: Mapped[str] = mapped_column(Text, server_default=text("'open'"))
    summary: Mapped[Words]
    confidence: Mapped[float | None] = mapped_column(Float)
    signal: Mapped[Empty]
    channel_id: Mapped[str | None] = mapped_column(ForeignKey("channels.id"), index=True)
    # Taken from the channel or the run by the table itself; none for one of the studio.
    tenant_id: Mapped[str | None] = mapped_column(Text)
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    publication_id: Mapped[str | None] = mapped_column(ForeignKey("publications.id", ondelete="SET NULL"))
    timeline: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    opened_at: Mapped[Created]
    resolved_at: Mapped[datetime | None]


class IncidentActionRecord(Record):
    """One thing done, or wanted, in an incident: by whom, what was there before, and how it is taken back.

    The monitor does nothing by itself that cannot be taken back: the table refuses it.
    """

    __tablename__ = "incident_actions"
    __table_args__ = (
        UniqueConstraint("incident_id", "action", "target"),
        CheckConstraint(one_of("status", ACTION_STATUSES), name="status"),
        CheckConstraint("(status = 'reversed') = (reversed_at is not null)", name="reversed"),
        CheckConstraint(f"reversible or status <> 'done' or by <> {MONITOR!r}", name="automatic"),
        Index("ix_incident_actions_at", "at", "id"),
    )

    id: Mapped[Key]
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    action: Mapped[Words]
    target: Mapped[Words]
    status: Mapped[Words]
    by: Mapped[Words]
    why: Mapped[Empty]
    reversible: Mapped[bool]
    reversal: Mapped[Words]
    before: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    at: Mapped[Created]
    reversed_at: Mapped[datetime | None]
    reversed_by: Mapped[str | None] = mapped_column(Text)
