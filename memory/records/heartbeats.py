"""Heartbeats: the last sign of life of each lasting process, and of its progress."""

from typing import Any

from sqlalchemy import CheckConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key


class HeartbeatRecord(Record):
    """One process by name. `progress` names what it works on, and `progress_at` is when that last changed; without work there is none."""

    __tablename__ = "heartbeats"
    __table_args__ = (CheckConstraint("within_s > 0", name="within"),)

    name: Mapped[Key]
    at: Mapped[Created]
    progress: Mapped[str | None] = mapped_column(Text)
    progress_at: Mapped[Created]
    within_s: Mapped[float] = mapped_column(server_default=text("'60'"))
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
