"""Publications whose time passed before they began: skipped, asked about or caught up, as the operator said, and never a flood of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from graphs.fleet_channels import standing_of
from graphs.fleet_flight import Flight, request_of
from graphs.fleet_launch import is_hopeless
from graphs.fleet_uploads import later_time, lead_of, without_upload
from graphs.fleet_watch import ask, miss, skip
from graphs.scheduling import APART
from infra.database import Session
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.slots import SlotRecord
from memory.repositories.slots import SlotRepository

CAUGHT_UP = "slot.caught_up"


def answer_missed(flight: Flight, session: Session, run: AutonomousRunRecord) -> tuple[str, ...]:
    """Decide about every planned slot that cannot be ready in its time any more; returns the slots that moved."""
    if run.status != "running":
        return ()
    now = flight.clock.now()
    planned = SlotRepository(session).list_of_run(run.id, ("planned",))
    late = [slot for slot in planned if is_hopeless(run, slot, session, now)]
    policy = request_of(run).missed
    if not late:
        return ()
    if policy == "catch_up":
        _catch_up(flight, session, run, late, now)
        return tuple(slot.id for slot in late)
    standing = standing_of(session, request_of(run))
    for slot in late:
        reason = _reason(run, slot, now)
        if kept := standing.hindrance(slot.channel_id, slot.publish_at):
            skip(flight, session, slot, kept)
        elif policy == "ask":
            ask(flight, session, slot, reason)
        else:
            miss(flight, session, slot, reason)
    return tuple(slot.id for slot in late)


def _catch_up(flight: Flight, session: Session, run: AutonomousRunRecord, late: Sequence[SlotRecord], now: datetime) -> None:
    """Give the newest of each channel a new time, one after the other; older ones are missed, since nobody wants a week's videos at once."""
    waiting = {slot.id for slot in late if without_upload(session, flight.settings, run, slot, now)}
    newest = {slot.channel_id: slot for slot in late if slot.id not in waiting}
    at = now + lead_of(session, run)
    for slot in late:
        if slot.id in waiting:
            _after_reset(flight, session, run, slot)
        elif newest[slot.channel_id] is not slot:
            miss(flight, session, slot, f"{_reason(run, slot, now)}; only the newest of its channel is caught up")
        elif at > run.ends_at:
            miss(flight, session, slot, f"{_reason(run, slot, now)}; the run ends before it could be caught up")
        else:
            _move(flight, session, slot, at, f"{_reason(run, slot, now)}; caught up at {at:%Y-%m-%d %H:%M} UTC", now)
            at += max(APART, timedelta(minutes=5))


def _after_reset(flight: Flight, session: Session, run: AutonomousRunRecord, slot: SlotRecord) -> None:
    """Give a slot that the platform's quota turned away the first time at which it fits again: one a day is no flood."""
    now = flight.clock.now()
    at = later_time(session, flight.settings, run, slot, now)
    if at is None:
        miss(flight, session, slot, f"{_reason(run, slot, now)}; no later time of the run has an upload left and fits its channel's cadence")
    else:
        told = f"{_reason(run, slot, now)}; moved to {at:%Y-%m-%d %H:%M} UTC, when an upload is left again"
        _move(flight, session, slot, at, told, max(now, at - lead_of(session, run)))


def _move(flight: Flight, session: Session, slot: SlotRecord, at: datetime, note: str, launch_at: datetime) -> None:  # noqa: PLR0913 - a slot and its new times
    SlotRepository(session).move(flight.wake, slot.id, "planned", note, publish_at=at, launch_at=launch_at)
    flight.note(session, CAUGHT_UP, slot=slot.id, channel=slot.channel_id, publish_at=at.isoformat())


def _reason(run: AutonomousRunRecord, slot: SlotRecord, now: datetime) -> str:
    held = run.notes.get("held", {}).get(slot.channel_id)
    minutes = int((now - slot.publish_at).total_seconds() // 60)
    when = f"{minutes} min late" if minutes > 0 else "too little time is left to make it"
    return f"{when}; held back by: {held}" if held else when
