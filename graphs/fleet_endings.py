"""Productions that ended without a video: tried again on another topic, or given up with the reason; a channel that refuses everything rests for a day."""

from datetime import timedelta
from typing import Any

from graphs.fleet_flight import Flight
from graphs.fleet_launch import is_hopeless
from graphs.fleet_watch import fail, miss
from infra.database import Session
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.slots import SlotRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.fleet import FleetRepository, Production
from memory.repositories.messages import MessageRepository
from memory.repositories.slots import SlotRepository
from memory.repositories.tasks import TaskRepository

MOST_ATTEMPTS = 3
REST = timedelta(hours=24)
RETRIED = "slot.retried"
GIVEN_UP = "channel.given_up"
_PAUSE = timedelta(minutes=1)
_NO_SECOND_TRY = frozenset({"budget_exceeded", "stopped", "run_poisoned"})


def answer_endings(flight: Flight, session: Session, run: AutonomousRunRecord) -> tuple[str, ...]:
    """Decide about every slot whose production ended without a publication; returns the slots that moved."""
    moved = []
    for slot in SlotRepository(session).list_of_run(run.id, ("launched", "asked")):
        production = FleetRepository(session).production(slot.production_run_id) if slot.production_run_id else None
        if production is None or production.status in {"running", "waiting", "paused", "published"}:
            continue
        _answer(flight, session, run, slot, production)
        moved.append(slot.id)
    return tuple(moved)


def _answer(flight: Flight, session: Session, run: AutonomousRunRecord, slot: SlotRecord, production: Production) -> None:
    reasons = "; ".join((production.outcome or {}).get("reasons", [])) or production.status
    told = reasons[:1000]
    state: dict[str, Any] = (production.outcome or {}).get("state", {})
    if production.status == "rejected":
        _skip(flight, session, slot, f"a person said no: {told}")
    elif state.get("prepare", {}).get("late"):
        miss(flight, session, slot, told)
    elif production.status == "refused" and state.get("scout", {}).get("refusal") and not slot.task_id:
        fail(flight, session, slot, told)
        _give_up(flight, session, run, slot.channel_id, told)
    elif not _try_again(flight, session, run, slot, production, told):
        fail(flight, session, slot, told)
        if production.status == "refused":
            _give_up(flight, session, run, slot.channel_id, f"{slot.attempts} topics were refused in a row; the last: {told}")


def _try_again(flight: Flight, session: Session, run: AutonomousRunRecord, slot: SlotRecord, production: Production, told: str) -> bool:  # noqa: PLR0913 - a slot, its production and why
    """Plan the slot again on another topic while there is time and patience; a topic that a task named is given up with its task."""
    now = flight.clock.now()
    code = str((production.error or {}).get("code", ""))
    if run.status != "running" or slot.attempts >= MOST_ATTEMPTS or code in _NO_SECOND_TRY or is_hopeless(run, slot, session, now):
        return False
    refused = production.status == "refused"
    if refused and slot.task_id is not None:
        TaskRepository(session).finish(flight.wake, slot.task_id, "failed", told)
    avoid = [*slot.why.get("avoid", ()), *([production.topic] if production.topic else ())]
    why = {**slot.why, "avoid": list(dict.fromkeys(avoid)), "made": ""} | ({"topic": None} if refused else {})
    later = now if refused else now + _PAUSE * slot.attempts
    values: dict[str, Any] = {"why": why, "launch_at": now, "retry_at": later} | ({"task_id": None} if refused else {})
    SlotRepository(session).move(flight.wake, slot.id, "planned", f"{production.status}: {told}", **values)
    flight.note(session, RETRIED, slot=slot.id, channel=slot.channel_id, attempt=slot.attempts, reason=told)
    return True


def _skip(flight: Flight, session: Session, slot: SlotRecord, reason: str) -> None:
    SlotRepository(session).move(flight.wake, slot.id, "skipped", reason)
    if slot.task_id is not None:
        TaskRepository(session).finish(flight.wake, slot.task_id, "failed", reason)


def _give_up(flight: Flight, session: Session, run: AutonomousRunRecord, channel: str, reason: str) -> None:
    """Let a channel rest for a day: what it had planned until then is skipped, and the operator is told."""
    until = flight.clock.now() + REST
    given_up = {**run.notes.get("given_up", {}), channel: until.isoformat()}
    AutonomousRunRepository(session).note(flight.wake, given_up=given_up)
    session.refresh(run)
    for slot in SlotRepository(session).list_of_run(run.id, ("planned",)):
        if slot.channel_id == channel and slot.launch_at < until and slot.task_id is None:
            _skip(flight, session, slot, f"the channel rests until {until:%Y-%m-%d %H:%M} UTC: {reason}"[:1000])
    flight.note(session, GIVEN_UP, channel=channel, until=until.isoformat(), reason=reason)
    told = f"{channel} is left alone until {until:%Y-%m-%d %H:%M} UTC: {reason}"
    told += f"\n\nAdd a topic or sources with: ytempire tasks add --channel {channel} --topic TEXT"
    about = {"autonomous_run": run.id, "channel": channel}
    MessageRepository(session).queue(f"given_up:{run.id}:{channel}:{until:%Y-%m-%dT%H}", "channel", f"{channel}: nothing to tell", told, "warning", about)
