"""Sessions of people, tokens of programs, and tickets that open a socket."""

from datetime import datetime
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Empty, Key, Words


class SessionRecord(Record):
    """One sign-in, which is a family of refresh tokens: `number` counts them, `salt` makes them this row's only.

    `confirmed_at` is when its person last showed their password. It ends when it is signed out, revoked, or a used token is presented again.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("(ended_at is null) = (ended_why is null)", name="ended"),
        Index("ix_sessions_user", "user_id", "created_at", "id"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    salt: Mapped[Words]
    number: Mapped[int] = mapped_column(server_default=text("0"))
    address: Mapped[Empty]
    agent: Mapped[Empty]
    created_at: Mapped[Created]
    rotated_at: Mapped[Created]
    confirmed_at: Mapped[Created]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(Text)


class ApiTokenRecord(Record):
    """A program's token: what it may do is `scopes`, and never more than its owner may. Only the SHA-256 is kept; `prefix` tells it from others."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index("ix_api_tokens_user", "user_id", "created_at", "id"),)

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[Words]
    prefix: Mapped[Words]
    digest: Mapped[str] = mapped_column(CHAR(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[Created]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SocketTicketRecord(Record):
    """A right to open one socket, once and soon, for whoever asked for it."""

    __tablename__ = "socket_tickets"
    __table_args__ = (CheckConstraint("num_nonnulls(session_id, api_token_id) = 1", name="via"),)

    digest: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    tenant_id: Mapped[Words]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    api_token_id: Mapped[str | None] = mapped_column(ForeignKey("api_tokens.id", ondelete="CASCADE"))
    address: Mapped[Empty]
    expires_at: Mapped[datetime] = mapped_column(index=True)
