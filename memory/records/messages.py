"""Messages to the operator, and how each fares on its way to each address."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words, one_of

MESSAGE_SEVERITIES = ("info", "warning", "critical")
DELIVERY_STATUSES = ("waiting", "sent", "failed")


class MessageRecord(Record):
    """Something the operator should hear of; one `key` is told once. A trigger gives it to the tenant that it is about (migration 0028)."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint(one_of("severity", MESSAGE_SEVERITIES), name="severity"),
        Index("ix_messages_created", "created_at", "id"),
        Index("ix_messages_tenant_created", "tenant_id", "created_at", "id"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(Text, server_default=text("'tenant_local'"))
    key: Mapped[Words]
    kind: Mapped[Words]
    severity: Mapped[Words]
    subject: Mapped[Words]
    body: Mapped[Words]
    about: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    created_at: Mapped[Created]


class MessageDeliveryRecord(Record):
    """One message on its way to one address; `address` is a digest and `label` hides what is secret in it."""

    __tablename__ = "message_deliveries"
    __table_args__ = (
        CheckConstraint(one_of("status", DELIVERY_STATUSES), name="status"),
        CheckConstraint("(status = 'waiting') = (ended_at is null)", name="ended"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_message_deliveries_waiting", "next_at", postgresql_where=text("status = 'waiting'")),
    )

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[Key]
    label: Mapped[Words]
    status: Mapped[str] = mapped_column(Text, server_default=text("'waiting'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_expires_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
