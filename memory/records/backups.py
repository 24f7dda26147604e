"""Backups that were made, drills that restored one, and restores that this database itself came from."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Empty, Key, Words, one_of

BACKUP_KINDS = ("full", "incremental")
BACKUP_STATUSES = ("running", "done", "failed")
DRILL_STATUSES = ("passed", "failed")


class BackupRecord(Record):
    """One backup of the whole home; an incremental one needs the full one that `parent_id` names."""

    __tablename__ = "backups"
    __table_args__ = (
        CheckConstraint(one_of("kind", BACKUP_KINDS), name="kind"),
        CheckConstraint(one_of("status", BACKUP_STATUSES), name="status"),
        CheckConstraint("(kind = 'incremental') = (parent_id is not null)", name="parent_id"),
        CheckConstraint("(status = 'running') = (finished_at is null)", name="finished_at"),
        Index("ix_backups_started", "started_at", "id"),
    )

    id: Mapped[Key]
    series: Mapped[Words]
    place: Mapped[Words]
    kind: Mapped[Words]
    parent_id: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=text("'running'"))
    started_at: Mapped[Created]
    finished_at: Mapped[datetime | None]
    bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    error: Mapped[Empty]


class RestoreDrillRecord(Record):
    """One rehearsal of the worst day: a backup restored into a scratch place, and what was found there."""

    __tablename__ = "restore_drills"
    __table_args__ = (CheckConstraint(one_of("status", DRILL_STATUSES), name="status"), Index("ix_restore_drills_started", "started_at", "id"))

    id: Mapped[Key]
    backup_id: Mapped[Words]
    status: Mapped[Words]
    started_at: Mapped[datetime]
    seconds: Mapped[float]
    checks: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    error: Mapped[Empty]


class RestoreRecord(Record):
    """This database came out of a backup; until `settled_at` the outside world may be ahead of it, and nothing goes on."""

    __tablename__ = "restores"
    __table_args__ = (Index("ix_restores_unsettled", "restored_at", postgresql_where=text("settled_at is null")),)

    id: Mapped[Key]
    backup_id: Mapped[Words]
    backed_up_at: Mapped[datetime]
    restored_at: Mapped[Created]
    settled_at: Mapped[datetime | None]
    findings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
