"""Owners who were asked for consent in the browser, and apart from that what turns an answer into a consent."""

from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Empty, Key, Words, one_of

CONSENT_REQUEST_STATES = ("asked", "answered", "connected", "failed")


class ConsentRequestRecord(Record):
    """One request: whose, for which channel, and what became of it. The state that comes back is known by its digest."""

    __tablename__ = "consent_requests"
    __table_args__ = (
        UniqueConstraint("state_digest"),
        CheckConstraint(one_of("status", CONSENT_REQUEST_STATES), name="status"),
        CheckConstraint("(status in ('connected', 'failed')) = (finished_at is not null)", name="finished"),
        Index("ix_consent_requests_channel", "channel_id", "created_at"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    user_id: Mapped[Words]
    state_digest: Mapped[str] = mapped_column(CHAR(64))
    redirect_uri: Mapped[Words]
    status: Mapped[str] = mapped_column(Text, server_default=text("'asked'"))
    reason: Mapped[Empty]
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ConsentSecretRecord(Record):
    """The verifier of a request (RFC 7636) and, once the owner answered, the code; in a table of its own so that reading it can be granted apart."""

    __tablename__ = "consent_secrets"

    request_id: Mapped[str] = mapped_column(ForeignKey("consent_requests.id", ondelete="CASCADE"), primary_key=True)
    verifier: Mapped[Words]
    code: Mapped[str | None] = mapped_column(Text)
