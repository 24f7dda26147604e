"""Events: what happened, as it is told to whoever watches."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Serial, Words


class EventRecord(Record):
    """One event, written by the tables themselves. `seq` counts the tenant's events without gaps; it is given after the transaction."""

    __tablename__ = "events"
    __table_args__ = (
        Index("uq_events_seq", "tenant_id", "seq", unique=True, postgresql_where=text("seq is not null")),
        Index("ix_events_waiting", "id", postgresql_where=text("seq is null")),
        Index("ix_events_at", "at"),
    )

    id: Mapped[Serial]
    tenant_id: Mapped[Words]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[Words]
    subject: Mapped[Words]
    channel_id: Mapped[str | None] = mapped_column(Text)
    run_id: Mapped[str | None] = mapped_column(Text)
    alert: Mapped[bool] = mapped_column(server_default=text("false"))
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class EventCounterRecord(Record):
    """The number of a tenant's newest event."""

    __tablename__ = "event_counters"

    tenant_id: Mapped[str] = mapped_column(Text, primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
