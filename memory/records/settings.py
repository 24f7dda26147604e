"""Settings that a person changed while the studio runs."""

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words


class SettingRecord(Record):
    """One setting by the name that the environment gives it; its row stands over the environment."""

    __tablename__ = "settings"

    name: Mapped[Key]
    value: Mapped[Any] = mapped_column(JSONB)
    changed_by: Mapped[Words]
    changed_at: Mapped[Created]
