"""Injected tasks and breaking stories join the plan: the urgent at once, the others where there is a place for them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from graphs.fleet_channels import (
    BREAKING_GROWTH,
    BREAKING_WITHIN,
    Standing,
    breaking_of,
    calendars_of,
    find_personality,
    platform_of,
    standing_of,
    stories_of,
    uploads_left,
)
from graphs.fleet_flight import Flight, request_of, takes
from graphs.fleet_plan import given_up_until
from graphs.fleet_uploads import SPARE_SHARE
from graphs.scheduling import APART, Calendar, urgent_time
from infra.database import Session
from memory.production_figures import measured_productions
from memory.quota import next_reset
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.slots import SlotRecord
from memory.records.tasks import PRIORITIES, TaskRecord
from memory.repositories.slots import NewSlot, SlotRepository
from memory.repositories.tasks import TaskRepository

URGENT = PRIORITIES["urgent"]
JOINED = "task.joined"
BREAKING = "trend.breaking"
# A channel interrupts its plan for a breaking story once a day at most.
_ONCE_IN = timedelta(hours=24)


def join_tasks(flight: Flight, session: Session, run: AutonomousRunRecord) -> tuple[str, ...]:
    """Let queued tasks join the plan, most urgent first; returns the tasks that did. What has no place stays queued."""
    request, joined = request_of(run), []
    queued = TaskRepository(session).list_queued(run.tenant_id, request.channels) if run.status == "running" else ()
    if not queued:
        return ()
    full_until, standing, platform = _full_until(flight, session), standing_of(session, request), platform_of(session, flight.settings, request)
    for task in queued:
        channel = task.channel_id or _least_busy(flight, session, run, standing)
        if channel is None or standing.pause(channel):
            continue
        # A video that the platform would not take is not begun: its task waits for the reset, instead of missing one slot after the other.
        early = full_until is not None and (task.due_at is None or task.due_at < full_until)
        if early and channel in platform:
            continue
        slot = _place(flight, session, run, task, channel)
        if slot is not None:
            flight.note(session, JOINED, task=task.id, slot=slot.id, channel=channel, publish_at=slot.publish_at.isoformat())
            joined.append(task.id)
    return tuple(joined)


def _full_until(flight: Flight, session: Session) -> datetime | None:
    """Return when the platform takes uploads again; None while it does."""
    now = flight.clock.now()
    _, left = uploads_left(session, flight.settings, now)
    return next_reset(now) if left < 1 else None


def join_breaking(flight: Flight, session: Session, run: AutonomousRunRecord) -> tuple[str, ...]:
    """Give each channel whose subjects have a breaking story an urgent slot, within its cadence; returns the new slots."""
    if run.status != "running":
        return ()
    request, now, made = request_of(run), flight.clock.now(), []
    stories = [one for one in stories_of(session, flight.settings, request, now - BREAKING_WITHIN) if (one.outlook.growth or 0.0) >= BREAKING_GROWTH]
    if not stories:
        return ()
    own = SlotRepository(session).list_of_run(run.id)
    told = {str(slot.why.get("topic") or slot.why.get("made") or "") for slot in own}
    full = platform_of(session, flight.settings, request) if _full_until(flight, session) is not None else frozenset()
    standing = standing_of(session, request)
    for channel in request.channels:
        personality = find_personality(channel)
        if personality is None or standing.pause(channel) or _interrupted(own, channel, now) or channel in full:
            continue
        story = next((one for one in breaking_of(stories, personality) if one.topic not in told), None)
        calendar = calendars_of(session, flight.settings, request, own, now).get(channel) if story else None
        at = urgent_time(calendar, _soonest(flight, session, run), run.ends_at) if calendar and story else None
        if story is None or at is None:
            continue
        reasons = [f"{story.topic!r} breaks: {story.growth:+.0%} attention expected within two days"]
        new = NewSlot(f"trend/{channel}/{story.topic_id}", channel, at, now, URGENT, why={"reasons": reasons, "topic": story.topic, "breaking": True})
        made += [slot.id for slot in SlotRepository(session).plan(flight.wake, [new])]
        flight.note(session, BREAKING, channel=channel, topic=story.topic, publish_at=at.isoformat())
    return tuple(made)


def _place(flight: Flight, session: Session, run: AutonomousRunRecord, task: TaskRecord, channel: str) -> SlotRecord | None:
    """Take the task and give it a slot; None when there is no place for it now, or somebody else took it."""
    tasks, slots = TaskRepository(session), SlotRepository(session)
    if task.priority < URGENT and task.due_at is None:
        free = [slot for slot in slots.list_of_run(run.id, ("planned",)) if slot.channel_id == channel and slot.task_id is None and not slot.why.get("topic")]
        if free:
            if not tasks.take(flight.wake, task.id):
                return None
            why = {**free[0].why, "task": task.id}
            return slots.move(flight.wake, free[0].id, "planned", f"task {task.id}", task_id=task.id, priority=max(task.priority, free[0].priority), why=why)
    at = _moment(flight, session, run, task, channel)
    if at is None or not tasks.take(flight.wake, task.id):
        return None
    tried = sum(1 for slot in slots.list_of_run(run.id) if slot.key.startswith(f"task/{task.id}/"))
    lead = takes(request_of(run), measured_productions(session)) * (1 + SPARE_SHARE)
    launch_at = max(flight.clock.now(), at - lead)
    why = {"reasons": [f"task {task.id} of {task.created_by}"], "task": task.id}
    new = NewSlot(f"task/{task.id}/{tried}", channel, at, launch_at, task.priority, task.id, why)
    return slots.plan(flight.wake, [new])[0]


def _moment(flight: Flight, session: Session, run: AutonomousRunRecord, task: TaskRecord, channel: str) -> datetime | None:
    """Return when a task gets a slot of its own: when it is due; else at once, where only the urgent passes over the channel's cadence."""
    soonest = _soonest(flight, session, run)
    if task.due_at is not None or task.priority >= URGENT:
        at = max(task.due_at or soonest, soonest)
        return at if at <= run.ends_at else None
    calendar = _calendar(flight, session, run, channel)
    return urgent_time(calendar, soonest, run.ends_at) if calendar else None


def _soonest(flight: Flight, session: Session, run: AutonomousRunRecord) -> datetime:
    """Return the next moment at which a video that is begun now can be shown, apart from every other."""
    at = flight.clock.now() + takes(request_of(run), measured_productions(session)) * (1 + SPARE_SHARE)
    taken = sorted(slot.publish_at for slot in SlotRepository(session).list_open(run.id))
    while clash := next((moment for moment in taken if abs(moment - at) < APART), None):
        at = clash + APART
    return at


def _calendar(flight: Flight, session: Session, run: AutonomousRunRecord, channel: str) -> Calendar | None:
    own = SlotRepository(session).list_of_run(run.id)
    return calendars_of(session, flight.settings, request_of(run), own, flight.clock.now()).get(channel)


def _least_busy(flight: Flight, session: Session, run: AutonomousRunRecord, standing: Standing) -> str | None:
    """Return the channel with the fewest open slots that may work now."""
    now = flight.clock.now()
    busy = {channel: 0 for channel in request_of(run).channels if find_personality(channel) and not standing.pause(channel)}
    for channel in list(busy):
        resting = given_up_until(run, channel)
        if resting is not None and resting > now:
            del busy[channel]
    for slot in SlotRepository(session).list_open(run.id):
        if slot.channel_id in busy:
            busy[slot.channel_id] += 1
    return min(busy, key=lambda channel: (busy[channel], channel)) if busy else None


def _interrupted(own: Sequence[SlotRecord], channel: str, now: datetime) -> bool:
    return any(slot.channel_id == channel and slot.why.get("breaking") and slot.created_at > now - _ONCE_IN for slot in own)
