"""What a simulation tells: what was due and came, what was broken, how soon the studio was itself again, and how long it was not."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.simulation.faults import Fault, Kind
from evals.simulation.invariants import Watch
from evals.simulation.invariants_sql import PUBLISHED, RUNS, SLOTS
from evals.simulation.outages import Outages
from evals.simulation.signs import Found
from infra.version import source_digest

ON_TIME = timedelta(minutes=5)
_MINUTE_S = 60
# The parts of the studio whose turns make it controllable; a turn of either is one of the database too.
CONTROL = ("dispatcher", "conductor")
# Whose turn shows that a server is back, or that a clock set wrong did no lasting harm.
_SERVERS: dict[Kind, str] = {"redis_kill": "dispatcher", "postgres_kill": "dispatcher", "clock_jump": "conductor"}
# What a seed's log is made by: everything but the command and its API.
_PLAYED = ("infra", "memory", "tools", "agents", "graphs", "evals/simulation")
_KINDS = frozenset({".py", ".sql", ".toml", ".md", ".json", ".txt", ".yaml", ".csv"})


@cache
def played_code() -> str:
    """Return 12 hex digits of the code and data that decide what a seed becomes."""
    return source_digest(_PLAYED, _KINDS)


class Recovery(BaseModel):
    """Seconds from the end of a fault to the next success of the part that it hit: the median and the longest."""

    model_config = ConfigDict(frozen=True)

    p50: float
    max: float


class Report(BaseModel):
    """One simulated run. Hours are simulated, never real; `wall_s` is how long the simulation took, `code` a digest of what was simulated.

    `silences` are the times (from and to, in seconds) for which the watchdog's sign of life stayed away for longer than a monitor outside waits.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    seed: int
    hours: float
    channels: int
    level: str
    starts: datetime
    wall_s: float
    events: int
    log_sha256: str
    invariants: dict[str, bool]
    violations: tuple[str, ...]
    due: int
    on_time: int
    published: int
    missed: dict[str, int]
    duplicates: int
    unapproved: int
    lost: int
    faults: dict[str, int]
    plan: tuple[dict[str, object], ...]
    recovery_s: Recovery
    unrecovered: int
    uptime: float
    signs_of_life: int
    silences: tuple[tuple[float, float], ...]
    signs: dict[str, Found]

    @property
    def kept(self) -> bool:
        """Whether every invariant held."""
        return all(self.invariants.values())


@dataclass
class Meter:
    """Notes when parts of the studio did a turn, in virtual seconds since the start."""

    ends_s: float
    _minutes: dict[str, set[int]] = field(default_factory=dict)
    _waiting: dict[str, list[float]] = field(default_factory=dict)
    recoveries: list[float] = field(default_factory=list)
    outages: Outages = field(default_factory=Outages)

    def turned(self, part: str, at_s: float) -> None:
        """Note that a part (`dispatcher`, `conductor`, a worker by its name) did a turn and succeeded, or, as a worker, is there again."""
        self._minutes.setdefault(part, set()).add(int(at_s // _MINUTE_S))
        waiting = self._waiting.get(part)
        if waiting:
            over = [since for since in waiting if since <= at_s]
            self.recoveries += [round(at_s - since, 3) for since in over]
            self._waiting[part] = [since for since in waiting if since > at_s]

    def struck(self, fault: Fault) -> None:
        """Note a fault of a server, a clock or a provider: what needs it must succeed again after the fault's end."""
        self.outages.struck(fault)
        if fault.kind in _SERVERS:
            self._waiting.setdefault(_SERVERS[fault.kind], []).append(fault.at_s + fault.duration_s)

    def attempted(self, tool: str, job: str, began_s: float, turned_away: bool) -> None:
        """Note an attempt of a job; where it ends what was left of a provider's outage, that is a recovery."""
        self.recoveries += self.outages.attempted(tool, job, began_s, turned_away)

    def died(self, part: str, at_s: float) -> None:
        """Note that a process died: it must be there again."""
        self._waiting.setdefault(part, []).append(at_s)

    @property
    def unrecovered(self) -> int:
        """How many faults their part never recovered from."""
        return sum(len(waiting) for waiting in self._waiting.values())

    @property
    def uptime(self) -> float:
        """The share of virtual minutes in which every part of the control plane succeeded at least once."""
        total = max(1, int(self.ends_s // _MINUTE_S))
        together = set.intersection(*(self._minutes.get(part, set()) for part in CONTROL))
        return round(len([minute for minute in together if minute < total]) / total, 5)

    @property
    def recovery(self) -> Recovery:
        """Return the median and the longest recovery."""
        found = self.recoveries or [0.0]
        return Recovery(p50=round(statistics.median(found), 3), max=max(found))


# Nobody waits for what the run's end took back, or what a person or the channel's own hold kept back on purpose.
_NOT_DUE = frozenset({"cancelled", "skipped"})


# Why a publication did not come on time, by what the studio wrote into its slot's history; the first that is met counts.
_WHY = (
    ("quota", ("quota", "no upload is left", "an upload left")),
    ("held", ("is held until", "is paused", "are held back by", "is stopped", "stopped by an operator")),
    ("budget", ("budget", "the limit of")),
    ("unanswered", ("nobody approved", "waits for approval")),
    ("refused", ("refused", "no story", "below the limit", "too alike", "did not pass")),
    ("trouble", ("stopped", "given up")),
    ("late", ("min late", "too little time", "too late", "missed its time")),
)


@dataclass(frozen=True)
class Publications:
    """What was due until the end, what of it came on time, what came at all, and why the rest did not: together with `on_time` it makes up `due`."""

    due: int
    on_time: int
    published: int
    missed: dict[str, int]


def publications(watch: Watch, until: datetime) -> Publications:
    """Compare the plan with what the platform showed: by slots where there are any, else by what each run was asked for."""
    public = watch.platform.public_at
    shown = {str(run): public.get(str(external)) for run, external, _, _ in watch.connection.execute(PUBLISHED)}
    slots = list(watch.connection.execute(SLOTS))
    if slots:
        plans = [(due, shown.get(str(run)), why(status, note)) for status, due, run, note in slots if due <= until and status not in _NOT_DUE]
    else:
        runs = watch.connection.execute(RUNS)
        plans = [(datetime.fromisoformat(due) if due else created, shown.get(str(run)), str(status)) for run, status, _, due, created in runs]
    missed: dict[str, int] = {}
    for due, at, reason in plans:
        if at is None or abs(at - due) > ON_TIME:
            told = reason if at is None else "late"
            missed[told] = missed.get(told, 0) + 1
    return Publications(len(plans), len(plans) - sum(missed.values()), len(public), dict(sorted(missed.items())))


def why(status: str, note: str) -> str:
    """Return in a word why the video of a slot did not come, from its status and the last note of its history."""
    said = note.lower()
    return next((word for word, signs in _WHY if any(sign in said for sign in signs)), status)


def counted(plan: Sequence[Fault]) -> dict[str, int]:
    """Return how many faults of each kind a plan holds."""
    found: dict[str, int] = {}
    for fault in plan:
        found[fault.kind] = found.get(fault.kind, 0) + 1
    return dict(sorted(found.items()))


def report(watch: Watch, meter: Meter, plan: Sequence[Fault], about: dict[str, Any]) -> Report:
    """Put the report together; `about` holds seed, hours, channels, level, starts, wall_s, events, log_sha256, signs_of_life, silences and signs."""
    came = publications(watch, about["starts"] + timedelta(hours=about["hours"]))
    return Report(
        **about,
        code=played_code(),
        invariants=watch.verdicts,
        violations=tuple(one.told() for one in watch.violations),
        due=came.due,
        on_time=came.on_time,
        published=came.published,
        missed=came.missed,
        duplicates=watch.count("one_input_one_effect"),
        unapproved=watch.count("nothing_public_unapproved"),
        lost=watch.count("accepted_never_lost"),
        faults=counted(plan),
        plan=tuple(fault.told() for fault in plan),
        recovery_s=meter.recovery,
        unrecovered=meter.unrecovered,
        uptime=meter.uptime,
    )
