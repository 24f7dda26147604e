"""Findings: what each of the watchdog's checks last said."""

from typing import Any

from sqlalchemy import CheckConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Empty, Key, one_of

FINDING_STATUSES = ("ok", "warning", "critical", "unknown")


class FindingRecord(Record):
    """One check by name: a single row, renewed in place. `since` is when its status last changed."""

    __tablename__ = "findings"
    __table_args__ = (CheckConstraint(one_of("status", FINDING_STATUSES), name="status"),)

    name: Mapped[Key]
    status: Mapped[str] = mapped_column(Text)
    said: Mapped[Empty]
    fix: Mapped[Empty]
    reading: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    since: Mapped[Created]
    at: Mapped[Created]
