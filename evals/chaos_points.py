"""Where a production can be killed: before, inside and after each of its jobs, and while the stack starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from infra.ids import seeded
from memory.repositories.jobs import JobView

Target = Literal["orchestrator", "worker", "redis", "postgres", "dispatcher"]
Moment = Literal["before", "inside", "after"]
# The first four are what a user may kill; the dispatcher comes up less often.
TARGETS: tuple[Target, ...] = ("orchestrator", "worker", "redis", "postgres")
RARE: Target = "dispatcher"
RARE_EVERY = 5
MOMENTS: tuple[Moment, ...] = ("before", "inside", "after")


@dataclass(frozen=True)
class Station:
    """One job of an undisturbed production: how long it ran, and how long until the next one was asked for; both in seconds.

    The first station is no job: it stands for the start of the stack, and `ran_s` is how long that took.
    """

    node: str
    iteration: int
    ordinal: int
    ran_s: float
    gap_s: float

    @property
    def is_start(self) -> bool:
        """Whether this stands for the start of the stack."""
        return not self.node

    @property
    def label(self) -> str:
        """The name of the station as a person reads it."""
        return "start" if self.is_start else f"{self.node}.{self.iteration}.{self.ordinal}"


@dataclass(frozen=True)
class Point:
    """One kill: which process, at which station, and how far (0..1) into the job or into the gap after it."""

    number: int
    target: Target
    station: Station
    moment: Moment
    share: float

    @property
    def delay_s(self) -> float:
        """Seconds from the moment's first sign to the kill."""
        if self.moment == "before" and not self.station.is_start:
            return 0.0
        return self.share * (self.station.gap_s if self.moment == "after" else self.station.ran_s)


def stations_of(jobs: Sequence[JobView], launched: datetime, ended: datetime) -> tuple[Station, ...]:
    """Return every station of an undisturbed production in order; `launched` is when the command started, `ended` when its run did."""
    done = sorted((job for job in jobs if job.started_at and job.finished_at), key=lambda job: job.created_at)
    first = done[0].created_at if done else ended
    found = [Station("", 0, 0, max(0.0, (first - launched).total_seconds()), 0.0)]
    for job in done:
        assert job.started_at is not None
        assert job.finished_at is not None
        finished = job.finished_at
        following = min((other.created_at for other in done if other.created_at >= finished), default=ended)
        ran_s = (finished - job.started_at).total_seconds()
        found.append(Station(job.node, job.iteration, job.ordinal, ran_s, max(0.0, (following - finished).total_seconds())))
    return tuple(found)


def draw_points(count: int, seed: int, stations: Sequence[Station]) -> tuple[Point, ...]:
    """Draw `count` points over the whole production; the same seed and stations draw the same ones, and every target comes up in turn.

    A node is drawn before one of its jobs is, so that twenty pictures of one node do not hide the one job of another.
    """
    random = seeded("chaos", seed)
    nodes: dict[str, list[Station]] = {}
    for station in stations:
        nodes.setdefault(station.node, []).append(station)
    turns = random.sample(TARGETS, len(TARGETS))
    points = []
    for number in range(count):
        target = RARE if number % RARE_EVERY == RARE_EVERY - 1 else turns[(number - number // RARE_EVERY) % len(turns)]
        station = random.choice(nodes[random.choice(tuple(nodes))])
        # Before the first job only the launched command is sure to be there.
        points.append(Point(number, "orchestrator" if station.is_start else target, station, random.choice(MOMENTS), round(random.random(), 3)))
    return tuple(points)
