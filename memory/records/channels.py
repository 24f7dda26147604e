"""Channels: what the studio runs, each with a personality and a degree of human control."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words, one_of

AUTONOMY_LEVELS = ("manual", "review", "policy", "autonomous")


class ChannelRecord(Record):
    """One channel; while `paused` nothing new starts or is published, and `paused_reason` says why.

    Until `held_until` its queue is held: what is being made goes on, and nothing is published. `budget_day_microusd` is what it may
    spend in one UTC day; null: only the studio's own limits count. With `two_person`, two people must accept what is published.
    """

    __tablename__ = "channels"
    __table_args__ = (
        CheckConstraint(one_of("autonomy", AUTONOMY_LEVELS), name="autonomy"),
        CheckConstraint("paused = (paused_reason is not null)", name="paused_reason"),
        CheckConstraint("(held_until is null) = (held_reason is null)", name="held_reason"),
        CheckConstraint("budget_day_microusd >= 0", name="budget_day"),
        Index("ix_channels_tenant_created", "tenant_id", "created_at", "id"),
    )

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    name: Mapped[Words]
    personality_id: Mapped[Words]
    autonomy: Mapped[str] = mapped_column(Text, server_default=text("'review'"))
    paused: Mapped[bool] = mapped_column(server_default=text("false"))
    paused_reason: Mapped[str | None] = mapped_column(Text)
    paused_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    held_reason: Mapped[str | None] = mapped_column(Text)
    budget_day_microusd: Mapped[int | None] = mapped_column(BigInteger)
    two_person: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
