"""The audit trail: who did what, append-only, and the seals that chain it by hashes."""

from datetime import datetime

from sqlalchemy import CHAR, BigInteger, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Serial, Words


class AuditEventRecord(Record):
    """One event, of a tenant or of the studio itself. A trigger refuses every change and deletion."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_tenant", "tenant_id", "id"),)

    id: Mapped[Serial]
    tenant_id: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[Words]
    action: Mapped[Words]
    subject: Mapped[Words]
    # Text, not jsonb: the hash covers these exact bytes, and jsonb rewrites numbers.
    details: Mapped[Words]


class AuditSealRecord(Record):
    """The place of one event in the chain; `hash` covers the event, its place and the hash before it."""

    __tablename__ = "audit_seals"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    previous_hash: Mapped[str] = mapped_column(CHAR(64))
    hash: Mapped[str] = mapped_column(CHAR(64), unique=True)
    sealed_at: Mapped[Created]


class AuditUnsealedRecord(Record):
    """An event that the sealer has not come to yet; a trigger adds it with the event."""

    __tablename__ = "audit_unsealed"

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
