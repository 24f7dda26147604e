"""Watching what was launched: a slot is published once its video is shown, and waits, is asked about or missed when its time passes."""

from datetime import datetime

from graphs.fleet_flight import Flight, moment, request_of
from graphs.timing import GRACE
from infra.database import Session
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.slots import SlotRecord
from memory.repositories.fleet import FleetRepository, Production
from memory.repositories.messages import MessageRepository
from memory.repositories.slots import SlotRepository
from memory.repositories.tasks import TaskRepository

PUBLISHED = "slot.published"
MISSED = "slot.missed"
ASKED = "slot.asked"
FAILED = "slot.failed"
# A production that passing trouble stopped this often is given up: with its pauses that is more than two hours.
MOST_STOPS = 14


def watch(flight: Flight, session: Session, run: AutonomousRunRecord) -> tuple[str, ...]:
    """Look at every production of the run and move its slot where that is plain; returns the slots that moved."""
    moved = []
    for slot in SlotRepository(session).list_of_run(run.id, ("launched", "asked")):
        if slot.production_run_id is None:
            continue
        production = FleetRepository(session).production(slot.production_run_id)
        if production.topic and slot.why.get("made") != production.topic:
            SlotRepository(session).annotate(flight.wake, slot.id, made=production.topic, title=production.title)
        if _look(flight, session, run, slot, production):
            moved.append(slot.id)
    return tuple(moved)


def _look(flight: Flight, session: Session, run: AutonomousRunRecord, slot: SlotRecord, production: Production) -> bool:
    now = flight.clock.now()
    if production.status == "published":
        return is_shown(production, now) and _published(flight, session, slot, production)
    if production.status == "waiting" and production.asked and slot.status == "launched" and now > slot.publish_at + GRACE:
        return _passed_over(flight, session, run, slot)
    if production.status == "running" and production.stops >= MOST_STOPS:
        reason = f"given up: stopped {production.stops} times by {production.stopped_by}"
        fail(flight, session, slot, reason)
        return True
    return False


def is_shown(production: Production, now: datetime) -> bool:
    """Whether what was published can be seen by now: its time has come and, in the library, it was put into the index."""
    publication = production.publication
    if publication is None or publication.published_at is None:
        return True
    hidden = publication.publisher == "library" and "publish_at" in publication.details and "shown" not in publication.details
    return publication.published_at <= now and not hidden


def _published(flight: Flight, session: Session, slot: SlotRecord, production: Production) -> bool:
    publication = production.publication
    shown = publication.details.get("shown") if publication is not None else None
    at = moment(shown) or (publication.published_at if publication is not None else None)
    late_s = round((at - slot.publish_at).total_seconds()) if at is not None else 0
    location = publication.external_url if publication is not None else ""
    SlotRepository(session).move(flight.wake, slot.id, "published", f"{production.title or production.topic}: {location}")
    flight.note(session, PUBLISHED, slot=slot.id, channel=slot.channel_id, title=production.title, location=location, late_s=late_s)
    if slot.task_id is not None:
        TaskRepository(session).finish(flight.wake, slot.task_id, "done", f"published by run {production.run_id}")
    return True


def _passed_over(flight: Flight, session: Session, run: AutonomousRunRecord, slot: SlotRecord) -> bool:
    """Decide about a video that still waits for a person after its time: nothing is published without one."""
    policy = request_of(run).missed
    if policy == "catch_up":
        return False
    if policy == "ask":
        ask(flight, session, slot, "its video waits for approval and its time has passed; accepting it publishes it at once")
    else:
        miss(flight, session, slot, "nobody approved its video in time")
    return True


def miss(flight: Flight, session: Session, slot: SlotRecord, reason: str) -> None:
    """Record that a publication did not happen in its time and will not; a task that it served waits for another slot."""
    SlotRepository(session).move(flight.wake, slot.id, "missed", reason)
    flight.note(session, MISSED, slot=slot.id, channel=slot.channel_id, publish_at=slot.publish_at.isoformat(), reason=reason)
    if slot.task_id is not None:
        TaskRepository(session).give_back(flight.wake, slot.task_id, reason)


def skip(flight: Flight, session: Session, slot: SlotRecord, reason: str) -> None:
    """Record that a publication was kept back on purpose, by the channel's pause or hold; a task that it served waits for another slot."""
    SlotRepository(session).move(flight.wake, slot.id, "skipped", reason)
    if slot.task_id is not None:
        TaskRepository(session).give_back(flight.wake, slot.task_id, reason)


def ask(flight: Flight, session: Session, slot: SlotRecord, reason: str) -> None:
    """Leave a publication to a person, and say so once."""
    SlotRepository(session).move(flight.wake, slot.id, "asked", reason)
    flight.note(session, ASKED, slot=slot.id, channel=slot.channel_id, reason=reason)
    due = f"{slot.publish_at:%Y-%m-%d %H:%M} UTC"
    waiting = slot.production_run_id if slot.production_run_id and "approval" in reason else None
    how = f"ytempire approve {waiting} --accept (or --ignore)" if waiting else f"ytempire runs answer {slot.id} --catch-up (or --skip)"
    body = f"{slot.channel_id} was to publish at {due}: {reason}.\n\nDecide with: {how}\nUntil then nothing is published."
    key = f"slot:{slot.id}:{len(slot.history)}"
    about = {"autonomous_run": slot.autonomous_run_id, "slot": slot.id, "channel": slot.channel_id}
    MessageRepository(session).queue(key, "question", f"{slot.channel_id}: publish late?", body, "warning", about)


def fail(flight: Flight, session: Session, slot: SlotRecord, reason: str) -> None:
    """Give a slot up, and with it the task that it served."""
    SlotRepository(session).move(flight.wake, slot.id, "failed", reason)
    flight.note(session, FAILED, slot=slot.id, channel=slot.channel_id, reason=reason)
    if slot.task_id is not None:
        TaskRepository(session).finish(flight.wake, slot.task_id, "failed", reason)
