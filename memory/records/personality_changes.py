"""Changes of personalities: proposed from what happened or by an operator, and true only once a person approved them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words, one_of

CHANGE_STATUSES = ("proposed", "approved", "applied", "rejected", "reverted")
EFFECTIVE = ("approved", "applied")


class PersonalityChangeRecord(Record):
    """One field of one channel's personality, from what to what and why; `applied` once a run was made with it."""

    __tablename__ = "personality_changes"
    __table_args__ = (
        CheckConstraint(one_of("status", CHANGE_STATUSES), name="status"),
        CheckConstraint(text("(status = 'proposed') = (decided_at is null)"), name="decided"),
        Index("ix_personality_changes_channel", "channel_id", "created_at", "id"),
        Index("uq_personality_changes_open", "channel_id", "field", unique=True, postgresql_where=text("status = 'proposed'")),
    )

    id: Mapped[Key]
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    field: Mapped[Words]
    value_from: Mapped[Any] = mapped_column(JSONB)
    value_to: Mapped[Any] = mapped_column(JSONB)
    why: Mapped[Words]
    evidence: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    status: Mapped[str] = mapped_column(Text, server_default=text("'proposed'"))
    proposed_by: Mapped[Words]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    applied_run_id: Mapped[str | None] = mapped_column(Text)
    applied_at: Mapped[datetime | None]
    created_at: Mapped[Created]
