"""The cost ledger: every paid call, reserved before and settled after, in whole micro-dollars."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Empty, Key, Money, Words, one_of

COST_STATUSES = ("reserved", "settled", "released", "unknown")
_COUNTED = "case status when 'settled' then settled_microusd when 'released' then 0 else reserved_microusd end"


class CostEntryRecord(Record):
    """One call to a provider. `counted_microusd` is what it counts against limits: its worst case until settled.

    `call_key` names the logical call that this is an attempt of, `content_key` what a shared answer is found by, `answer` the stored answer.
    While the call is in flight its holder renews `lease_expires_at`.
    """

    __tablename__ = "cost_entries"
    __table_args__ = (
        CheckConstraint(one_of("status", COST_STATUSES), name="status"),
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        CheckConstraint("reserved_microusd >= 0 and settled_microusd >= 0", name="not_negative"),
        CheckConstraint("(status = 'settled') = (settled_microusd is not null)", name="settled"),
        Index("ix_cost_entries_tenant_day", "tenant_id", "day"),
        Index("ix_cost_entries_in_flight", "provider", "credential", postgresql_where=text("status = 'reserved'")),
        Index("ix_cost_entries_shared", "content_key", postgresql_where=text("content_key is not null")),
    )

    id: Mapped[Key]
    provider: Mapped[Words]
    operation: Mapped[Words]
    endpoint: Mapped[Empty]
    credential: Mapped[Empty]
    kind: Mapped[str] = mapped_column(Text, server_default=text("'other'"))
    provenance: Mapped[str] = mapped_column(Text, server_default=text("'real'"))
    status: Mapped[str] = mapped_column(Text, server_default=text("'reserved'"))
    outcome: Mapped[Empty]
    reserved_microusd: Mapped[Money]
    settled_microusd: Mapped[int | None] = mapped_column(BigInteger)
    counted_microusd: Mapped[int] = mapped_column(BigInteger, Computed(_COUNTED, persisted=True))
    usage: Mapped[dict[str, Any] | None]
    tenant_id: Mapped[Words]
    channel_id: Mapped[str | None] = mapped_column(Text, index=True)
    video_id: Mapped[str | None] = mapped_column(Text, index=True)
    run_id: Mapped[str | None] = mapped_column(Text, index=True)
    job_id: Mapped[str | None] = mapped_column(Text, index=True)
    call_key: Mapped[str | None] = mapped_column(Text, index=True)
    content_key: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    lease_expires_at: Mapped[datetime | None]
    day: Mapped[date] = mapped_column(server_default=text("(timezone('utc', now()))::date"))
    created_at: Mapped[Created]
    closed_at: Mapped[datetime | None]


class CostAccountRecord(Record):
    """What one scope (a run, a video, a tenant, a tenant's day) has spent or reserved: the row that reservations lock."""

    __tablename__ = "cost_accounts"
    __table_args__ = (CheckConstraint("counted_microusd >= 0", name="not_negative"),)

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    counted_microusd: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class CostAlertRecord(Record):
    """One account that passed 50, 80 or 100 percent of one limit: written once, by whichever reservation came first."""

    __tablename__ = "cost_alerts"
    __table_args__ = (CheckConstraint("percent in (50, 80, 100)", name="percent"), Index("ix_cost_alerts_raised", "raised_at"))

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    limit_microusd: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    percent: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counted_microusd: Mapped[Money]
    hard: Mapped[bool]
    raised_at: Mapped[Created]
