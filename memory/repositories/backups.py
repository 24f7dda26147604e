"""Statements about backups, restore drills, and restores that wait for the outside world to be compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.backups import BackupRecord, RestoreDrillRecord, RestoreRecord
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(BackupRecord.started_at, BackupRecord.id)
_ERROR_LENGTH = 2000


class BackupMissing(NotFound):
    """There is no backup of that id."""

    code = "backup_missing"


class RestoreUnsettled(Conflict):
    """The home was restored from a backup and the outside world has not been compared with it yet."""

    code = "restore_unsettled"


@dataclass(frozen=True)
class NewBackup:
    """One backup about to be made."""

    id: str
    series: str
    place: str
    kind: str
    parent_id: str | None = None


@dataclass(frozen=True)
class DrillOutcome:
    """What a restore drill found: `checks` says what was compared, `error` why it failed."""

    backup_id: str
    started_at: datetime
    seconds: float
    checks: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


class BackupRepository:
    """Backups, newest first; drills; and the restores of this database."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def begin(self, new: NewBackup) -> BackupRecord:
        """Record that a backup is being made."""
        record = BackupRecord(id=new.id, series=new.series, place=new.place, kind=new.kind, parent_id=new.parent_id)
        self.session.add(record)
        self.session.flush()
        return record

    def finish(self, backup_id: str, size: int, details: Mapping[str, Any]) -> None:
        """Record that a backup is complete at its place, with the bytes it added there."""
        self._end(backup_id, status="done", bytes=size, details=dict(details))

    def fail(self, backup_id: str, error: str) -> None:
        """Record that a backup was given up; nothing of it counts."""
        self._end(backup_id, status="failed", error=error[:_ERROR_LENGTH])

    def fail_left(self, error: str) -> int:
        """Give up every backup that a killed process left running; return how many there were. Call it only while no backup is being made."""
        ended = {"status": "failed", "finished_at": func.clock_timestamp(), "error": error}
        return len(self.session.execute(update(BackupRecord).where(BackupRecord.status == "running").values(**ended).returning(BackupRecord.id)).all())

    def find_last(self, *, kind: str | None = None, series: str | None = None) -> BackupRecord | None:
        """Return the newest backup that is complete, of one kind or series when named; None when there is none."""
        statement = select(BackupRecord).where(BackupRecord.status == "done")
        for column, value in ((BackupRecord.kind, kind), (BackupRecord.series, series)):
            if value is not None:
                statement = statement.where(column == value)
        return self.session.scalar(statement.order_by(BackupRecord.started_at.desc()).limit(1))

    def list_(self, cursor: str | None = None, limit: int = 50) -> Page[BackupRecord]:
        """Return backups, newest first."""
        return _KEYSET.page(self.session, select(BackupRecord), cursor, limit)

    def forget_before(self, moment: datetime) -> int:
        """Remove what was recorded of backups and drills that began before then, so that the tables stay small; return how many."""
        old = delete(BackupRecord).where(BackupRecord.started_at < moment).returning(BackupRecord.id)
        drills = delete(RestoreDrillRecord).where(RestoreDrillRecord.started_at < moment).returning(RestoreDrillRecord.id)
        return len(self.session.execute(old).all()) + len(self.session.execute(drills).all())

    def record_drill(self, outcome: DrillOutcome) -> RestoreDrillRecord:
        """Record a restore drill."""
        values = {"backup_id": outcome.backup_id, "started_at": outcome.started_at, "seconds": outcome.seconds, "checks": dict(outcome.checks)}
        status = "failed" if outcome.error else "passed"
        record = RestoreDrillRecord(id=new_id("drill"), status=status, error=outcome.error[:_ERROR_LENGTH], **values)
        self.session.add(record)
        self.session.flush()
        return record

    def find_drill(self, *, passed: bool = False) -> RestoreDrillRecord | None:
        """Return the newest drill, or the newest that passed; None when there is none."""
        statement = select(RestoreDrillRecord).order_by(RestoreDrillRecord.started_at.desc()).limit(1)
        return self.session.scalar(statement.where(RestoreDrillRecord.status == "passed") if passed else statement)

    def record_restore(self, backup_id: str, backed_up_at: datetime) -> RestoreRecord:
        """Record that this database came out of a backup; the outside world is to be compared before anything goes on."""
        record = RestoreRecord(id=new_id("restore"), backup_id=backup_id, backed_up_at=backed_up_at)
        self.session.add(record)
        self.session.flush()
        return record

    def find_unsettled(self) -> RestoreRecord | None:
        """Return the restore that waits for a comparison with the outside world, None when there is none."""
        return self.session.scalar(select(RestoreRecord).where(RestoreRecord.settled_at.is_(None)).order_by(RestoreRecord.restored_at.desc()).limit(1))

    def settle_restores(self, findings: Mapping[str, Any]) -> int:
        """Record that the outside world was compared, and what was found; return how many restores waited for it."""
        ended = {"settled_at": func.clock_timestamp(), "findings": dict(findings)}
        return len(self.session.execute(update(RestoreRecord).where(RestoreRecord.settled_at.is_(None)).values(**ended).returning(RestoreRecord.id)).all())

    def _end(self, backup_id: str, **values: Any) -> None:
        statement = update(BackupRecord).where(BackupRecord.id == backup_id).values(finished_at=func.clock_timestamp(), **values)
        if not self.session.execute(statement.returning(BackupRecord.id)).all():
            raise BackupMissing(f"backup: {backup_id!r} is not recorded here", backup=backup_id)
