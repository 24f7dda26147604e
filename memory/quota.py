"""The platform's quota as data: tariffs with effective dates, and the Pacific day by which it is counted."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from infra.errors import Invalid

POOL = "units"
# By whose midnights the platform counts.
ZONE = "America/Los_Angeles"
_PACIFIC = ZoneInfo(ZONE)


@dataclass(frozen=True)
class Tariff:
    """What requests cost from a date on: bucket and amount by operation, and what each bucket holds a day."""

    since: date
    limits: Mapping[str, int]
    costs: Mapping[str, tuple[str, int]]

    def cost(self, operation: str) -> tuple[str, int]:
        """Return the bucket and the amount of one request; every request costs at least 1, also one that is refused."""
        return self.costs.get(operation, (POOL, 1))

    def total(self, operations: Iterable[str]) -> Counter[str]:
        """Return what several requests cost together, by bucket."""
        found: Counter[str] = Counter()
        for operation in operations:
            bucket, amount = self.cost(operation)
            found[bucket] += amount
        return found


@cache
def tariffs() -> tuple[Tariff, ...]:
    """Return every tariff, oldest first."""
    entries = tomllib.loads((files("memory") / "quota_tariffs.toml").read_text("utf-8"))["tariff"]
    made = [Tariff(one["since"], one["limits"], {name: (bucket, amount) for name, (bucket, amount) in one["costs"].items()}) for one in entries]
    return tuple(sorted(made, key=lambda tariff: tariff.since))


def tariff_on(day: date) -> Tariff:
    """Return the tariff in force on a Pacific day; raises Invalid before the first."""
    found = [tariff for tariff in tariffs() if tariff.since <= day]
    if not found:
        raise Invalid(f"day: no tariff was in force on {day}; the first is of {tariffs()[0].since}")
    return found[-1]


def pacific_day(now: datetime) -> date:
    """Return the date in California, by which quota is counted."""
    return now.astimezone(_PACIFIC).date()


def next_reset(now: datetime) -> datetime:
    """Return the next midnight in California as UTC: 23, 24 or 25 hours after the last one."""
    tomorrow = pacific_day(now) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), _PACIFIC).astimezone(UTC)
