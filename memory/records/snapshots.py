"""Snapshots: what an agent saw before it decided, one per node and iteration of a run."""

from sqlalchemy import CHAR, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created


class SnapshotRecord(Record):
    """The artifact that holds a node's frozen snapshot; committed once and never replaced."""

    __tablename__ = "snapshots"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    node: Mapped[str] = mapped_column(Text, primary_key=True)
    iteration: Mapped[int] = mapped_column(primary_key=True)
    artifact: Mapped[str] = mapped_column(CHAR(64))
    created_at: Mapped[Created]
