"""Approvals: what a person, or a policy, decided on one exact manifest."""

from datetime import datetime
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words, one_of

VERDICTS = ("accept", "edit", "respond", "ignore")
APPROVAL_STATUSES = ("pending", "accepted", "edited", "responded", "ignored", "expired")


class ApprovalRecord(Record):
    """One request for a decision; it is decided at most once, and holds for `manifest_digest` only."""

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint(one_of("status", APPROVAL_STATUSES), name="status"),
        CheckConstraint("(status = 'pending') = (decided_at is null)", name="decided_at"),
        CheckConstraint("risks >= 0", name="risks"),
        UniqueConstraint("run_id", "interrupt_id"),
        Index("ix_approvals_pending", "created_at", "id", postgresql_where=text("status = 'pending'")),
        Index("ix_approvals_tenant_created", "tenant_id", "created_at", "id"),
        Index("ix_approvals_tenant_pending", "tenant_id", "created_at", "id", postgresql_where=text("status = 'pending'")),
    )

    id: Mapped[Key]
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    # Taken from the run by the table itself.
    tenant_id: Mapped[str] = mapped_column(Text)
    gate: Mapped[Words]
    interrupt_id: Mapped[Words]
    manifest_digest: Mapped[str] = mapped_column(CHAR(64))
    request: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(Text, server_default=text("'pending'"))
    decided_by: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[dict[str, Any] | None]
    created_at: Mapped[Created]
    decided_at: Mapped[datetime | None]
    # How many risks spoke against it when it was asked; null: not counted.
    risks: Mapped[int | None]
    # When the video is to be shown.
    due_at: Mapped[datetime | None]
