"""Where events are sent, and each event on its way to each address."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Empty, Key, Words, one_of

WEBHOOK_STATUSES = ("waiting", "sent", "failed")


class WebhookEndpointRecord(Record):
    """One address, the kinds of events it wants, its sealed secrets, and how it fares: `rests_until` is how long nothing is tried there."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint("(old_secret is null) = (old_secret_until is null)", name="old"),
        CheckConstraint("failures >= 0", name="failures"),
        Index("ix_webhook_endpoints_tenant", "tenant_id", "created_at", "id"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    url: Mapped[Words]
    note: Mapped[Empty]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret: Mapped[Words]
    old_secret: Mapped[str | None] = mapped_column(Text)
    old_secret_until: Mapped[datetime | None]
    paused: Mapped[bool] = mapped_column(server_default=text("false"))
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    rests_until: Mapped[datetime | None]
    created_by: Mapped[Words]
    created_at: Mapped[Created]


class WebhookDeliveryRecord(Record):
    """One event for one address; `tries` is what came of each attempt."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint(one_of("status", WEBHOOK_STATUSES), name="status"),
        CheckConstraint("(status = 'waiting') = (ended_at is null)", name="ended"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_webhook_deliveries_waiting", "endpoint_id", "next_at", postgresql_where=text("status = 'waiting'")),
        Index("ix_webhook_deliveries_endpoint", "endpoint_id", "created_at", "id"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    kind: Mapped[Words]
    body: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(Text, server_default=text("'waiting'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_at: Mapped[datetime] = mapped_column(server_default=func.now())
    give_up_at: Mapped[datetime]
    lease_expires_at: Mapped[datetime | None]
    tries: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    created_at: Mapped[Created]
    ended_at: Mapped[datetime | None]
