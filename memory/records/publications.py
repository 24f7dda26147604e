"""Publications: one outside effect each, walked through persisted states."""

from datetime import datetime
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Key, Words, one_of

# The order of an upload: each state is committed before the next outside call, so a restart knows where to look.
STEPS = ("intent", "session_open", "bytes_sent", "created", "described", "pictured", "released", "verified")
PUBLICATION_STATES = (*STEPS, "needs_human", "failed", "retracted")


class PublicationRecord(Record):
    """One video at one publisher; `key` is the idempotency key, so there is at most one row for an effect."""

    __tablename__ = "publications"
    __table_args__ = (
        CheckConstraint(one_of("state", PUBLICATION_STATES), name="state"),
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        Index("ix_publications_channel_created", "channel_id", "created_at", "id"),
        Index("ix_publications_tenant_created", "tenant_id", "created_at", "id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(Text, unique=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    # Taken from the channel by the table itself.
    tenant_id: Mapped[str] = mapped_column(Text)
    publisher: Mapped[Words]
    provenance: Mapped[Words]
    manifest_digest: Mapped[str] = mapped_column(CHAR(64))
    state: Mapped[str] = mapped_column(Text, server_default=text("'intent'"))
    history: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    external_id: Mapped[str | None] = mapped_column(Text)
    external_url: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    published_at: Mapped[datetime | None]
