"""The plan of an autonomous run as pure functions: when each channel publishes, and why; rows and clocks are somebody else's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from graphs.scheduling_times import jittered, local_days, local_moment, spread
from memory.quota import next_reset, pacific_day

WEEK = timedelta(days=7)
# No two publications of the studio fall closer together.
APART = timedelta(minutes=3)
_CLOSEST_SHARE = 0.4
# What is told at once, or was moved for want of quota, may come closer to its channel's other videos.
_MOVED_CLOSEST = timedelta(hours=2)


@dataclass(frozen=True)
class Peak:
    """When attention to a story is expected to be highest, and which story that is."""

    at: datetime
    topic: str
    why: str


@dataclass(frozen=True)
class Calendar:
    """What planning knows of one channel. `taken` are its publications, made or planned, and `made` how many of this run's are planned or past;
    `used` are keys that were planned before, and `videos` is the operator's own number for this run.

    `platform` spends the platform's quota; `too_alike` means that its videos resemble each other more than its budget of sameness allows.
    """

    channel_id: str
    zone: str
    hours: tuple[int, ...]
    per_week: int
    taken: tuple[datetime, ...] = ()
    made: int = 0
    used: frozenset[str] = frozenset()
    videos: int | None = None
    platform: bool = False
    too_alike: bool = False
    peaks: tuple[Peak, ...] = ()


@dataclass(frozen=True)
class Period:
    """From when to when may be published; `begins` is when the run itself began, and `seed` makes its jitter its own."""

    begins: datetime
    earliest: datetime
    end: datetime
    seed: int


@dataclass(frozen=True)
class Room:
    """How much there is: videos that the budget pays for, uploads by Pacific day (a day not named has `uploads_a_day`)."""

    videos: int | None = None
    uploads_a_day: int | None = None
    uploads: Mapping[date, int] = field(default_factory=dict)

    def takes(self, day: date, spent: Mapping[date, int]) -> bool:
        """Whether the platform takes one more upload on that Pacific day, beside those of this plan."""
        held = self.uploads.get(day, self.uploads_a_day)
        return held is None or spent.get(day, 0) < held

    def first_day(self, at: datetime, until: datetime, spent: Mapping[date, int]) -> datetime | None:
        """Return `at`, or the first midnight in California after it from which one more upload is taken; None when that is after `until`."""
        while at <= until and not self.takes(pacific_day(at), spent):
            at = next_reset(at)
        return at if at <= until else None


@dataclass(frozen=True)
class Planned:
    """One publication to come; `key` is the same whenever the same is planned again."""

    key: str
    channel_id: str
    publish_at: datetime
    reasons: tuple[str, ...]
    topic: str | None = None


@dataclass(frozen=True)
class Dropped:
    """One publication that was wanted and has no room."""

    channel_id: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What is to be published when, soonest first, and what was dropped."""

    slots: tuple[Planned, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True)
class _Time:
    key: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Uploads:
    """The room for uploads, what of it is spoken for by Pacific day, and the other publications of the plan."""

    room: Room
    spent: Mapping[date, int]
    planned: Sequence[Planned]


def make_plan(calendars: Sequence[Calendar], period: Period, room: Room) -> Plan:
    """Plan every channel by itself, then give the room there is to the first of each before the second of any."""
    wanted: list[tuple[int, Planned]] = []
    dropped: list[Dropped] = []
    for calendar in calendars:
        planned = plan_channel(calendar, period)
        wanted += enumerate(planned)
        if (missing := wanted_of(calendar, period) - calendar.made - len(planned)) > 0:
            dropped.append(Dropped(calendar.channel_id, f"{missing} of its videos: its cadence of {calendar.per_week} in 7 days leaves no time for them"))
    order = [one for _, one in sorted(wanted, key=lambda pair: (pair[0], pair[1].publish_at, pair[1].key))]
    platform = {calendar.channel_id: calendar for calendar in calendars if calendar.platform}
    slots: list[Planned] = []
    spent: dict[date, int] = {}
    for number, one in enumerate(order):
        if room.videos is not None and len(slots) >= room.videos:
            dropped.append(Dropped(one.channel_id, f"{one.key}: the budget pays for {room.videos} more videos"))
            continue
        spends = platform.get(one.channel_id)
        fitting = with_quota(one, spends, period, Uploads(room, spent, (*slots, *order[number + 1 :]))) if spends else one
        if fitting is None:
            told = f"no upload is left on {pacific_day(one.publish_at)} (Pacific), nor on a later day of the run at a time that fits its cadence"
            dropped.append(Dropped(one.channel_id, f"{one.key}: {told}"))
            continue
        day = pacific_day(fitting.publish_at)
        spent[day] = spent.get(day, 0) + (spends is not None)
        slots.append(fitting)
    return Plan(_apart(slots, calendars), tuple(dropped))


def wanted_of(calendar: Calendar, period: Period) -> int:
    """Return how many videos a channel should publish: its share of a week, at least one; the operator's own number counts more, sameness halves it."""
    share = calendar.per_week * ((period.end - period.begins) / WEEK)
    count = calendar.videos if calendar.videos is not None else max(1, int(share + 0.5))
    return (count + 1) // 2 if calendar.too_alike else count


def plan_channel(calendar: Calendar, period: Period) -> tuple[Planned, ...]:
    """Choose times for one channel: at a story's expected peak first, then evenly over the run, each in the audience hour nearest to it."""
    count = max(0, wanted_of(calendar, period) - calendar.made)
    if count == 0 or period.end <= period.earliest:
        return ()
    taken, chosen = list(calendar.taken), []
    free = _audience_times(calendar, period)
    closest = min(WEEK * _CLOSEST_SHARE / calendar.per_week, (period.end - period.earliest) / (2 * count))
    peaks = [peak for peak in calendar.peaks if period.earliest <= peak.at <= period.end][:count]
    goals: list[tuple[datetime, Peak | None]] = [(peak.at, peak) for peak in peaks]
    goals += [(goal, None) for goal in spread(period.earliest, period.end, count - len(goals))] if count > len(goals) else []
    for goal, peak in goals:
        fitting = [one for one in free if may_take(one.at, taken, calendar.per_week, closest)]
        spare = _Time(f"{calendar.channel_id}/{goal:%Y-%m-%dT%H:%M}", goal, "no audience hour of the channel is left in this run")
        if not fitting and not may_take(spare.at, taken, calendar.per_week, closest):
            continue
        best = min(fitting, key=lambda one: (abs(one.at - goal), one.at)) if fitting else _jittered_spare(spare, period, calendar)
        free = [one for one in free if one.key != best.key]
        taken.append(best.at)
        reasons = (best.reason, *((f"{peak.why}, expected to peak at {peak.at:%Y-%m-%d %H:%M} UTC",) if peak else ()), *_alike(calendar))
        chosen.append(Planned(best.key, calendar.channel_id, best.at, reasons, peak.topic if peak else None))
    return tuple(sorted(chosen, key=lambda one: one.publish_at))


def may_take(at: datetime, taken: Sequence[datetime], per_week: int, closest: timedelta) -> bool:
    """Whether a channel may publish then: not too close to another time, and in no seven days more often than its cadence allows."""
    if any(abs(at - other) < closest for other in taken):
        return False
    around = sorted([*(other for other in taken if abs(other - at) < WEEK), at])
    return all(sum(1 for other in around if first <= other < first + WEEK) <= per_week for first in around)


def with_quota(one: Planned, calendar: Calendar, period: Period, uploads: Uploads) -> Planned | None:
    """Return the publication, moved where its day takes no upload: to the first audience hour whose day does, else to soon after the reset."""
    if uploads.room.takes(pacific_day(one.publish_at), uploads.spent):
        return one
    mine = [other for other in uploads.planned if other.channel_id == one.channel_id]
    taken, used = [*calendar.taken, *(other.publish_at for other in mine)], {other.key for other in mine}
    closest = min(WEEK * _CLOSEST_SHARE / calendar.per_week, _MOVED_CLOSEST)
    times = sorted(_audience_times(calendar, replace(period, earliest=max(period.earliest, one.publish_at))), key=lambda time_: (time_.at, time_.key))
    soonest = uploads.room.first_day(one.publish_at, period.end, uploads.spent)
    if soonest is not None:
        at = min(period.end, jittered(soonest, period.seed, calendar.channel_id, one.key))
        times.append(_Time(f"{calendar.channel_id}/{at:%Y-%m-%dT%H:%M}", at, "no audience hour of the channel is left in this run"))
    for found in times:
        free = uploads.room.takes(pacific_day(found.at), uploads.spent) and found.key not in used
        if free and may_take(found.at, taken, calendar.per_week, closest):
            told = f"moved from {one.publish_at:%Y-%m-%d %H:%M} UTC, on whose day (Pacific) no upload is left"
            return Planned(found.key, one.channel_id, found.at, (found.reason, *one.reasons[1:], told), one.topic)
    return None


def urgent_time(calendar: Calendar, earliest: datetime, end: datetime) -> datetime | None:
    """Return when a channel may tell a breaking story: at once if its cadence allows, None when it does not."""
    closest = min(WEEK * _CLOSEST_SHARE / calendar.per_week, _MOVED_CLOSEST)
    return earliest if earliest <= end and may_take(earliest, calendar.taken, calendar.per_week, closest) else None


def _audience_times(calendar: Calendar, period: Period) -> list[_Time]:
    found = []
    for day in local_days(period.earliest, period.end, calendar.zone):
        for hour in sorted(set(calendar.hours)):
            at = jittered(local_moment(day, time(hour), calendar.zone), period.seed, calendar.channel_id, day, hour)
            key = f"{calendar.channel_id}/{day.isoformat()}/{hour:02d}"
            if period.earliest <= at <= period.end and key not in calendar.used:
                found.append(_Time(key, at, f"its audience watches at {hour}:00 ({calendar.zone})"))
    return found


def _jittered_spare(spare: _Time, period: Period, calendar: Calendar) -> _Time:
    """Move a time outside the audience hours a little, within the period, so that channels without one do not meet."""
    most = (period.end - period.earliest) / 20
    share = (jittered(spare.at, period.seed, calendar.channel_id, spare.key) - spare.at) / timedelta(hours=1)
    return _Time(spare.key, min(period.end, spare.at + most * share), spare.reason)


def _alike(calendar: Calendar) -> tuple[str, ...]:
    return ("half as many as its cadence, since its videos have become too alike",) if calendar.too_alike else ()


def _apart(slots: Sequence[Planned], calendars: Sequence[Calendar]) -> tuple[Planned, ...]:
    """Push publications of the studio apart that would fall together."""
    kept = sorted(moment for calendar in calendars for moment in calendar.taken)
    made: list[Planned] = []
    for one in sorted(slots, key=lambda slot: (slot.publish_at, slot.key)):
        at = one.publish_at
        while clash := next((moment for moment in kept if abs(moment - at) < APART), None):
            at = clash + APART
        kept = sorted([*kept, at])
        made.append(Planned(one.key, one.channel_id, at, one.reasons, one.topic))
    return tuple(sorted(made, key=lambda slot: (slot.publish_at, slot.key)))
