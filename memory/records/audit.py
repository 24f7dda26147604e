"""The audit trail: who did what, append-only and chained by hashes."""

from datetime import datetime

from sqlalchemy import CHAR, BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Words


class AuditEventRecord(Record):
    """One event; `hash` covers the row and the hash before it. A trigger refuses every change and deletion."""

    __tablename__ = "audit_events"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[Words]
    action: Mapped[Words]
    subject: Mapped[Words]
    # Text, not jsonb: the hash covers these exact bytes, and jsonb rewrites numbers.
    details: Mapped[Words]
    previous_hash: Mapped[str] = mapped_column(CHAR(64))
    hash: Mapped[str] = mapped_column(CHAR(64), unique=True)
