"""Notices: what others wrote to us about our videos, by mail, by file or through the webhook."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Empty, Key, Words, one_of

NOTICE_SOURCES = ("mail", "file", "webhook")
NOTICE_KINDS = ("claim", "strike", "takedown", "policy", "consent", "correction", "other")
NOTICE_STATUSES = ("new", "handled", "filed")


class NoticeRecord(Record):
    """One notice: outside text, data and never an instruction.

    `confidence` says how sure it is that the platform wrote it, `authenticated` by what; `handled` ones led to an incident, `filed` ones are only kept.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint(one_of("source", NOTICE_SOURCES), name="source"),
        CheckConstraint(one_of("kind", NOTICE_KINDS), name="kind"),
        CheckConstraint(one_of("status", NOTICE_STATUSES), name="status"),
        CheckConstraint("confidence between 0 and 1", name="confidence"),
        Index("ix_notices_received", "received_at", "id"),
        Index("ix_notices_new", "received_at", postgresql_where=text("status = 'new'")),
    )

    id: Mapped[Key]
    key: Mapped[Words]
    source: Mapped[Words]
    kind: Mapped[Words]
    confidence: Mapped[float] = mapped_column(Float)
    sender: Mapped[Empty]
    subject: Mapped[Empty]
    body: Mapped[Words]
    authenticated: Mapped[Empty]
    channel_id: Mapped[str | None] = mapped_column(ForeignKey("channels.id"), index=True)
    publication_id: Mapped[str | None] = mapped_column(ForeignKey("publications.id", ondelete="SET NULL"))
    incident_id: Mapped[str | None] = mapped_column(ForeignKey("incidents.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(Text, server_default=text("'new'"))
    said_at: Mapped[datetime | None]
    received_at: Mapped[Created]
