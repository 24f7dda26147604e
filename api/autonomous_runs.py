"""What an operator does with autonomous runs, as functions over a stack's database: start, stop, pause, edit, look, answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.report_addresses import fates_of
from graphs.autonomous_request import AutonomousRequest, read_request
from graphs.fleet_channels import provenance_of
from graphs.fleet_stop import AT_ONCE
from graphs.fleet_uploads import later_time, lead_of, without_upload
from infra.clock import SYSTEM_CLOCK
from infra.database import Session
from infra.errors import Conflict
from infra.ids import new_id
from infra.settings import Settings
from memory.personality import get_personality
from memory.records.autonomous_runs import AutonomousRunRecord, RunReportRecord
from memory.records.slots import SlotRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.allowance import AllowanceRepository
from memory.repositories.audit import AuditRepository
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.fleet import FleetRepository
from memory.repositories.run_events import RunEventRepository
from memory.repositories.run_reports import RunReportRepository
from memory.repositories.slots import SlotRepository
from memory.repositories.tasks import TaskRepository

OPERATOR = "operator"
# What an operator wants caught up is shown as soon as it is made; its slot only has to lie ahead.
CATCH_UP_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True)
class Order:
    """Who wants a run, for which tenant, and the key that makes wanting it twice one run; `report_to` are the addresses whose labels the request holds."""

    key: str | None = None
    tenant_id: str = LOCAL_TENANT
    by: str = OPERATOR
    report_to: tuple[str, ...] = ()


def create(session: Session, settings: Settings, request: AutonomousRequest, order: Order) -> AutonomousRunRecord:
    """Write a run down that begins now, or return the one of the same key; raises ChannelsTaken and AutonomousKeyReused."""
    now, run_id, channels = SYSTEM_CLOCK.now(), new_id("auto"), ChannelRepository(session)
    there = channels.of(request.channels)
    for channel in request.channels:
        if channel not in there:
            channels.ensure(channel, channel, _name(channel), order.tenant_id)
    run = AutonomousRunRecord(
        id=run_id,
        tenant_id=order.tenant_id,
        key=order.key or run_id,
        request=request.model_dump(mode="json"),
        provenance=provenance_of(request, settings).value,
        budget_microusd=round(request.budget_usd * 1e6),
        starts_at=now,
        ends_at=now + request.lasts,
        wake_at=now,
    )
    made = AutonomousRunRepository(session).create(run)
    if made.id == run_id:
        if order.report_to:
            AutonomousRunRepository(session).keep_addresses(run_id, order.report_to)
        AuditRepository(session).append(order.by, "autonomous_run.started", run_id, {"request": made.request})
    return made


def find_started(session: Session, request: AutonomousRequest, order: Order) -> AutonomousRunRecord | None:
    """Return the run that was started before with this key and request; raises what `create` would, before anything is looked at."""
    runs = AutonomousRunRepository(session)
    found = runs.find_by_key(order.tenant_id, order.key, request.model_dump(mode="json")) if order.key else None
    if found is None:
        runs.ensure_free(order.tenant_id, request.channels)
    return found


def stop(session: Session, run_id: str, reason: str, *, at_once: bool, by: str = OPERATOR) -> AutonomousRunRecord:
    """Let a run end: what is being made is finished first, or ended too when it is to stop at once."""
    told = f"{AT_ONCE if at_once else ''}stopped by {'the operator' if by == OPERATOR else by}: {reason}"
    return _changed(session, (run_id, by), "autonomous_run.stopped", reason, status="stopping", stop_reason=told, paused_reason=None)


def pause(session: Session, run_id: str, reason: str, by: str = OPERATOR) -> AutonomousRunRecord:
    """Let a run launch nothing new; what is being made and what is scheduled goes on."""
    if (status := AutonomousRunRepository(session).get(run_id).status) == "stopping":
        raise Conflict(f"autonomous run {run_id} is {status} and cannot be paused", run=run_id)
    return _changed(session, (run_id, by), "autonomous_run.paused", reason, status="paused", paused_reason=reason)


def resume(session: Session, run_id: str, by: str = OPERATOR) -> AutonomousRunRecord:
    """Let a paused run go on; what it missed meanwhile follows its policy."""
    run = AutonomousRunRepository(session).get(run_id)
    if run.status != "paused":
        raise Conflict(f"autonomous run {run_id} is {run.status}, not paused; there is nothing to resume", run=run_id)
    return _changed(session, (run_id, by), "autonomous_run.resumed", run.paused_reason or "", status="running", paused_reason=None, takeovers=0)


def edit(session: Session, run_id: str, changes: dict[str, Any], by: str = OPERATOR) -> AutonomousRunRecord:
    """Change what a run is asked for; the next wake-up, which is due at once, goes by it. Hours count from the run's start."""
    if not changes:
        raise Conflict("nothing to change: give at least one option, such as --hours or --budget", run=run_id)
    run = AutonomousRunRepository(session).get(run_id)
    request = read_request({**run.request, **changes})
    AutonomousRunRepository(session).ensure_free(run.tenant_id, request.channels, but=run.id)
    for channel in request.channels:
        ChannelRepository(session).ensure(channel, channel, _name(channel), run.tenant_id)
    AllowanceRepository(session).ensure_hours(run.tenant_id, request.lasts.total_seconds() / 3600, but=run.id)
    values = {"budget_microusd": round(request.budget_usd * 1e6), "ends_at": run.starts_at + request.lasts}
    return _changed(session, (run_id, by), "autonomous_run.edited", ", ".join(sorted(changes)), request=request.model_dump(mode="json"), **values)


def answer(session: Session, settings: Settings, slot_id: str, *, catch_up: bool) -> SlotRecord:
    """Answer for a publication that waits for a person: it is made and shown as soon as it can be and the platform takes it, or left out."""
    slots = SlotRepository(session)
    slot = slots.get(slot_id)
    run = AutonomousRunRepository(session).get(slot.autonomous_run_id)
    if slot.status == "asked" and slot.production_run_id is not None:
        if FleetRepository(session).production(slot.production_run_id).status == "paused":
            raise Conflict(f"slot {slot_id}: its production is paused; `ytempire runs resume {slot.production_run_id}` lets it go on", slot=slot_id)
        raise Conflict(f"slot {slot_id}: its video is made and waits for approval; decide with `ytempire approve {slot.production_run_id}`", slot=slot_id)
    if catch_up and run.status == "ended":
        raise Conflict(f"slot {slot_id}: its run has ended; start another, or add a task", slot=slot_id)
    if not catch_up:
        return slots.answer(slot_id, "skipped", "the operator leaves it out")
    now = SYSTEM_CLOCK.now()
    at, begins = now + CATCH_UP_WITHIN, now
    if without_upload(session, settings, run, slot, now):
        found = later_time(session, settings, run, slot, now)
        if found is None:
            raise Conflict(f"slot {slot_id}: no upload is left at YouTube at any time of its run that fits the channel's cadence; lengthen the run or skip it")
        at, begins = found, max(now, found - lead_of(session, run))
    caught_up = slots.answer(slot_id, "planned", "the operator catches up", launch_at=begins, publish_at=at)
    AutonomousRunRepository(session).hasten(run.id)
    return caught_up


def the_run(session: Session, run_id: str | None) -> str:
    """Return the run that is meant: the one that is named, or the only one that has not ended; raises Conflict when that is not plain."""
    if run_id is not None:
        return AutonomousRunRepository(session).get(run_id).id
    open_ = [run.id for run in AutonomousRunRepository(session).list_open()]
    if len(open_) != 1:
        told = f"{len(open_)} autonomous runs are going on: {', '.join(open_)}" if open_ else "no autonomous run is going on"
        raise Conflict(f"{told}; name the run that is meant (`ytempire runs status` lists them)", runs=open_)
    return open_[0]


def describe(session: Session, run: AutonomousRunRecord) -> dict[str, Any]:
    """Return how a run stands, as JSON values."""
    slots = SlotRepository(session).list_of_run(run.id)
    counts: dict[str, int] = {}
    for slot in slots:
        counts[slot.status] = counts.get(slot.status, 0) + 1
    return {
        "run_id": run.id,
        "status": run.status,
        "reason": run.ended_reason or run.stop_reason or run.paused_reason or "",
        "channels": list(run.request["channels"]),
        "provenance": run.provenance,
        "starts_at": run.starts_at.isoformat(),
        "ends_at": run.ends_at.isoformat(),
        "ended_at": _iso(run.ended_at),
        "next_wake_at": _iso(run.wake_at),
        "wakes": run.wakes,
        "revision": run.revision,
        "budget_usd": run.budget_microusd / 1e6,
        "spent_usd": round(FleetRepository(session).spent_microusd(run.id) / 1e6, 4),
        "held": run.notes.get("held", {}),
        "resting": run.notes.get("given_up", {}),
        "report_to": fates_of(session, run),
        "counts": counts,
        "slots": [describe_slot(slot) for slot in slots],
    }


def describe_slot(slot: SlotRecord) -> dict[str, Any]:
    """Return one slot as JSON values."""
    return {
        "slot": slot.id,
        "channel": slot.channel_id,
        "status": slot.status,
        "priority": slot.priority,
        "publish_at": slot.publish_at.isoformat(),
        "launch_at": slot.launch_at.isoformat(),
        "production": slot.production_run_id,
        "task": slot.task_id,
        "attempts": slot.attempts,
        "title": slot.why.get("title") or slot.why.get("topic") or "",
        "why": slot.why.get("reasons", []),
        "note": slot.history[-1]["note"],
    }


def log_of(session: Session, run_id: str) -> list[dict[str, Any]]:
    """Return a run's log, oldest first."""
    events = RunEventRepository(session).list_(run_id, limit=5000)
    return [{"at": event.created_at.isoformat(), "what": event.kind, **event.payload} for event in events]


def reports_of(session: Session, run_id: str) -> tuple[RunReportRecord, ...]:
    """Return a run's reports, oldest first."""
    return RunReportRepository(session).list_of_run(run_id)


def wake_for_tasks(session: Session, channel: str | None) -> int:
    """Wake the runs that could serve a task of this channel, or of any; returns how many."""
    runs = [run for run in AutonomousRunRepository(session).list_open() if channel is None or channel in run.request["channels"]]
    for run in runs:
        AutonomousRunRepository(session).hasten(run.id)
    return len(runs)


def cancel_task(session: Session, task_id: str, reason: str) -> str:
    """Cancel a task; one whose video is in the making is left to it. Returns the task's id."""
    task = TaskRepository(session).get(task_id)
    making = [slot for slot in FleetRepository(session).slots_of_task(task_id) if slot.status == "launched"]
    if making:
        raise Conflict(f"task {task_id}: its video is being made by run {making[0].production_run_id}; ignore that one instead", task=task_id)
    return TaskRepository(session).cancel(task.id, reason).id


def _changed(session: Session, whose: tuple[str, str], action: str, detail: str, **values: object) -> AutonomousRunRecord:
    run_id, by = whose
    run = AutonomousRunRepository(session).change(run_id, **values)
    RunEventRepository(session).append(run_id, action.replace("autonomous_run", "operator"), {"detail": detail, "revision": run.revision})
    AuditRepository(session).append(by, action, run_id, {"detail": detail})
    return run


def _name(channel: str) -> str:
    return get_personality(channel).name


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
