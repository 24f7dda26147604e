"""Autonomous runs: a fleet of channels for some hours, woken again and again; and what they reported."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Key, Money, Words, one_of

AUTONOMOUS_STATUSES = ("planning", "running", "paused", "stopping", "ended")
REPORT_KINDS = ("morning", "final")


class AutonomousRunRecord(Record):
    """One autonomous run. A wake-up holds the lease and names its token with every write; an operator writes without one.

    `revision` counts the operator's edits of `request`; `notes` is what wake-ups tell each other; `takeovers` counts how often the present wake-up
    was taken over from a conductor that died in it.
    """

    __tablename__ = "autonomous_runs"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint(one_of("status", AUTONOMOUS_STATUSES), name="status"),
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        CheckConstraint("budget_microusd >= 0", name="budget"),
        CheckConstraint("ends_at > starts_at", name="period"),
        CheckConstraint("(status = 'ended') = (ended_at is not null)", name="ended"),
        CheckConstraint("status <> 'paused' or paused_reason is not null", name="paused_reason"),
        Index("ix_autonomous_runs_due", "wake_at", "id", postgresql_where=text("status <> 'ended'")),
        Index("ix_autonomous_runs_created", "created_at", "id"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    key: Mapped[Words]
    status: Mapped[str] = mapped_column(Text, server_default=text("'planning'"))
    request: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    provenance: Mapped[Words]
    budget_microusd: Mapped[Money]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    wake_at: Mapped[datetime | None]
    wakes: Mapped[int] = mapped_column(server_default=text("0"))
    woken_at: Mapped[datetime | None]
    takeovers: Mapped[int] = mapped_column(server_default=text("0"))
    notes: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    paused_reason: Mapped[str | None] = mapped_column(Text)
    stop_reason: Mapped[str | None] = mapped_column(Text)
    ended_reason: Mapped[str | None] = mapped_column(Text)
    lease_owner: Mapped[str | None] = mapped_column(Text)
    lease_token: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    lease_expires_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    ended_at: Mapped[datetime | None]


class ReportAddressRecord(Record):
    """The addresses of its own to which an autonomous run reports; they hold secrets, and lie apart from what a tenant's request may read."""

    __tablename__ = "report_addresses"

    autonomous_run_id: Mapped[str] = mapped_column(ForeignKey("autonomous_runs.id", ondelete="CASCADE"), primary_key=True)
    addresses: Mapped[list[Any]]


class RunReportRecord(Record):
    """One report of an autonomous run; `key` keeps it from being written twice."""

    __tablename__ = "run_reports"
    __table_args__ = (
        UniqueConstraint("autonomous_run_id", "key"),
        CheckConstraint(one_of("kind", REPORT_KINDS), name="kind"),
    )

    id: Mapped[Key]
    autonomous_run_id: Mapped[str] = mapped_column(ForeignKey("autonomous_runs.id", ondelete="CASCADE"))
    key: Mapped[Words]
    kind: Mapped[Words]
    covers_from: Mapped[datetime]
    covers_to: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    text: Mapped[Words]
    created_at: Mapped[Created]
