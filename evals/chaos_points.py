"""Where a production can be struck: before, inside and after each of its jobs and of its outside effects, and while the stack starts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from typing import Literal

from infra.ids import seeded
from memory.repositories.jobs import JobView

# What is struck: one process, killed; or the connections of one party, cut.
Target = Literal["orchestrator", "worker", "redis", "postgres", "dispatcher", "redis lines", "postgres lines", "provider line"]
Moment = Literal["before", "inside", "answering", "after"]
Kind = Literal["rehearsed", "library"]
# The first four are what a user may kill; they come up more often.
TARGETS: tuple[Target, ...] = ("orchestrator", "worker", "redis", "postgres")
RARE: tuple[Target, ...] = ("dispatcher", "postgres lines", "redis lines")
MOMENTS: tuple[Moment, ...] = ("before", "inside", "after")
KINDS: tuple[Kind, ...] = ("rehearsed", "library")
CUTS: tuple[Moment, ...] = ("before", "inside", "answering", "after")
# So many points strike one production: together they cost little more than one, and are harder to survive. No node is struck twice but the last,
# where most effects are: a call whose outcome was unknown twice, or a job that killed three workers, is a person's by design.
PER_PRODUCTION = 8
PER_NODE = {"publish": 4}
_WORKERS_PER_NODE = 2


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
class Effect:
    """One request of an undisturbed production that changes something outside or is paid for: the `number`-th of its kind, made by a job of `node`."""

    service: str
    method: str
    path: str
    number: int
    node: str

    @property
    def label(self) -> str:
        """The name of the effect as a person reads it."""
        return f"{self.service} {self.method} {self.path} #{self.number + 1}"


@dataclass(frozen=True)
class Point:
    """One strike: what, where, when, and how far (0..1) into a job or into the gap after it."""

    number: int
    target: Target
    place: Station | Effect
    moment: Moment
    share: float = 0.0
    kind: Kind = "rehearsed"

    @property
    def delay_s(self) -> float:
        """Seconds from the first sign of a station's moment to the strike."""
        if isinstance(self.place, Effect) or (self.moment == "before" and not self.place.is_start):
            return 0.0
        return self.share * (self.place.gap_s if self.moment == "after" else self.place.ran_s)

    @property
    def label(self) -> str:
        """The point in words."""
        return f"{self.target} {self.moment} {self.place.label}"


@dataclass(frozen=True)
class Map:
    """Every place of an undisturbed production."""

    stations: tuple[Station, ...]
    effects: tuple[Effect, ...]


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


def draw_points(count: int, seed: int, places: Map) -> tuple[Point, ...]:
    """Draw `count` points; the same seed and places draw the same ones.

    Every node and every kind of effect comes up at each of its moments before any comes up again, and the targets take turns. A node is drawn before
    one of its jobs is, so that twenty pictures of one node do not hide the one job of another.
    """
    dice = seeded("chaos", seed)
    turns = cycle(dice.sample((*TARGETS, *TARGETS, *RARE), len(TARGETS) * 2 + len(RARE)))
    nodes: dict[str, list[Station | Effect]] = {}
    for station in places.stations:
        nodes.setdefault(station.node, []).append(station)
    kinds: dict[str, list[Station | Effect]] = {}
    for effect in places.effects:
        kinds.setdefault(f"{effect.service} {effect.method} {effect.path}", []).append(effect)
    points: list[Point] = []
    while len(points) < count:
        slots: list[tuple[Kind, str, str, Moment]] = []
        slots += [(kind, "node", node, moment) for kind in KINDS for node in nodes for moment in MOMENTS]
        slots += [("rehearsed", "kill", kind, moment) for kind in kinds for moment in MOMENTS]
        slots += [("rehearsed", "cut", kind, moment) for kind in kinds for moment in CUTS]
        for kind, how, name, moment in dice.sample(slots, min(len(slots), count - len(points))):
            place = dice.choice(nodes[name] if how == "node" else kinds[name])
            # Before the first job only the launched command is sure to be there.
            at_start = isinstance(place, Station) and place.is_start
            target: Target = "provider line" if how == "cut" else "orchestrator" if at_start else next(turns)
            points.append(Point(len(points), target, place, moment, round(dice.random(), 3), kind))
    return tuple(points)


def productions_of(points: Iterable[Point]) -> list[tuple[Point, ...]]:
    """Share the points out to productions of their kind, in the order of drawing."""
    groups: list[list[Point]] = []
    for point in points:
        group = next((group for group in groups if _fits(point, group)), None)
        if group is None:
            groups.append([point])
        else:
            group.append(point)
    return [tuple(group) for group in groups]


def _fits(point: Point, group: Sequence[Point]) -> bool:
    there = [one for one in group if one.place.node == point.place.node]
    workers = sum(one.target == "worker" for one in (*there, point))
    return (
        group[0].kind == point.kind
        and len(group) < PER_PRODUCTION
        and len(there) < PER_NODE.get(point.place.node, 1)
        and workers <= _WORKERS_PER_NODE
        and not any(_same_kind(one.place, point.place) for one in there)
    )


def _same_kind(one: Station | Effect, other: Station | Effect) -> bool:
    """Say whether two places could not be told apart: a request held for the one might be taken for the other."""
    if isinstance(one, Effect) and isinstance(other, Effect):
        return (one.service, one.method, one.path) == (other.service, other.method, other.path)
    return one == other
