"""Repeated requests: what was answered to the first, and which signed ones came in already."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Words


class IdempotencyRecord(Record):
    """One request by its sender, route and key: the answer it was given, or until when the first is believed to be under way."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        CheckConstraint("(status is null) = (claimed_until is not null) and (status is null) = (body is null)", name="answered"),
        Index("ix_idempotency_keys_created", "created_at"),
    )

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    principal: Mapped[str] = mapped_column(Text, primary_key=True)
    route: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_digest: Mapped[Words]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    body: Mapped[str | None] = mapped_column(Text)
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[Created]


class WebhookNonceRecord(Record):
    """One signed request that was taken."""

    __tablename__ = "webhook_nonces"
    __table_args__ = (Index("ix_webhook_nonces_seen", "seen_at"),)

    door: Mapped[str] = mapped_column(Text, primary_key=True)
    nonce: Mapped[str] = mapped_column(Text, primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
