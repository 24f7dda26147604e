"""What is said on an approval before it is decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Key, Words, one_of

VOICES = ("proposal", "acceptance")


class ApprovalVoiceRecord(Record):
    """What a program or a person proposes, or a person's acceptance that waits for a second one; neither decides anything by itself."""

    __tablename__ = "approval_voices"
    __table_args__ = (
        CheckConstraint(one_of("kind", VOICES), name="kind"),
        Index("ix_approval_voices_approval", "approval_id", "created_at", "id"),
    )

    id: Mapped[Key]
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id", ondelete="CASCADE"))
    principal: Mapped[Words]
    kind: Mapped[Words]
    manifest_digest: Mapped[str] = mapped_column(CHAR(64))
    decision: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
