"""Polls: when a publication is looked at next, between its scheduled checks."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import one_of

POLL_STATUSES = ("live", "over")


class PollRecord(Record):
    """The standing look at one publication; `state` is what the last one must tell the next, and never a figure or a word of a platform."""

    __tablename__ = "polls"
    __table_args__ = (
        CheckConstraint(one_of("status", POLL_STATUSES), name="status"),
        Index("ix_polls_due", "next_at", postgresql_where=text("status = 'live'")),
    )

    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"), index=True)
    status: Mapped[str] = mapped_column(Text, server_default=text("'live'"))
    next_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    count: Mapped[int] = mapped_column(server_default=text("0"))
    lease_expires_at: Mapped[datetime | None]
    state: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    error: Mapped[str | None] = mapped_column(Text)
