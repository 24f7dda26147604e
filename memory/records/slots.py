"""Slots: the planned publications of an autonomous run."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words, one_of

SLOT_STATUSES = ("planned", "launched", "asked", "published", "missed", "skipped", "cancelled", "failed")
SLOT_OPEN = ("planned", "launched", "asked")


class SlotRecord(Record):
    """One planned publication. `key` names it within its run, so planning again plans nothing twice; `history` only grows.

    `asked` waits for a person to say whether to catch up; `launched` has the one production run that serves it.
    """

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("autonomous_run_id", "key"),
        UniqueConstraint("production_run_id"),
        CheckConstraint(one_of("status", SLOT_STATUSES), name="status"),
        CheckConstraint("priority in (1, 5, 10)", name="priority"),
        CheckConstraint("status not in ('launched', 'published') or production_run_id is not null", name="launched"),
        CheckConstraint("(status in ('planned', 'launched', 'asked')) = (finished_at is null)", name="finished"),
        Index("ix_slots_publish", "autonomous_run_id", "publish_at", "id"),
        Index("ix_slots_channel_publish", "channel_id", "publish_at"),
        Index("ix_slots_open", "status", "launch_at", postgresql_where=text("status in ('planned', 'launched', 'asked')")),
    )

    id: Mapped[Key]
    autonomous_run_id: Mapped[str] = mapped_column(ForeignKey("autonomous_runs.id", ondelete="CASCADE"))
    key: Mapped[Words]
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    status: Mapped[str] = mapped_column(Text, server_default=text("'planned'"))
    priority: Mapped[int] = mapped_column(server_default=text("1"))
    publish_at: Mapped[datetime]
    launch_at: Mapped[datetime]
    retry_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    production_run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("tasks.id"))
    why: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    history: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    created_at: Mapped[Created]
    launched_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
