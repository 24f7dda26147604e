"""How an autonomous run ends: by its deadline, its budget, a kill switch or its operator, with nothing left half-done."""

from datetime import datetime, timedelta

from graphs.fleet_flight import Flight, moment, request_of
from graphs.fleet_launch import means_of
from graphs.fleet_watch import is_shown
from infra.database import Session
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.slots import SlotRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.fleet import FleetRepository
from memory.repositories.slots import SlotRepository
from memory.repositories.switches import EVERYTHING, SwitchRepository
from memory.repositories.tasks import TaskRepository

# What is being made when the run stops may be finished for this long; then it is ended with the reason.
DRAIN = timedelta(minutes=45)
STOPPING = "run.stopping"
AT_ONCE = "at once: "


def decide_stop(flight: Flight, session: Session, run: AutonomousRunRecord) -> str:
    """Begin to end the run when there is a reason to; returns the reason, or nothing while it goes on."""
    if run.status == "stopping":
        _note_since(flight, session, run)
        return run.stop_reason or ""
    reason = _reason(flight, session, run)
    if reason:
        AutonomousRunRepository(session).stop(flight.wake, reason)
        session.refresh(run)
        _note_since(flight, session, run)
    return reason


def wind_down(flight: Flight, session: Session, run: AutonomousRunRecord) -> tuple[str, ...]:
    """Bring a stopping run's slots to an end: what has not begun is cancelled, what waits or is paused stays so, what is being made may be finished."""
    if run.status != "stopping":
        return ()
    moved, reason = [], f"the run ends: {run.stop_reason}"
    for slot in SlotRepository(session).list_of_run(run.id, ("planned", "launched")):
        if slot.status == "planned":
            _cancel(flight, session, slot, reason)
        elif not _settled(flight, session, run, slot, reason):
            continue
        moved.append(slot.id)
    return tuple(moved)


def may_end(session: Session, run: AutonomousRunRecord) -> bool:
    """Whether nothing of a stopping run is in the making any more."""
    if run.status != "stopping" or SlotRepository(session).list_of_run(run.id, ("planned", "launched")):
        return False
    return not any(unwanted for unwanted, _ in FleetRepository(session).list_unwanted(run.id))


def _reason(flight: Flight, session: Session, run: AutonomousRunRecord) -> str:
    if flight.clock.now() >= run.ends_at:
        return f"its {request_of(run).hours:g} hours are over"
    scopes = {EVERYTHING, f"tenant:{run.tenant_id}", f"run:{run.id}"}
    engaged = next((one for one in SwitchRepository(session).list_engaged() if one.scope in scopes), None)
    if engaged is not None:
        return f"{AT_ONCE}{engaged.scope} is stopped by {engaged.changed_by}: {engaged.reason}"
    means = means_of(flight, session, run)
    if means.each_microusd > means.left_microusd and not SlotRepository(session).list_of_run(run.id, ("launched",)):
        return f"its budget is spent: ${max(0, means.left_microusd) / 1e6:.2f} are left and one video may cost ${means.each_microusd / 1e6:.2f}"
    return ""


def _note_since(flight: Flight, session: Session, run: AutonomousRunRecord) -> None:
    if "stopping_since" in run.notes:
        return
    AutonomousRunRepository(session).note(flight.wake, stopping_since=flight.clock.now().isoformat())
    flight.note(session, STOPPING, reason=run.stop_reason)
    session.refresh(run)


def _settled(flight: Flight, session: Session, run: AutonomousRunRecord, slot: SlotRecord, reason: str) -> bool:
    production = FleetRepository(session).production(str(slot.production_run_id))
    now = flight.clock.now()
    if production.status == "published":
        if is_shown(production, now):
            return False  # the next look counts it
        SlotRepository(session).move(flight.wake, slot.id, "published", f"ready and approved; shown at {slot.publish_at:%Y-%m-%d %H:%M} UTC. {reason}")
        _task_done(flight, session, slot, f"scheduled by run {slot.production_run_id}")
        return True
    if production.status in {"waiting", "paused"}:
        told = "its video waits for a person" if production.status == "waiting" else "its production is paused and goes on when a person resumes it"
        SlotRepository(session).move(flight.wake, slot.id, "asked", f"{told}. {reason}")
        return True
    if _patient_until(run) > now:
        return False
    _cancel(flight, session, slot, reason)
    return True


def _patient_until(run: AutonomousRunRecord) -> datetime:
    since = moment(run.notes.get("stopping_since")) or run.ends_at
    return since if (run.stop_reason or "").startswith(AT_ONCE) else since + DRAIN


def _cancel(flight: Flight, session: Session, slot: SlotRecord, reason: str) -> None:
    SlotRepository(session).move(flight.wake, slot.id, "cancelled", reason)
    if slot.task_id is not None:
        TaskRepository(session).give_back(flight.wake, slot.task_id, reason)


def _task_done(flight: Flight, session: Session, slot: SlotRecord, reason: str) -> None:
    if slot.task_id is not None:
        TaskRepository(session).finish(flight.wake, slot.task_id, "done", reason)
