"""Launching what is due: each slot gets its production run in one transaction, so that no slot is ever launched twice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from graphs.autonomous_request import AutonomousRequest
from graphs.beginning import expected
from graphs.fleet_channels import Standing, find_personality, platform_of, standing_of
from graphs.fleet_flight import Flight, request_of, takes, worst_microusd
from graphs.fleet_uploads import lead_of, uploads_now
from graphs.levels import level_of
from graphs.request import ProductionRequest
from graphs.timing import GRACE
from infra.database import Session
from infra.ids import new_id
from memory.artifacts import Format
from memory.production_figures import measured_productions
from memory.quota import next_reset
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.runs import RunRecord
from memory.records.slots import SlotRecord
from memory.repositories.allowance import AllowanceRepository, PlanLimitReached
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.brakes import LAUNCHES, Braked, BrakeRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.fleet import FleetRepository
from memory.repositories.slots import SlotRepository
from memory.repositories.switches import Stopped, SwitchRepository, covering
from memory.repositories.tasks import TaskRepository

LAUNCHED = "slot.launched"
HELD_BACK = "run.held_back"
# Of other channels' topics of this run, the newest are left to them.
_TOLD_ELSEWHERE = 12


@dataclass(frozen=True)
class Means:
    """Money there is to launch with, in micro-dollars, and the most one video takes; uploads left until the reset, who spends them, how channels stand."""

    left_microusd: int
    each_microusd: int
    uploads: int
    reset: datetime
    platform: frozenset[str]
    standing: Standing


def launch(flight: Flight, session: Session, run: AutonomousRunRecord) -> tuple[str, ...]:
    """Launch every slot whose time to begin has come and that may begin; returns their ids. What may not is told once, and stays planned."""
    now = flight.clock.now()
    if run.status != "running" or now >= run.ends_at:
        return ()
    _part_from_cancelled(flight, session, run)
    due = [slot for slot in SlotRepository(session).list_of_run(run.id, ("planned",)) if begins_at(run, slot, session) <= now]
    # What cannot be ready any more is not begun: what becomes of it is decided with all that is missed.
    due = [slot for slot in due if (slot.retry_at is None or slot.retry_at <= now) and not is_hopeless(run, slot, session, now)]
    if not due:
        return ()
    means, launched, held = means_of(flight, session, run), [], {}
    for slot in sorted(due, key=lambda one: (-one.priority, one.publish_at, one.id)):
        reason = _hindrance(session, run, slot, means)
        if reason:
            held[slot.channel_id] = reason
            continue
        means = replace(means, left_microusd=means.left_microusd - means.each_microusd, uploads=means.uploads - (slot.channel_id in means.platform))
        launched.append(_launch(flight, session, run, slot))
    _tell_held(flight, session, run, held)
    return tuple(launched)


def means_of(flight: Flight, session: Session, run: AutonomousRunRecord) -> Means:
    """Return what is left for new productions once those that are being made have taken all they may."""
    request, figures = request_of(run), measured_productions(session)
    each = worst_microusd(flight.settings, figures, request)
    working = len(SlotRepository(session).list_of_run(run.id, ("launched",)))
    left = run.budget_microusd - FleetRepository(session).spent_microusd(run.id) - working * each
    now, platform = flight.clock.now(), platform_of(session, flight.settings, request)
    return Means(left, each, uploads_now(session, flight.settings, run, now), next_reset(now), platform, standing_of(session, request))


def production_of(run: AutonomousRunRecord, slot: SlotRecord, task: Mapping[str, Any], told: tuple[str, ...], own: str) -> ProductionRequest:
    """Return the production that serves a slot: what its task wants, or its expected story, or whatever the scout finds beyond what is told already.

    `own` is the level of the slot's channel as it is now.
    """
    request = request_of(run)
    attempt = slot.attempts + 1
    wanted: dict[str, Any] = {"topic": slot.why.get("topic")} | {name: value for name, value in task.items() if name != "freed_by"}
    wanted["autonomy"] = level_of(task, request.autonomy, own)
    avoid = tuple(dict.fromkeys((*slot.why.get("avoid", ()), *told)))
    timed = {"publish_at": slot.publish_at, "publish_until": run.ends_at, "priority": slot.priority, "avoid": avoid}
    return request.production(slot.channel_id, slot.key, attempt, **{"format": _format(request, slot.channel_id), **timed, **wanted})


def _format(request: AutonomousRequest, channel: str) -> Format:
    personality = find_personality(channel)
    return request.format or (personality.format if personality else Format.LANDSCAPE)


def _launch(flight: Flight, session: Session, run: AutonomousRunRecord, slot: SlotRecord) -> str:
    task = _asked(session, slot.task_id) if slot.task_id else {}
    own = ChannelRepository(session).get(slot.channel_id).autonomy
    request = production_of(run, slot, task, _told_elsewhere(session, run, slot), own)
    truth = expected(request, flight.settings).value
    record = RunRecord(id=new_id("run"), channel_id=slot.channel_id, request=request.model_dump(mode="json"), provenance=truth)
    SlotRepository(session).launch(flight.wake, slot.id, record)
    told = {"slot": slot.id, "channel": slot.channel_id, "production": record.id, "publish_at": slot.publish_at.isoformat()}
    flight.note(session, LAUNCHED, **told, attempt=slot.attempts, topic=request.topic, task=slot.task_id)
    return slot.id


def _asked(session: Session, task_id: str) -> dict[str, Any]:
    task = TaskRepository(session).get(task_id)
    return {**task.payload, "asked_by": task.created_by}


def _part_from_cancelled(flight: Flight, session: Session, run: AutonomousRunRecord) -> None:
    """Let slots go on without a task that was cancelled; a slot that was there for it alone goes with it."""
    slots = SlotRepository(session)
    for slot in slots.list_of_run(run.id, ("planned",)):
        if slot.task_id is None or (task := TaskRepository(session).get(slot.task_id)).status == "planned":
            continue
        alone = slot.key.startswith(f"task/{task.id}/")
        slots.move(flight.wake, slot.id, "cancelled" if alone else "planned", f"task {task.id} was cancelled: {task.reason}", task_id=None)


def _told_elsewhere(session: Session, run: AutonomousRunRecord, slot: SlotRecord) -> tuple[str, ...]:
    """Return the topics that other channels of this run have taken, the newest last, so that not all tell the same story."""
    others = [one for one in SlotRepository(session).list_of_run(run.id) if one.channel_id != slot.channel_id and one.why.get("made")]
    return tuple(str(one.why["made"]) for one in others)[-_TOLD_ELSEWHERE:]


def _hindrance(session: Session, run: AutonomousRunRecord, slot: SlotRecord, means: Means) -> str:
    """Return why a slot may not begin now; nothing when it may."""
    try:
        SwitchRepository(session).ensure_released(covering(tenant=run.tenant_id, channel=slot.channel_id, run=run.id))
        BrakeRepository(session).ensure_free(LAUNCHES)
        AllowanceRepository(session).ensure_video(slot.channel_id)
    except (Stopped, Braked, PlanLimitReached) as held:
        return held.message
    if kept := means.standing.hindrance(slot.channel_id, slot.publish_at):
        return kept
    if means.each_microusd > means.left_microusd:
        return f"budget: ${max(0, means.left_microusd) / 1e6:.2f} are left and one video may cost ${means.each_microusd / 1e6:.2f}"
    # What is shown after the platform's reset is begun before it, and uploaded from then on.
    if means.uploads < 1 and slot.channel_id in means.platform and slot.publish_at < means.reset:
        return f"quota: no upload is left until {means.reset:%Y-%m-%d %H:%M} UTC"
    return ""


def begins_at(run: AutonomousRunRecord, slot: SlotRecord, session: Session) -> datetime:
    """Return when a slot's production is to begin: as it was planned, or earlier where productions turned out to take longer than they did then."""
    return min(slot.launch_at, slot.publish_at - lead_of(session, run))


def is_hopeless(run: AutonomousRunRecord, slot: SlotRecord, session: Session, now: datetime) -> bool:
    """Whether a slot that has not begun cannot be ready within the grace any more, even if its production takes only half as long as planned."""
    return now + takes(request_of(run), measured_productions(session)) / 2 > slot.publish_at + GRACE


def _tell_held(flight: Flight, session: Session, run: AutonomousRunRecord, held: dict[str, str]) -> None:
    """Log what holds slots back when that is news; what is true for many wake-ups is said once."""
    if held and held != run.notes.get("held"):
        flight.note(session, HELD_BACK, channels=held)
    if held != run.notes.get("held", {}):
        AutonomousRunRepository(session).note(flight.wake, held=held)
