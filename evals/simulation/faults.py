"""Fault plans: what goes wrong, when and for how long, drawn from a seed; data that is printed and replayed."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from infra.ids import seeded

Level = Literal["none", "standard", "hostile"]
LEVELS: tuple[Level, ...] = ("none", "standard", "hostile")
Kind = Literal[
    "worker_kill",
    "dispatcher_kill",
    "conductor_kill",
    "watcher_kill",
    "watchdog_kill",
    "redis_kill",
    "postgres_kill",
    "clock_jump",
    "publish_kill",
    "poison_job",
    "provider_outage",
    "rate_storm",
    "token_expiry",
    "token_revocation",
    "quota_exhaustion",
    "disk_full",
    "slow_disk",
    "hostile_source",
    "hostile_comments",
    "claim",
    "strike",
    "source_correction",
]
# What the engine does to its own actors, servers and clock; every other kind happens in the world outside them.
ENGINE_KINDS = frozenset({"worker_kill", "dispatcher_kill", "conductor_kill", "watcher_kill", "watchdog_kill", "redis_kill", "postgres_kill", "clock_jump"})
_PROVIDERS = ("openai", "youtube", "sources", "pictures", "mail")
_QUEUES = ("cpu", "io", "publish")


@dataclass(frozen=True)
class Fault:
    """One fault: seconds after the start, what, to whom, for how long (seconds), and how much where that matters (`size`)."""

    at_s: float
    kind: Kind
    target: str = ""
    duration_s: float = 0.0
    size: float = 0.0

    def told(self) -> dict[str, object]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Rate:
    """How often a day a kind of fault comes, and how long it lasts (seconds, log-uniform between the two)."""

    standard: float
    hostile: float
    shortest_s: float = 0.0
    longest_s: float = 0.0


# Kills a day of a healthy installation are few; a hostile one has each of them every few hours. Outages follow the published incident histories of the
# providers: minutes, now and then an hour. A consent that its owner withdraws stays withdrawn until the owner gives it again.
RATES: Mapping[Kind, Rate] = {
    "worker_kill": Rate(1.0, 16.0),
    "dispatcher_kill": Rate(0.5, 6.0),
    "conductor_kill": Rate(0.5, 6.0),
    "watcher_kill": Rate(0.3, 3.0),
    "watchdog_kill": Rate(0.3, 3.0),
    "redis_kill": Rate(0.3, 4.0, 2, 20),
    "postgres_kill": Rate(0.3, 4.0, 2, 20),
    "clock_jump": Rate(0.2, 2.0, 60, 900),
    "publish_kill": Rate(0.3, 5.0),
    "poison_job": Rate(0.03, 1.5),
    "provider_outage": Rate(0.5, 4.0, 30, 1800),
    "rate_storm": Rate(1.0, 6.0, 30, 900),
    "token_expiry": Rate(1.0, 6.0),
    "token_revocation": Rate(0.0, 0.7, 1800, 4 * 3600),
    "quota_exhaustion": Rate(0.0, 0.5),
    "disk_full": Rate(0.1, 1.0, 30, 600),
    "slow_disk": Rate(0.5, 3.0, 60, 1800),
    "hostile_source": Rate(0.5, 6.0),
    "hostile_comments": Rate(0.5, 6.0),
    "claim": Rate(0.03, 0.7),
    "strike": Rate(0.0, 0.3),
    "source_correction": Rate(0.2, 2.0),
}


def quiet_s(hours: float) -> float:
    """Return the seconds before the end in which no fault begins or lasts, so that it can be judged whether everything ends."""
    return min(6.0, hours / 3) * 3600


def plan(seed: int, level: Level, hours: float, channels: tuple[str, ...]) -> tuple[Fault, ...]:
    """Return the faults of a run in order of time; the same seed gives the same plan."""
    if level == "none":
        return ()
    last_s = hours * 3600 - quiet_s(hours)
    found = [fault for kind, rate in RATES.items() for fault in _of_kind(seed, (kind, rate), level, last_s, channels)]
    return tuple(sorted(found, key=lambda one: (one.at_s, one.kind, one.target)))


def _of_kind(seed: int, what: tuple[Kind, Rate], level: Level, last_s: float, channels: tuple[str, ...]) -> list[Fault]:
    kind, rate = what
    draw = seeded("fault", seed, level, kind)
    a_day = rate.standard if level == "standard" else rate.hostile
    found: list[Fault] = []
    at = draw.expovariate(a_day / 86400) if a_day else math.inf
    while at < last_s:
        length = math.exp(draw.uniform(math.log(rate.shortest_s), math.log(rate.longest_s))) if rate.longest_s else 0.0
        length = min(length, last_s - at)
        target = _target(kind, draw.random(), channels)
        found.append(Fault(round(at, 3), kind, target, round(length, 3), _size(kind, draw.random())))
        at += length + draw.expovariate(a_day / 86400)
    return found


def _target(kind: Kind, chance: float, channels: tuple[str, ...]) -> str:
    """Choose whom a fault of the kind strikes."""
    choices: tuple[str, ...] = {
        "worker_kill": _QUEUES,
        "provider_outage": _PROVIDERS,
        "rate_storm": ("openai", "youtube"),
        "token_expiry": channels,
        "token_revocation": channels,
        "hostile_comments": channels,
        "claim": channels,
        "strike": channels,
        "poison_job": ("render_video", "make_visual", "write_text", "synthesize_speech"),
    }.get(kind, ("",))
    return choices[min(len(choices) - 1, int(chance * len(choices)))] if choices else ""


def _size(kind: Kind, chance: float) -> float:
    """Return how much of it: seconds a clock jumps, requests until a worker dies, how many times slower a disk is."""
    if kind == "clock_jump":
        return round((-1 if chance < 0.5 else 1) * (30 + 570 * abs(2 * chance - 1)), 1)
    if kind == "publish_kill":
        return float((1 if chance < 0.5 else -1) * (1 + int(chance * 20)))
    return round(2 + 18 * chance, 1) if kind == "slow_disk" else 0.0


# Hours that real calendars have trouble with: the ends and beginnings of summer time in America and Europe, and an ordinary week.
_TURNS = (
    datetime(2026, 11, 1, 9, tzinfo=UTC),
    datetime(2027, 3, 14, 10, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2027, 3, 28, 1, tzinfo=UTC),
    datetime(2027, 1, 20, 12, tzinfo=UTC),
)


def start_of(seed: int, hours: float) -> datetime:
    """Return when the simulated run begins: by seed so that the clocks change within it, or in an ordinary week."""
    draw = seeded("start", seed)
    turn = _TURNS[draw.randrange(len(_TURNS))]
    return (turn - timedelta(hours=draw.uniform(0.1, 0.9) * hours)).replace(minute=0, second=0, microsecond=0)
