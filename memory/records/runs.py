"""Runs: one LangGraph thread each, held by one lease at a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Key, Words, one_of

ENDINGS = ("published", "refused", "rejected", "failed")
# A run that is `paused` is nobody's to drive, and none of its jobs begins, until a person resumes it.
RUN_STATUSES = ("running", "waiting", "paused", *ENDINGS)


class RunRecord(Record):
    """One run; its id is its thread id. `lease_token` only ever grows, and every write of a runner names it.

    `autonomous_run_id` names the autonomous run that launched it, if one did. One that is `conducted` is driven by the stack all the same; one with a
    `stop_reason` is ended by it.
    """

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint(one_of("status", RUN_STATUSES), name="status"),
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        CheckConstraint("(stop_reason is null) = (stopped_by is null)", name="stopped"),
        Index("ix_runs_channel_created", "channel_id", "created_at", "id"),
        Index("ix_runs_tenant_created", "tenant_id", "created_at", "id"),
        Index("ix_runs_autonomous", "autonomous_run_id", postgresql_where=text("autonomous_run_id is not null")),
        Index("ix_runs_video", "video_id", "created_at", "id"),
        Index("ix_runs_conducted", "created_at", "id", postgresql_where=text("conducted and finished_at is null")),
        Index("ix_runs_unfinished", "created_at", "id", postgresql_where=text("finished_at is null")),
        # Dispatching asks at every turn which runs these are.
        Index("ix_runs_paused", "id", postgresql_where=text("status = 'paused'")),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(Text, server_default=text("'production'"))
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    # Taken from the channel by the table itself.
    tenant_id: Mapped[str] = mapped_column(Text)
    video_id: Mapped[str | None] = mapped_column(ForeignKey("videos.id"))
    autonomous_run_id: Mapped[str | None] = mapped_column(ForeignKey("autonomous_runs.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(Text, server_default=text("'running'"))
    conducted: Mapped[bool] = mapped_column(server_default=text("false"))
    stop_reason: Mapped[str | None] = mapped_column(Text)
    stopped_by: Mapped[str | None] = mapped_column(Text)
    request: Mapped[dict[str, Any]]
    # What approved changes make of the channel's personality file, as it was when the run was made.
    personality: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    provenance: Mapped[Words]
    lease_owner: Mapped[str | None] = mapped_column(Text)
    lease_token: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    lease_expires_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    recovery_attempts: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[dict[str, Any] | None]
    outcome: Mapped[dict[str, Any] | None]
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
