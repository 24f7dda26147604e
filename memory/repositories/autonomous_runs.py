"""Statements about autonomous runs: the wake-up's lease and fenced writes, and what an operator changes without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, cast, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from memory.records.autonomous_runs import AutonomousRunRecord, ReportAddressRecord
from memory.repositories.allowance import AllowanceRepository
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(AutonomousRunRecord.created_at, AutonomousRunRecord.id)


class AutonomousRunMissing(NotFound):
    """There is no autonomous run of that id."""

    code = "autonomous_run_missing"


class AutonomousRunEnded(Conflict):
    """The autonomous run has ended; nothing about it can be changed."""

    code = "autonomous_run_ended"


class ChannelsTaken(Conflict):
    """Another autonomous run works with some of these channels."""

    code = "channels_taken"


class AutonomousKeyReused(Conflict):
    """The same key was used before for another request."""

    code = "autonomous_key_reused"


class WakeLost(Conflict):
    """Another conductor took the run's wake-up over: this one must stop at once and write nothing."""

    code = "wake_lost"


@dataclass(frozen=True)
class Wake:
    """The right to carry out one wake-up of an autonomous run; `token` fences every write, `number` counts wake-ups from 1."""

    run_id: str
    owner: str
    token: int
    number: int
    takeovers: int = 0


class AutonomousRunRepository:
    """Autonomous runs of every tenant."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def create(self, run: AutonomousRunRecord) -> AutonomousRunRecord:
        """Add a run, or return the one of the same key and request.

        Raises AutonomousKeyReused when the key stands for another request, ChannelsTaken while a run works with one of its channels,
        PlanLimitReached when the plan has fewer hours left than it lasts.
        """
        self.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 2))"), {"name": f"autonomous/{run.tenant_id}"})
        found = self.find_by_key(run.tenant_id, run.key, run.request)
        if found is not None:
            return found
        self.ensure_free(run.tenant_id, run.request.get("channels", ()))
        AllowanceRepository(self.session).ensure_hours(run.tenant_id, (run.ends_at - run.starts_at).total_seconds() / 3600)
        self.session.add(run)
        self.session.flush()
        self.session.refresh(run)
        return run

    def find_by_key(self, tenant_id: str, key: str, request: Mapping[str, Any]) -> AutonomousRunRecord | None:
        """Return the run of a key, if there is one; raises AutonomousKeyReused when it was asked for something else."""
        found = self.session.scalar(select(AutonomousRunRecord).filter_by(tenant_id=tenant_id, key=key))
        if found is not None and found.request != request:
            raise AutonomousKeyReused(f"key: {key!r} was used before for run {found.id} with another request; choose another key", run=found.id)
        return found

    def find(self, run_id: str) -> AutonomousRunRecord | None:
        """Return the run, if there is one."""
        return self.session.get(AutonomousRunRecord, run_id, populate_existing=True)

    def get(self, run_id: str) -> AutonomousRunRecord:
        """Return the run; raises AutonomousRunMissing."""
        found = self.find(run_id)
        if found is None:
            raise AutonomousRunMissing(f"autonomous run: {run_id!r} does not exist; `ytempire runs status` lists them", run=run_id)
        return found

    def lock(self, run_id: str) -> None:
        """Hold the run's row until this transaction ends, so that nobody edits what is being edited."""
        self.session.execute(select(AutonomousRunRecord.id).where(AutonomousRunRecord.id == run_id).with_for_update())

    def list_(self, status: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[AutonomousRunRecord]:
        """Return runs, newest first."""
        statement = select(AutonomousRunRecord)
        if status is not None:
            statement = statement.where(AutonomousRunRecord.status == status)
        return _KEYSET.page(self.session, statement, cursor, limit)

    def list_reporting(self, since: timedelta) -> dict[str, tuple[str, ...]]:
        """Return the addresses of their own to which runs report that go on or ended less than `since` ago, by run."""
        recent = or_(AutonomousRunRecord.ended_at.is_(None), AutonomousRunRecord.ended_at > func.now() - since)
        statement = select(ReportAddressRecord.autonomous_run_id, ReportAddressRecord.addresses).join(AutonomousRunRecord).where(recent)
        return {run_id: tuple(given) for run_id, given in self.session.execute(statement.order_by(AutonomousRunRecord.id))}

    def keep_addresses(self, run_id: str, addresses: Sequence[str]) -> None:
        """Let a run report to these addresses as well; only the studio itself may keep or read them."""
        self.session.add(ReportAddressRecord(autonomous_run_id=run_id, addresses=list(addresses)))

    def addresses(self, run_id: str) -> tuple[str, ...]:
        """Return the addresses of its own to which a run reports."""
        found = self.session.get(ReportAddressRecord, run_id)
        return tuple(found.addresses) if found is not None else ()

    def list_open(self) -> tuple[AutonomousRunRecord, ...]:
        """Return every run that has not ended, oldest first."""
        statement = select(AutonomousRunRecord).where(AutonomousRunRecord.status != "ended")
        return tuple(self.session.scalars(statement.order_by(AutonomousRunRecord.created_at, AutonomousRunRecord.id)))

    def next_wake(self) -> datetime | None:
        """Return when the next wake-up is due, if any run waits for one."""
        return self.session.scalar(select(func.min(AutonomousRunRecord.wake_at)).where(AutonomousRunRecord.status != "ended"))

    def is_due(self) -> bool:
        """Whether a run waits to be woken now, held or not."""
        due = select(AutonomousRunRecord.id).where(AutonomousRunRecord.status != "ended", AutonomousRunRecord.wake_at <= func.now())
        return self.session.scalar(due.limit(1)) is not None

    def list_owners(self) -> tuple[str, ...]:
        """Return who holds wake-ups, dead or alive."""
        held = select(AutonomousRunRecord.lease_owner).where(AutonomousRunRecord.lease_owner.is_not(None), AutonomousRunRecord.status != "ended")
        return tuple(owner for owner in self.session.scalars(held.distinct()) if owner)

    def claim_due(self, owner: str, ttl_s: float, gone: Sequence[str] = ()) -> Wake | None:
        """Take the wake-up of the run that is due longest; None when none is. `gone` are owners known to have ended.

        A wake-up whose taker died is taken over under its own number, so that its thread goes on; any other counts one up.
        """
        free = or_(_unheld(), AutonomousRunRecord.lease_owner.in_(gone))
        open_ = AutonomousRunRecord.status != "ended"
        due = select(AutonomousRunRecord).where(open_, AutonomousRunRecord.wake_at <= func.now(), free)
        run = self.session.scalar(due.order_by(AutonomousRunRecord.wake_at, AutonomousRunRecord.id).limit(1).with_for_update(skip_locked=True))
        if run is None:
            return None
        fresh = run.woken_at is None
        run.wakes += fresh
        run.takeovers = 0 if fresh else run.takeovers + 1
        run.lease_owner, run.lease_token = owner, run.lease_token + 1
        self.session.flush()
        statement = update(AutonomousRunRecord).where(AutonomousRunRecord.id == run.id)
        self.session.execute(statement.values(lease_expires_at=_after(ttl_s), woken_at=func.coalesce(AutonomousRunRecord.woken_at, func.now())))
        return Wake(run.id, owner, run.lease_token, run.wakes, run.takeovers)

    def renew(self, wake: Wake, ttl_s: float) -> None:
        """Extend the lease of a wake-up; raises WakeLost."""
        self._fenced(wake, lease_expires_at=_after(ttl_s))

    def verify(self, wake: Wake) -> AutonomousRunRecord:
        """Lock the run's row while this transaction lasts and return it; raises WakeLost unless the wake-up is still ours."""
        ours = (AutonomousRunRecord.id == wake.run_id, AutonomousRunRecord.lease_token == wake.token, AutonomousRunRecord.woken_at.is_not(None))
        statement = select(AutonomousRunRecord).where(*ours, AutonomousRunRecord.status != "ended")
        found = self.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
        if found is None:
            raise _lost(wake)
        return found

    def note(self, wake: Wake, **notes: object) -> None:
        """Add to what wake-ups tell each other; raises WakeLost."""
        self._fenced(wake, notes=AutonomousRunRecord.notes.op("||")(cast(notes, JSONB)))

    def mark_running(self, wake: Wake) -> None:
        """Record that the first plan stands; what an operator said meanwhile is left alone."""
        self._fenced(wake, status=case((AutonomousRunRecord.status == "planning", "running"), else_=AutonomousRunRecord.status))

    def pause(self, wake: Wake, reason: str) -> None:
        """Pause the run from inside (a crisis); raises WakeLost."""
        self._fenced(wake, status="paused", paused_reason=reason)

    def stop(self, wake: Wake, reason: str) -> None:
        """Begin to end the run from inside: by its deadline or its budget; an operator's earlier reason stands."""
        self._fenced(wake, status="stopping", stop_reason=func.coalesce(AutonomousRunRecord.stop_reason, reason))

    def sleep(self, wake: Wake, wake_at: datetime, revision: int) -> None:
        """End a wake-up and name the next; at once when an operator changed the run since this one read `revision`."""
        due = case((AutonomousRunRecord.revision == revision, wake_at), else_=func.now())
        self._fenced(wake, wake_at=due, woken_at=None, lease_owner=None, lease_expires_at=None)

    def postpone(self, wake: Wake, after_s: float) -> None:
        """Give a wake-up that met passing trouble back, to be gone on with later under its number; raises WakeLost."""
        self._fenced(wake, wake_at=_after(after_s), lease_owner=None, lease_expires_at=None)

    def end(self, wake: Wake, reason: str) -> None:
        """End the run; raises WakeLost."""
        ended = {"status": "ended", "ended_reason": reason, "ended_at": func.now()}
        self._fenced(wake, **ended, wake_at=None, woken_at=None, lease_owner=None, lease_expires_at=None)

    def change(self, run_id: str, **values: object) -> AutonomousRunRecord:
        """Change a run as an operator: counts as an edit and wakes the run. Raises AutonomousRunMissing and AutonomousRunEnded."""
        values = {**values, "revision": AutonomousRunRecord.revision + 1, "wake_at": func.now()}
        statement = update(AutonomousRunRecord).where(AutonomousRunRecord.id == run_id, AutonomousRunRecord.status != "ended").values(**values)
        changed = self.session.execute(statement.returning(AutonomousRunRecord.id)).one_or_none()
        run = self.get(run_id)
        if changed is None:
            raise AutonomousRunEnded(f"autonomous run {run_id} has ended ({run.ended_reason}); start a new one", run=run_id)
        return run

    def hasten(self, run_id: str) -> None:
        """Wake a run now, without an edit; one that has ended stays ended."""
        due = AutonomousRunRecord.id == run_id, AutonomousRunRecord.status != "ended"
        soonest = func.least(func.coalesce(AutonomousRunRecord.wake_at, func.now()), func.now())
        self.session.execute(update(AutonomousRunRecord).where(*due).values(wake_at=soonest))

    def ensure_free(self, tenant_id: str, channels: Sequence[str], but: str = "") -> None:
        """Raise ChannelsTaken while a run of that owner, other than the one of id `but`, works with one of these channels."""
        for other in self.list_open():
            taken = sorted(set(channels) & set(other.request.get("channels", ()))) if other.tenant_id == tenant_id and other.id != but else []
            if taken:
                until = f"{other.ends_at:%Y-%m-%d %H:%M} UTC"
                said = f"channels: {', '.join(taken)}: autonomous run {other.id} works there until {until}"
                raise ChannelsTaken(f"{said}; a channel has one run at a time, and `ytempire runs stop {other.id}` ends that one", run=other.id)

    def _fenced(self, wake: Wake, **values: Any) -> None:
        ours = (AutonomousRunRecord.id == wake.run_id, AutonomousRunRecord.lease_token == wake.token, AutonomousRunRecord.woken_at.is_not(None))
        statement = update(AutonomousRunRecord).where(*ours, AutonomousRunRecord.status != "ended")
        if self.session.execute(statement.values(**values).returning(AutonomousRunRecord.id)).one_or_none() is None:
            raise _lost(wake)


def _unheld() -> ColumnElement[bool]:
    return or_(AutonomousRunRecord.lease_expires_at.is_(None), AutonomousRunRecord.lease_expires_at <= func.now())


def _after(ttl_s: float) -> ColumnElement[datetime]:
    return func.now() + timedelta(seconds=ttl_s)


def _lost(wake: Wake) -> WakeLost:
    return WakeLost(f"autonomous run {wake.run_id}: {wake.owner} no longer holds wake-up {wake.number}", run=wake.run_id, token=wake.token)
