"""Times of day where an audience lives, as moments: correct over changes of daylight saving time, and no two channels alike."""

import heapq
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from infra.ids import seeded

# Within an audience hour each channel of each run has moments of its own, never the full hour itself.
_JITTER_S = (120, 3000)


def local_moment(day: date, at: time, zone: str) -> datetime:
    """Return the moment at which clocks of `zone` show that time on that day, as UTC.

    A time that the change to summer time skips is as much later as the clocks jump; of one that comes twice, the first is meant.
    """
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def local_days(start: datetime, end: datetime, zone: str) -> tuple[date, ...]:
    """Return the days that a period touches where `zone` is kept, in order."""
    first, last = start.astimezone(ZoneInfo(zone)).date(), end.astimezone(ZoneInfo(zone)).date()
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


def next_morning(now: datetime, hour: int, zone: str) -> datetime:
    """Return the next moment after `now` at which clocks of `zone` show that hour."""
    today = now.astimezone(ZoneInfo(zone)).date()
    mornings = (local_moment(today + timedelta(days=number), time(hour), zone) for number in range(3))
    return next(moment for moment in mornings if moment > now)


def jittered(moment: datetime, *parts: object) -> datetime:
    """Return a moment within the hour that begins at `moment`, the same for the same parts."""
    return moment + timedelta(seconds=seeded("slot", *parts).randint(*_JITTER_S))


def latest_starts(ends: Sequence[datetime], takes: timedelta, at_once: int) -> tuple[datetime, ...]:
    """Return when to begin each piece of work, so that each is done by its end with at most `at_once` at a time, each as late as possible."""
    order = sorted(range(len(ends)), key=lambda index: (ends[index], index), reverse=True)
    # A lane is free up to the start of what it does last; the lane that is free longest takes the next piece.
    lanes = [(-datetime.max.replace(tzinfo=UTC).timestamp(), lane) for lane in range(at_once)]
    starts: dict[int, datetime] = {}
    for index in order:
        free_until, lane = heapq.heappop(lanes)
        done = min(ends[index].timestamp(), -free_until)
        starts[index] = datetime.fromtimestamp(done, UTC) - takes
        heapq.heappush(lanes, (-starts[index].timestamp(), lane))
    return tuple(starts[index] for index in range(len(ends)))


def spread(start: datetime, end: datetime, count: int) -> tuple[datetime, ...]:
    """Return `count` moments that divide a period evenly, none at its edges."""
    return tuple(start + (end - start) * (number + 0.5) / count for number in range(count))
