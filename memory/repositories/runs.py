"""Statements about runs: creation, the one lease, and endings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, true, update
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from memory.records.runs import ENDINGS, RunRecord
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(RunRecord.created_at, RunRecord.id)


class RunMissing(NotFound):
    """There is no run of that id."""

    code = "run_missing"


class RunBusy(Conflict):
    """Another runner holds the run's lease."""

    code = "run_busy"


class RunFinished(Conflict):
    """The run has ended; nothing can be done with it any more."""

    code = "run_finished"


class RunLeaseLost(Conflict):
    """The lease was taken over, or the run ended: this runner must stop at once and write nothing."""

    code = "run_lease_lost"


class RunPaused(RunLeaseLost):
    """The run is paused: whoever drives it lets it go, and nobody takes it up, until a person resumes it."""

    code = "run_paused"


class RunNotConducted(Conflict):
    """The run is driven by a command, or left to a person: there is nobody who could be told to let it rest."""

    code = "run_not_conducted"


@dataclass(frozen=True)
class RunLease:
    """The right to run one run until `expires_at` (database time); `token` fences every write."""

    run_id: str
    owner: str
    token: int
    expires_at: datetime


class RunRepository:
    """Runs; every change after creation needs the run's lease."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def create(self, run: RunRecord) -> RunRecord:
        """Add a run, in status `running` and without a lease."""
        self.session.add(run)
        self.session.flush()
        self.session.refresh(run)
        return run

    def find(self, run_id: str) -> RunRecord | None:
        """Return the run, if there is one."""
        return self.session.get(RunRecord, run_id, populate_existing=True)

    def get(self, run_id: str) -> RunRecord:
        """Return the run; raises RunMissing."""
        found = self.find(run_id)
        if found is None:
            raise RunMissing(f"run: {run_id!r} does not exist", run=run_id)
        return found

    def list_(self, channel_id: str | None = None, status: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[RunRecord]:
        """Return runs, newest first, of one channel or status or of all."""
        statement = select(RunRecord)
        if channel_id is not None:
            statement = statement.where(RunRecord.channel_id == channel_id)
        if status is not None:
            statement = statement.where(RunRecord.status == status)
        return _KEYSET.page(self.session, statement, cursor, limit)

    def list_unfinished(self) -> tuple[RunRecord, ...]:
        """Return every run without an ending, oldest first; waiting ones are a person's to resume."""
        statement = select(RunRecord).where(RunRecord.finished_at.is_(None)).order_by(RunRecord.created_at, RunRecord.id)
        return tuple(self.session.scalars(statement))

    def list_claimable(self, limit: int = 50) -> tuple[RunRecord, ...]:
        """Return runs in status `running` that no live lease holds, oldest first."""
        statement = select(RunRecord).where(RunRecord.finished_at.is_(None), RunRecord.status == "running", _unheld())
        return tuple(self.session.scalars(statement.order_by(RunRecord.created_at, RunRecord.id).limit(limit)))

    def claim_lease(self, run_id: str, owner: str, ttl_s: float, gone: str | None = None, *, also_paused: bool = False) -> RunLease:
        """Take the run's lease for `ttl_s` seconds of database time, with a token greater than any before.

        `gone` is an owner of whom the caller knows that it has ended: its lease need not run out. Taking over a lease counts as a recovery attempt.
        Who is to end a run takes it `also_paused`. Raises RunPaused otherwise, RunBusy (`owner` in its details) while another lease is live, RunFinished
        after an ending and RunMissing for an unknown id.
        """
        free = _unheld() if gone is None else or_(_unheld(), RunRecord.lease_owner == gone)
        wanted = true() if also_paused else RunRecord.status != "paused"
        statement = (
            update(RunRecord)
            .where(RunRecord.id == run_id, RunRecord.finished_at.is_(None), free, wanted)
            .values(
                lease_owner=owner,
                lease_token=RunRecord.lease_token + 1,
                lease_expires_at=_after(ttl_s),
                heartbeat_at=func.now(),
                started_at=func.coalesce(RunRecord.started_at, func.now()),
                recovery_attempts=RunRecord.recovery_attempts + case((RunRecord.lease_expires_at.is_not(None), 1), else_=0),
            )
            .returning(RunRecord.lease_token, RunRecord.lease_expires_at)
        )
        row = self.session.execute(statement).one_or_none()
        if row is None:
            run = self.get(run_id)
            if run.finished_at is not None:
                raise RunFinished(f"run {run_id} has ended ({run.status})", run=run_id, status=run.status)
            if run.status == "paused" and not also_paused:
                raise _paused(run_id)
            raise RunBusy(f"run {run_id} is held by {run.lease_owner}", run=run_id, owner=run.lease_owner)
        return RunLease(run_id, owner, row.lease_token, row.lease_expires_at)

    def renew(self, lease: RunLease, ttl_s: float) -> RunLease:
        """Extend a lease to `ttl_s` seconds from now; raises RunLeaseLost once another runner has taken over, or somebody wants the run to end or to pause."""
        self._fenced(lease, lease_expires_at=_after(ttl_s), heartbeat_at=func.now())
        run = self.get(lease.run_id)
        if run.stop_reason is not None:
            raise _unwanted(lease, run.stop_reason)
        return RunLease(lease.run_id, lease.owner, lease.token, run.lease_expires_at or lease.expires_at)

    def release(self, lease: RunLease) -> None:
        """Give the lease back; a lease that is already lost needs no release."""
        statement = update(RunRecord).where(RunRecord.id == lease.run_id, RunRecord.lease_token == lease.token)
        self.session.execute(statement.values(lease_owner=None, lease_expires_at=None))

    def verify_lease(self, lease: RunLease) -> None:
        """Lock the run's row while this transaction lasts; raises RunLeaseLost unless the lease is still ours and the run is wanted."""
        row = self.session.execute(select(RunRecord.status, RunRecord.stop_reason).where(*_held(lease)).with_for_update()).one_or_none()
        if row is None:
            raise _lost(lease)
        if row.stop_reason is not None:
            raise _unwanted(lease, row.stop_reason)
        if row.status == "paused":
            raise _paused(lease.run_id)

    def ask_to_stop(self, run_id: str, reason: str, by: str) -> RunRecord:
        """Let the stack end a run; whoever drives it lets it go. The first reason stays. Raises RunFinished."""
        values = {"stop_reason": func.coalesce(RunRecord.stop_reason, reason), "stopped_by": func.coalesce(RunRecord.stopped_by, by)}
        return self._open(run_id, **values)

    def pause(self, run_id: str) -> bool:
        """Let nobody work on a run that the stack drives, until it is resumed; False when it was paused before.

        The lease stays with whoever holds it: they let go at their next write or heartbeat, or never notice a run that is resumed before.
        Raises RunFinished, RunNotConducted, and Conflict for one that is to end.
        """
        ours = or_(RunRecord.conducted, RunRecord.autonomous_run_id.is_not(None))
        open_ = (RunRecord.finished_at.is_(None), RunRecord.stop_reason.is_(None), RunRecord.status != "paused")
        statement = update(RunRecord).where(RunRecord.id == run_id, ours, *open_).values(status="paused").returning(RunRecord.id)
        if self.session.execute(statement).one_or_none() is not None:
            return True
        run = self.get(run_id)
        if run.finished_at is not None:
            raise RunFinished(f"run {run_id} has ended ({run.status})", run=run_id, status=run.status)
        if run.stop_reason is not None:
            raise Conflict(f"run {run_id}: somebody wants it to end ({run.stop_reason}); it cannot be paused", run=run_id)
        if not run.conducted and run.autonomous_run_id is None and run.status != "paused":
            told = "the stack does not drive it: end the command that does, or resume it first, which lets the stack drive it"
            raise RunNotConducted(f"run {run_id}: {told}", run=run_id, status=run.status)
        return False

    def conduct(self, run_id: str) -> RunRecord:
        """Let the stack drive a run from now on, also one that is paused; raises RunFinished."""
        return self._open(run_id, conducted=True, status=case((RunRecord.status == "paused", "running"), else_=RunRecord.status))

    def leave(self, run_id: str) -> None:
        """Let the stack drive a run no longer, until a person resumes it."""
        self.session.execute(update(RunRecord).where(RunRecord.id == run_id, RunRecord.finished_at.is_(None)).values(conducted=False))

    def mark_running(self, lease: RunLease) -> None:
        """Record that the run works again."""
        self._fenced(lease, status="running")

    def mark_waiting(self, lease: RunLease) -> None:
        """Record that the run waits for a person."""
        self._fenced(lease, status="waiting")

    def mark_finished(self, lease: RunLease, status: str, outcome: dict[str, Any], error: dict[str, Any] | None = None) -> None:
        """End the run (published, refused, rejected or failed) and give the lease back."""
        if status not in ENDINGS:
            raise Conflict(f"status: {status!r} is no ending; endings are {', '.join(ENDINGS)}", status=status)
        values = {"status": status, "outcome": outcome, "error": error, "finished_at": func.now()}
        ended = update(RunRecord).where(*_held(lease)).values(**values, lease_owner=None, lease_expires_at=None)
        if self.session.execute(ended.returning(RunRecord.id)).one_or_none() is None:
            raise _lost(lease)

    def settle_provenance(self, lease: RunLease, provenance: str) -> None:
        """Record what kind of truth the run turned out to work on."""
        self._fenced(lease, provenance=provenance)

    def link_video(self, lease: RunLease, video_id: str) -> None:
        """Name the video that the run makes."""
        self._fenced(lease, video_id=video_id)

    def _open(self, run_id: str, **values: object) -> RunRecord:
        statement = update(RunRecord).where(RunRecord.id == run_id, RunRecord.finished_at.is_(None)).values(**values)
        changed = self.session.execute(statement.returning(RunRecord.id)).one_or_none()
        run = self.get(run_id)
        if changed is None:
            raise RunFinished(f"run {run_id} has ended ({run.status})", run=run_id, status=run.status)
        return run

    def _fenced(self, lease: RunLease, **values: object) -> None:
        statement = update(RunRecord).where(*_held(lease), RunRecord.status != "paused").values(**values)
        if self.session.execute(statement.returning(RunRecord.id)).one_or_none() is None:
            paused = self.session.scalar(select(RunRecord.id).where(*_held(lease)))
            raise _lost(lease) if paused is None else _paused(lease.run_id)


def _held(lease: RunLease) -> tuple[ColumnElement[bool], ...]:
    return RunRecord.id == lease.run_id, RunRecord.lease_token == lease.token, RunRecord.finished_at.is_(None)


def _unheld() -> ColumnElement[bool]:
    return or_(RunRecord.lease_expires_at.is_(None), RunRecord.lease_expires_at <= func.now())


def _after(ttl_s: float) -> ColumnElement[datetime]:
    return func.now() + timedelta(seconds=ttl_s)


def _unwanted(lease: RunLease, reason: str) -> RunLeaseLost:
    return RunLeaseLost(f"run {lease.run_id} is to end: {reason}", run=lease.run_id, token=lease.token)


def _paused(run_id: str) -> RunPaused:
    return RunPaused(f"run {run_id} is paused; `ytempire runs resume {run_id}` lets it go on", run=run_id)


def _lost(lease: RunLease) -> RunLeaseLost:
    return RunLeaseLost(f"run {lease.run_id}: {lease.owner} no longer holds its lease", run=lease.run_id, token=lease.token)
