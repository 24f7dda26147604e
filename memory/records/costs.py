"""The cost ledger: every paid call, reserved before and settled after, in whole micro-dollars."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Money, Words, one_of

COST_STATUSES = ("reserved", "settled", "released", "unknown")
_COUNTED = "case status when 'settled' then settled_microusd when 'released' then 0 else reserved_microusd end"


class CostEntryRecord(Record):
    """One call to a provider. `counted_microusd` is what it counts against limits: its worst case until settled."""

    __tablename__ = "cost_entries"
    __table_args__ = (
        CheckConstraint(one_of("status", COST_STATUSES), name="status"),
        CheckConstraint("reserved_microusd >= 0 and settled_microusd >= 0", name="not_negative"),
        CheckConstraint("(status = 'settled') = (settled_microusd is not null)", name="settled"),
        Index("ix_cost_entries_tenant_day", "tenant_id", "day"),
    )

    id: Mapped[Key]
    provider: Mapped[Words]
    operation: Mapped[Words]
    status: Mapped[str] = mapped_column(Text, server_default=text("'reserved'"))
    reserved_microusd: Mapped[Money]
    settled_microusd: Mapped[int | None] = mapped_column(BigInteger)
    counted_microusd: Mapped[int] = mapped_column(BigInteger, Computed(_COUNTED, persisted=True))
    usage: Mapped[dict[str, Any] | None]
    tenant_id: Mapped[Words]
    channel_id: Mapped[str | None] = mapped_column(Text, index=True)
    video_id: Mapped[str | None] = mapped_column(Text, index=True)
    run_id: Mapped[str | None] = mapped_column(Text, index=True)
    job_id: Mapped[str | None] = mapped_column(Text, index=True)
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
