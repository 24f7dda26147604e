"""What the platform still takes of an autonomous run, by Pacific day, and when a video that its quota turned away can be shown instead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from graphs.fleet_channels import calendars_of, platform_of, uploads_left
from graphs.fleet_flight import request_of, takes
from graphs.scheduling import Period, Planned, Room, Uploads, with_quota
from infra.database import Session
from infra.settings import Settings
from memory.production_figures import measured_productions
from memory.quota import next_reset, pacific_day
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.slots import SlotRecord
from memory.repositories.fleet import FleetRepository
from memory.repositories.slots import SlotRepository

# Videos are ready this long before their time, as a share of what making one takes.
SPARE_SHARE = 0.5


def lead_of(session: Session, run: AutonomousRunRecord) -> timedelta:
    """Return how long before its time a video is begun."""
    return takes(request_of(run), measured_productions(session)) * (1 + SPARE_SHARE)


def uploads_room(session: Session, settings: Settings, now: datetime, open_: Sequence[SlotRecord], videos: int | None = None) -> Room:
    """Return the room for uploads beside those of the given slots, which are planned or being made and go to the platform."""
    a_day, left = uploads_left(session, settings, now)
    today = pacific_day(now)
    unsent = FleetRepository(session).list_unsent([slot.production_run_id for slot in open_ if slot.production_run_id])
    # What is being made is uploaded as soon as it is ready; what is planned on the day on which it is shown, or just before.
    days = [pacific_day(slot.publish_at) for slot in open_ if slot.production_run_id is None] + [today] * len(unsent)
    held = {day: max(0, (left if day == today else a_day) - days.count(day)) for day in {today, *days}}
    return Room(videos=videos, uploads_a_day=a_day, uploads=held)


def without_upload(session: Session, settings: Settings, run: AutonomousRunRecord, slot: SlotRecord, now: datetime) -> bool:
    """Whether a slot's video cannot be uploaded before its time, because today's quota is spent or spoken for by what is being made."""
    if slot.publish_at >= next_reset(now) or slot.channel_id not in platform_of(session, settings, request_of(run)):
        return False
    return uploads_now(session, settings, run, now) < 1


def uploads_now(session: Session, settings: Settings, run: AutonomousRunRecord, now: datetime) -> int:
    """Return how many uploads are left today for productions that are not begun yet."""
    making = SlotRepository(session).list_of_run(run.id, ("launched",))
    return uploads_room(session, settings, now, _on_platform(session, settings, run, making)).uploads[pacific_day(now)]


def later_time(session: Session, settings: Settings, run: AutonomousRunRecord, slot: SlotRecord, now: datetime) -> datetime | None:
    """Return the first time from the platform's next reset on at which a slot's video fits quota, cadence and run; None when it does not any more."""
    request, own = request_of(run), SlotRepository(session).list_of_run(run.id)
    calendar = calendars_of(session, settings, request, own, now).get(slot.channel_id)
    if calendar is None:
        return None
    others = [other for other in own if other.status in {"planned", "launched"} and other.id != slot.id]
    room = uploads_room(session, settings, now, _on_platform(session, settings, run, others))
    room = replace(room, uploads={**room.uploads, pacific_day(now): 0})
    free = replace(calendar, taken=tuple(at for at in calendar.taken if at != slot.publish_at))
    period = Period(run.starts_at, now + lead_of(session, run), run.ends_at, request.seed)
    moved = with_quota(Planned(slot.key, slot.channel_id, now, ("",)), free, period, Uploads(room, {}, ()))
    return moved.publish_at if moved is not None else None


def _on_platform(session: Session, settings: Settings, run: AutonomousRunRecord, slots: Sequence[SlotRecord]) -> list[SlotRecord]:
    platform = platform_of(session, settings, request_of(run)) if slots else frozenset()
    return [slot for slot in slots if slot.channel_id in platform]
