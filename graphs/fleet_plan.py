"""Planning a run's publications: what is missing is planned at every wake-up, so that an edit or a failure is answered at the next one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from graphs.autonomous_request import AutonomousRequest
from graphs.fleet_channels import PEAKS_WITHIN, calendars_of, find_personality, peaks_of, provenance_of, standing_of, stories_of
from graphs.fleet_flight import Flight, moment, request_of, takes, worst_microusd
from graphs.fleet_uploads import SPARE_SHARE, uploads_room
from graphs.scheduling import Calendar, Period, Plan, Planned, Room, make_plan
from graphs.scheduling_times import latest_starts
from infra.database import Session
from memory.production_figures import ProductionFigures, measured_productions
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.slots import SlotRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.fleet import FleetRepository
from memory.repositories.slots import NewSlot, SlotRepository

PLANNED = "run.planned"


def plan(flight: Flight, session: Session, run: AutonomousRunRecord) -> int:
    """Plan what is missing and write it down; returns how many slots are new. A run that is paused or stopping plans nothing."""
    if run.status not in {"planning", "running"}:
        return 0
    request, now = request_of(run), flight.clock.now()
    figures = measured_productions(session)
    own = SlotRepository(session).list_of_run(run.id)
    _ensure_channels(session, run.tenant_id, request)
    calendars = _calendars(flight, session, run, own, now)
    made = make_plan(calendars, period_of(run, request, figures, now), room_for(flight, session, run, figures, calendars))
    new = new_slots(made.slots, takes(request, figures), flight.settings.productions_at_once, now)
    planned = SlotRepository(session).plan(flight.wake, new)
    _tell(flight, session, run, made, planned)
    AutonomousRunRepository(session).mark_running(flight.wake)
    return len(planned)


def period_of(run: AutonomousRunRecord, request: AutonomousRequest, figures: ProductionFigures, now: datetime) -> Period:
    """Return from when the run can publish: what making a video takes from now, or less in a run that is hardly longer."""
    begins = max(run.starts_at, now)
    lead = min(takes(request, figures) * (1 + SPARE_SHARE), (run.ends_at - begins) / 2)
    return Period(run.starts_at, begins + max(lead, timedelta()), run.ends_at, request.seed)


def room_for(flight: Flight, session: Session, run: AutonomousRunRecord, figures: ProductionFigures, calendars: Sequence[Calendar]) -> Room:
    """Return how many more videos the budget pays for and the platform takes, beyond those that are planned or being made."""
    request = request_of(run)
    dear = worst_microusd(flight.settings, figures, request)
    left = run.budget_microusd - FleetRepository(session).spent_microusd(run.id)
    open_ = SlotRepository(session).list_of_run(run.id, ("planned", "launched"))
    platform = {calendar.channel_id for calendar in calendars if calendar.platform}
    videos = max(0, left // dear - len(open_)) if dear else None
    return uploads_room(session, flight.settings, flight.clock.now(), [slot for slot in open_ if slot.channel_id in platform], videos)


def new_slots(planned: tuple[Planned, ...], longest: timedelta, at_once: int, now: datetime) -> list[NewSlot]:
    """Give each publication the time at which its production begins: as late as lets all be ready, but never in the past."""
    ends = [one.publish_at - longest * SPARE_SHARE for one in planned]
    starts = latest_starts(ends, longest, at_once)
    return [
        NewSlot(
            key=one.key,
            channel_id=one.channel_id,
            publish_at=one.publish_at,
            launch_at=max(now, start),
            why={"reasons": list(one.reasons)} | ({"topic": one.topic} if one.topic else {}),
        )
        for one, start in zip(planned, starts, strict=True)
    ]


def given_up_until(run: AutonomousRunRecord, channel: str) -> datetime | None:
    """Return until when a channel is left alone because every topic it tried was refused."""
    return moment(run.notes.get("given_up", {}).get(channel))


def _ensure_channels(session: Session, tenant_id: str, request: AutonomousRequest) -> None:
    known = ChannelRepository(session).of(request.channels)
    for channel in request.channels:
        personality = find_personality(channel)
        if personality is not None and channel not in known:
            ChannelRepository(session).ensure(channel, personality.id, personality.name, tenant_id)


def _calendars(flight: Flight, session: Session, run: AutonomousRunRecord, own: tuple[SlotRecord, ...], now: datetime) -> list[Calendar]:
    request = request_of(run)
    stories = stories_of(session, flight.settings, request, now - PEAKS_WITHIN)
    told = {str(slot.why.get("topic", "")) for slot in own}
    standing, found = standing_of(session, request), []
    for channel, calendar in calendars_of(session, flight.settings, request, own, now).items():
        resting = given_up_until(run, channel)
        personality = find_personality(channel)
        if personality is None or standing.pause(channel) or (resting is not None and resting > now):
            continue
        peaks = tuple(peak for peak in peaks_of(stories, personality, now) if peak.topic not in told)
        found.append(replace(calendar, peaks=peaks))
    return found


def _tell(flight: Flight, session: Session, run: AutonomousRunRecord, made: Plan, planned: tuple[SlotRecord, ...]) -> None:
    """Write the plan into the run's log where it is news."""
    first = run.status == "planning"
    if not planned and not first:
        return
    slots = [{"channel": slot.channel_id, "publish_at": slot.publish_at.isoformat(), "why": slot.why["reasons"]} for slot in planned]
    open_ = len(SlotRepository(session).list_open(run.id))
    flight.note(
        session,
        PLANNED,
        slots=slots,
        dropped=[f"{one.channel_id}: {one.reason}" for one in made.dropped],
        open=open_,
        provenance=provenance_of(request_of(run), flight.settings).value,
    )
