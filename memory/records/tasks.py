"""Tasks: what a person or a program injects into autonomous runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Empty, Key, Words, one_of

# What an autonomous run makes a video of; `ready`: a video that is finished already; `tool`: one call of a tool, which the kernel carries by itself;
# `agent`: one agent on what it is given.
TASK_KINDS = ("topic", "sources", "video", "script", "ready", "tool", "agent")
TASK_STATUSES = ("queued", "planned", "done", "failed", "cancelled")
TASK_OPEN = ("queued", "planned")
TASK_REPEATABLE = ("failed", "cancelled")
PRIORITIES = {"urgent": 10, "high": 5, "normal": 1}


class TaskRecord(Record):
    """One wish for a video, of one channel or of any; `key` makes adding it twice the same task."""

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint(one_of("kind", TASK_KINDS), name="kind"),
        CheckConstraint(one_of("status", TASK_STATUSES), name="status"),
        CheckConstraint("priority in (1, 5, 10)", name="priority"),
        CheckConstraint("(status in ('done', 'failed', 'cancelled')) = (finished_at is not null)", name="finished"),
        Index("ix_tasks_created", "created_at", "id"),
        Index("ix_tasks_tenant_created", "tenant_id", "created_at", "id"),
        Index("ix_tasks_tenant_stands", "tenant_id", "stands", "created_at", "id"),
        Index("ix_tasks_open", "priority", "created_at", "id", postgresql_where=text("status in ('queued', 'planned')")),
    )

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    key: Mapped[Words]
    kind: Mapped[Words]
    channel_id: Mapped[str | None] = mapped_column(ForeignKey("channels.id"))
    priority: Mapped[int] = mapped_column(server_default=text("1"))
    due_at: Mapped[datetime | None]
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(Text, server_default=text("'queued'"))
    # Kept by the table itself: as `status`, or as the job of a call stands.
    stands: Mapped[str] = mapped_column(Text, server_default=text("'queued'"))
    reason: Mapped[Empty]
    autonomous_run_id: Mapped[str | None] = mapped_column(ForeignKey("autonomous_runs.id", ondelete="SET NULL"))
    # Of one agent: what came of it, what it was shown first, and how often it was asked anew.
    result: Mapped[dict[str, Any] | None]
    snapshot: Mapped[str | None] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    created_by: Mapped[Words]
    created_at: Mapped[Created]
    finished_at: Mapped[datetime | None]
