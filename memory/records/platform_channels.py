"""Platform channels: which channel of the outside platform a studio channel publishes to, and its owner's sealed consent."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Words, one_of

CONSENT_STATES = ("active", "needs_owner")


class PlatformChannelRecord(Record):
    """A connection that an owner consented to; `project` is the one OAuth client that all of them belong to."""

    __tablename__ = "platform_channels"
    __table_args__ = (CheckConstraint(one_of("state", CONSENT_STATES), name="state"),)

    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    external_id: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[Words]
    project: Mapped[Words]
    provenance: Mapped[Words]
    uploads_playlist: Mapped[Words]
    scopes: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(Text, server_default=text("'active'"))
    reason: Mapped[str] = mapped_column(Text, server_default=text("''"))
    connected_at: Mapped[Created]
    verified_at: Mapped[datetime | None]


class ChannelTokenRecord(Record):
    """The sealed refresh token of a connection, in a table of its own so that reading it can be granted apart."""

    __tablename__ = "channel_tokens"

    channel_id: Mapped[str] = mapped_column(ForeignKey("platform_channels.channel_id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[Words]
    updated_at: Mapped[Created]
