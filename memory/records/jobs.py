"""Jobs as the kernel keeps them: one row a job, one row an attempt, one row a worker process."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Index, Integer, SmallInteger, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record

STATES = ("queued", "dispatched", "running", "done", "dead", "quarantined", "cancelled")
_STATE_LIST = ", ".join(f"'{state}'" for state in STATES)


class JobRecord(Record):
    """One call of a tool. Every change after the claim is conditional on `lease_token`, which only grows."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    run_id: Mapped[str] = mapped_column(Text)
    node: Mapped[str] = mapped_column(Text)
    iteration: Mapped[int] = mapped_column(Integer)
    ordinal: Mapped[int] = mapped_column(Integer)
    channel_id: Mapped[str | None] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(Text)
    tool: Mapped[str] = mapped_column(Text)
    queue: Mapped[str] = mapped_column(Text)
    args: Mapped[dict[str, Any]]
    input_hash: Mapped[str] = mapped_column(Text)
    provenance: Mapped[str] = mapped_column(Text)
    seed: Mapped[int] = mapped_column(BigInteger, server_default="0")
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    state: Mapped[str] = mapped_column(Text, server_default="queued")
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    kills: Mapped[int] = mapped_column(Integer, server_default="0")
    completions: Mapped[int] = mapped_column(Integer, server_default="0")
    max_attempts: Mapped[int] = mapped_column(Integer)
    timeout_s: Mapped[float] = mapped_column(Float)
    schedule_to_close: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_owner: Mapped[str | None] = mapped_column(Text)
    lease_token: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_expires_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    progress: Mapped[float] = mapped_column(Float, server_default="0")
    progress_note: Mapped[str] = mapped_column(Text, server_default="")
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    dispatched_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("run_id", "node", "iteration", "ordinal"),
        CheckConstraint(f"state in ({_STATE_LIST})", name="state"),
        CheckConstraint("completions between 0 and 1", name="completed_once"),
        CheckConstraint("progress between 0 and 1", name="progress"),
        CheckConstraint("(state = 'done') = (completions = 1)", name="done_is_completed"),
        Index("ix_jobs_ready", "queue", "priority", "next_attempt_at", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_jobs_in_flight", "queue", "dispatched_at", postgresql_where=text("state in ('dispatched', 'running')")),
        Index("ix_jobs_lease", "lease_expires_at", postgresql_where=text("state = 'running'")),
        Index("ix_jobs_dead", "finished_at", postgresql_where=text("state in ('dead', 'quarantined')")),
    )


class JobAttemptRecord(Record):
    """One claim of a job by one worker, and how it ended."""

    __tablename__ = "job_attempts"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    attempt: Mapped[int] = mapped_column(Integer)
    worker: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Text, server_default="running")
    error: Mapped[dict[str, Any] | None]


class WorkerRecord(Record):
    """One worker process: which queue it serves and when it was last heard of."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    queue: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text)
    pid: Mapped[int] = mapped_column(Integer)
    process_started: Mapped[float] = mapped_column(Float)
    state: Mapped[str] = mapped_column(Text, server_default="idle")
    job_id: Mapped[str | None] = mapped_column(Text)
    rss_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    heartbeat_at: Mapped[datetime] = mapped_column(server_default=func.now())
    code: Mapped[str] = mapped_column(Text, server_default="")
    media_place: Mapped[str] = mapped_column(Text, server_default="")
    clock_ahead_s: Mapped[float | None] = mapped_column(Float)

    __table_args__ = (
        CheckConstraint("state in ('idle', 'busy', 'stopped', 'dead')", name="state"),
        Index("ix_workers_queue", "queue", "heartbeat_at"),
    )
