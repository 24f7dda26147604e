"""Outcomes: what was predicted of a publication, and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Key, Words, one_of


class OutcomeRecord(Record):
    """One publication's outcome: `predicted` is fixed when it is published, `happened` and `difference` when its last look was made.

    What a platform told stands in `happened` as references to readings only, which end when the readings do.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        CheckConstraint(text("(settled_at is null) = (happened is null)"), name="settled"),
        Index("ix_outcomes_channel", "channel_id", "provenance", "predicted_at", "id"),
    )

    id: Mapped[Key]
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"), unique=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    provenance: Mapped[Words]
    predicted: Mapped[dict[str, Any]]
    predicted_at: Mapped[Created]
    happened: Mapped[dict[str, Any] | None]
    difference: Mapped[dict[str, Any] | None]
    lesson_id: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
