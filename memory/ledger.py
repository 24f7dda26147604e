"""The cost ledger: reserve the worst case before a paid call, settle to what it cost; money in whole micro-dollars."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.ids import new_id
from memory.cost_alerts import CostAlerts
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.channels import ChannelRecord
from memory.records.costs import CostAccountRecord, CostEntryRecord
from memory.records.runs import RunRecord
from memory.records.tasks import TaskRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.settings import SettingRepository
from memory.repositories.switches import SwitchRepository, covering

MICROUSD_PER_USD = 1_000_000
REHEARSED = frozenset({"rehearsal", "simulated"})


class BudgetExceeded(Forbidden):
    """The call could take a run, video, channel, day or tenant over its limit."""

    code = "budget_exceeded"


class CostEntryMissing(NotFound):
    """There is no cost entry of that id."""

    code = "cost_entry_missing"


class CostEntryClosed(Conflict):
    """The cost entry was settled or released before."""

    code = "cost_entry_closed"


@dataclass(frozen=True)
class Limits:
    """Limits in micro-dollars; None is no limit. `day` is one tenant's UTC day, `provider` one provider's in it, `kind` one kind of service in one video,
    `autonomous` all that one autonomous run launched and `channel_day` one channel's UTC day: budgets of their own, which the ledger looks up.

    What was changed while the studio runs stands over what a caller gives. A limit is a hard stop unless its name is in `soft`: then it only raises alerts.
    """

    call: int | None = None
    run: int | None = None
    video: int | None = None
    channel: int | None = None
    day: int | None = None
    tenant: int | None = None
    provider: int | None = None
    kind: int | None = None
    autonomous: int | None = None
    channel_day: int | None = None
    soft: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Charge:
    """One paid call about to be made: the most it can cost, and for whom. A run's video, channel and tenant are looked up when they are not named.

    With `lease_s` the call counts as in flight until then, or until its holder renews it.
    """

    provider: str
    operation: str
    microusd: int
    tenant_id: str | None = None
    channel_id: str | None = None
    video_id: str | None = None
    run_id: str | None = None
    job_id: str | None = None
    provenance: str = "real"
    kind: str = "other"
    endpoint: str = ""
    credential: str = ""
    call_key: str | None = None
    content_key: str | None = None
    lease_s: float | None = None


class Ledger:
    """Reservations and what became of them; nothing is counted less than it may cost."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def reserve(self, charge: Charge, limits: Limits) -> CostEntryRecord:
        """Book the worst case of a call before it is made; commit before calling.

        Raises BudgetExceeded when any hard limit could be passed, and Stopped while a kill switch covers the call.
        Concurrent reservations wait for one another on the accounts they share, so together they cannot pass a limit.
        """
        if charge.microusd < 0:
            raise Invalid(f"microusd: must not be negative, is {charge.microusd}")
        charge = self._placed(charge)
        self._ensure_released(charge)
        changed: dict[str, Any] = dict(SettingRepository(self.session).limits_microusd())
        limits = replace(limits, **changed)
        if limits.call is not None and charge.microusd > limits.call:
            raise _exceeded("call", charge.operation, limits.call, charge.microusd)
        entry = self._entry(charge)
        autonomous_id, budget = self._autonomous(entry)
        limits = replace(limits, autonomous=budget, channel_day=self._channel_budget(entry))
        for scope, key in _accounts(entry, autonomous_id):
            self._count(scope, key, charge.microusd, limits)
        self.session.add(entry)
        self.session.flush()
        return entry

    def open_free(self, charge: Charge) -> CostEntryRecord:
        """Book a call that costs no money before it is made; commit before calling. Raises Stopped while a kill switch covers it."""
        if charge.microusd:
            raise Invalid(f"microusd: a free call costs nothing, not {charge.microusd}; reserve it")
        charge = self._placed(charge)
        self._ensure_released(charge)
        entry = self._entry(charge)
        self.session.add(entry)
        self.session.flush()
        return entry

    def _entry(self, charge: Charge) -> CostEntryRecord:
        now = self.session.scalars(select(func.clock_timestamp())).one()
        values = {name: value for name, value in vars(charge).items() if name not in {"microusd", "lease_s"}}
        entry = CostEntryRecord(id=new_id("cost"), reserved_microusd=charge.microusd, day=now.astimezone(UTC).date(), **values)
        entry.lease_expires_at = now + timedelta(seconds=charge.lease_s) if charge.lease_s is not None else None
        return entry

    def _ensure_released(self, charge: Charge) -> None:
        named = covering(tenant=charge.tenant_id, provider=charge.provider, channel=charge.channel_id, run=charge.run_id)
        SwitchRepository(self.session).ensure_released(named)

    def settle(self, entry_id: str, microusd: int, usage: Mapping[str, Any] | None = None, outcome: str = "", answer: str | None = None) -> CostEntryRecord:
        """Replace the reservation by what the call cost, even when that is more than was reserved: the truth is booked.

        `answer` is the digest of the stored answer, found from then on under the entry's call and content keys.
        """
        if microusd < 0:
            raise Invalid(f"microusd: must not be negative, is {microusd}")
        return self._close(entry_id, "settled", microusd, usage, outcome=outcome, answer=answer)

    def release(self, entry_id: str) -> CostEntryRecord:
        """Drop the reservation of a call that was certainly not made or not charged."""
        return self._close(entry_id, "released", 0, None)

    def mark_unknown(self, entry_id: str, outcome: str = "") -> CostEntryRecord:
        """Keep the worst case booked for a call whose outcome is unknown; it can still be settled or released later."""
        entry = self._open_entry(entry_id)
        entry.status, entry.outcome, entry.lease_expires_at = "unknown", outcome, None
        self.session.flush()
        return entry

    def note_refused(self, refused: BudgetExceeded) -> None:
        """Raise the alert of a limit that turned a call away; in a unit of work of its own, since the refusal undid the other."""
        scope, key, limit = (refused.details[name] for name in ("scope", "key", "limit"))
        if isinstance(limit, int):
            CostAlerts(self.session).note(str(scope), str(key), limit, limit, hard=True)

    def get(self, entry_id: str) -> CostEntryRecord:
        """Return the entry; raises CostEntryMissing."""
        found = self.session.get(CostEntryRecord, entry_id, populate_existing=True)
        if found is None:
            raise CostEntryMissing(f"cost entry: {entry_id!r} does not exist", entry=entry_id)
        return found

    def list_open(self, job_id: str | None = None) -> tuple[CostEntryRecord, ...]:
        """Return entries reserved or unknown, oldest first: what a vanished worker may have left."""
        statement = select(CostEntryRecord).where(CostEntryRecord.status.in_(("reserved", "unknown")))
        if job_id is not None:
            statement = statement.where(CostEntryRecord.job_id == job_id)
        return tuple(self.session.scalars(statement.order_by(CostEntryRecord.created_at)))

    def list_(self, limit: int = 1000, **by: str | date) -> tuple[CostEntryRecord, ...]:
        """Return the newest entries, newest first, filtered as in `total_microusd`."""
        return tuple(self.session.scalars(select(CostEntryRecord).where(*_filters(by)).order_by(CostEntryRecord.created_at.desc()).limit(limit)))

    def total_microusd(self, **by: str | date) -> int:
        """Return what counts so far, filtered by any of tenant_id, channel_id, video_id, run_id, job_id, provider, day."""
        statement = select(func.coalesce(func.sum(CostEntryRecord.counted_microusd), 0)).where(*_filters(by))
        return int(self.session.scalars(statement).one())

    def totals_by_provider(self, **by: str | date) -> dict[str, int]:
        """Return what counts so far per provider, filtered as in `total_microusd`."""
        statement = select(CostEntryRecord.provider, func.sum(CostEntryRecord.counted_microusd)).where(*_filters(by))
        rows = self.session.execute(statement.group_by(CostEntryRecord.provider).order_by(CostEntryRecord.provider))
        return {provider: int(total) for provider, total in rows}

    def account_microusd(self, scope: str, key: str) -> int:
        """Return what one account counts: run, autonomous (run), video, channel, tenant, day (`<tenant>/<date>`), provider (`<day>/<provider>`) or kind
        (`<video>/<kind>`).
        """
        return self.session.scalar(select(CostAccountRecord.counted_microusd).filter_by(scope=scope, key=key)) or 0

    def _placed(self, charge: Charge) -> Charge:
        """Fill in what the run and the channel say about whose money this is."""
        if charge.run_id is not None and (charge.video_id is None or charge.channel_id is None):
            of_run = select(RunRecord.video_id, RunRecord.channel_id, ChannelRecord.tenant_id).join(ChannelRecord, ChannelRecord.id == RunRecord.channel_id)
            row = self.session.execute(of_run.where(RunRecord.id == charge.run_id)).one_or_none()
            if row is not None:
                owner = row.tenant_id if charge.channel_id in {None, row.channel_id} else None
                video_id, channel_id = charge.video_id or row.video_id, charge.channel_id or row.channel_id
                charge = replace(charge, video_id=video_id, channel_id=channel_id, tenant_id=charge.tenant_id or owner)
        if charge.tenant_id is None:
            tenant = self.session.scalar(select(ChannelRecord.tenant_id).where(ChannelRecord.id == charge.channel_id))
            # A task that calls one tool, or asks one agent, is the run of its jobs.
            of_task = select(TaskRecord.tenant_id).where(TaskRecord.id == charge.run_id)
            charge = replace(charge, tenant_id=tenant or self.session.scalar(of_task) or LOCAL_TENANT)
        return charge

    def _autonomous(self, entry: CostEntryRecord) -> tuple[str | None, int | None]:
        """Return the autonomous run that an entry counts for and what that may spend, if it was launched by one."""
        known = select(AutonomousRunRecord.id, AutonomousRunRecord.budget_microusd).join(RunRecord, RunRecord.autonomous_run_id == AutonomousRunRecord.id)
        row = self.session.execute(known.where(RunRecord.id == entry.run_id)).one_or_none() if entry.run_id is not None else None
        return (row.id, row.budget_microusd) if row is not None else (None, None)

    def _channel_budget(self, entry: CostEntryRecord) -> int | None:
        return self.session.scalar(select(ChannelRecord.budget_day_microusd).where(ChannelRecord.id == entry.channel_id)) if entry.channel_id else None

    def _count(self, scope: str, key: str, delta: int, limits: Limits) -> None:
        limit: int | None = getattr(limits, scope)
        hard = limit is not None and scope not in limits.soft
        if hard and limit is not None and delta > limit:
            raise _exceeded(scope, key, limit, delta)
        after = CostAccountRecord.counted_microusd + delta
        statement = insert(CostAccountRecord).values(scope=scope, key=key, counted_microusd=delta)
        # The conflicting row stays locked until this transaction ends: the next reservation sees our sum.
        statement = statement.on_conflict_do_update(index_elements=["scope", "key"], set_={"counted_microusd": after}, where=after <= limit if hard else None)
        counted = self.session.execute(statement.returning(CostAccountRecord.counted_microusd)).scalar_one_or_none()
        if limit is None:
            return
        if counted is None:
            raise _exceeded(scope, key, limit, delta)
        CostAlerts(self.session).note(scope, key, limit, counted, hard=hard)

    def _close(self, entry_id: str, status: str, microusd: int, usage: Mapping[str, Any] | None, **said: str | None) -> CostEntryRecord:
        entry = self._open_entry(entry_id)
        delta = microusd - entry.reserved_microusd
        for scope, key in _accounts(entry, self._autonomous(entry)[0]) if delta else ():
            account = update(CostAccountRecord).where(CostAccountRecord.scope == scope, CostAccountRecord.key == key)
            self.session.execute(account.values(counted_microusd=CostAccountRecord.counted_microusd + delta))
        settled = microusd if status == "settled" else None
        kept = {"usage": dict(usage) if usage is not None else None, "settled_microusd": settled, **said}
        closed = update(CostEntryRecord).where(CostEntryRecord.id == entry_id).values(status=status, closed_at=func.now(), lease_expires_at=None, **kept)
        return self.session.scalars(closed.returning(CostEntryRecord), execution_options={"populate_existing": True}).one()

    def _open_entry(self, entry_id: str) -> CostEntryRecord:
        statement = select(CostEntryRecord).filter_by(id=entry_id).with_for_update().execution_options(populate_existing=True)
        entry = self.session.scalar(statement)
        if entry is None:
            raise CostEntryMissing(f"cost entry: {entry_id!r} does not exist", entry=entry_id)
        if entry.status not in {"reserved", "unknown"}:
            raise CostEntryClosed(f"cost entry {entry_id} is {entry.status} already", entry=entry_id)
        return entry


def _accounts(entry: CostEntryRecord, autonomous_id: str | None) -> list[tuple[str, str]]:
    """Return the accounts an entry counts in, in the one order everybody locks them; a rehearsal's money is not real money."""
    day = f"{entry.tenant_id}/{entry.day.isoformat()}"
    made_for = entry.video_id or entry.run_id
    keys = {"channel": entry.channel_id, "day": day, "run": entry.run_id, "tenant": entry.tenant_id, "video": entry.video_id}
    keys |= {"autonomous": autonomous_id, "channel_day": f"{entry.channel_id}/{entry.day.isoformat()}" if entry.channel_id else None}
    keys |= {"provider": f"{day}/{entry.provider}", "kind": f"{made_for}/{entry.kind}" if made_for else None}
    prefix = f"{entry.provenance}:" if entry.provenance in REHEARSED else ""
    return sorted((scope, prefix + key) for scope, key in keys.items() if key is not None)


def _filters(by: Mapping[str, str | date]) -> list[ColumnElement[bool]]:
    return [getattr(CostEntryRecord, name) == value for name, value in by.items()]


def _exceeded(scope: str, key: str, limit: int, asked: int) -> BudgetExceeded:
    dollars = f"${limit / MICROUSD_PER_USD:.2f}"
    return BudgetExceeded(f"{scope} {key}: another ${asked / MICROUSD_PER_USD:.4f} would pass the limit of {dollars}", scope=scope, key=key, limit=limit)
