"""Brakes: work that is held back for now."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from memory.records.base import Record
from memory.records.columns import Created, Key, Words


class BrakeRecord(Record):
    """One kind of work that is held back for now; it takes itself off at `expires_at`, so that whoever put it on may die."""

    __tablename__ = "brakes"

    scope: Mapped[Key]
    reason: Mapped[Words]
    put_by: Mapped[Words]
    put_at: Mapped[Created]
    expires_at: Mapped[datetime]
