"""Chaos: strike the processes and connections of productions at drawn points, resume, and count what exists."""

import shutil
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from evals.chaos_home import Home
from evals.chaos_judge import Found, judge, recovery_s
from evals.chaos_points import Map, Point, draw_points, productions_of, stations_of
from evals.chaos_stage import Stage, effects_of, now
from evals.chaos_strikes import Siege, Strike, cuts_of

Draw = Callable[[Map], Sequence[Point]]


@dataclass(frozen=True)
class Blow:
    """A point that was struck and how many seconds later the production went on; None when it had ended before."""

    point: Point
    hit: bool
    recovery_s: float | None


@dataclass(frozen=True)
class Verdict:
    """What the points of one production left behind; `problems` is empty when every promise held."""

    blows: tuple[Blow, ...]
    unreached: tuple[Point, ...]
    status: str
    resumes: int
    duplicates: int
    lost: int
    repaid: int
    unknown: int
    took_s: float
    problems: tuple[str, ...]

    def told(self) -> str:
        """Say what was struck, when it went on and what became of the production, a line for each."""
        lines = [f"{'FAILED' if self.problems else 'held'}: {self.status} after {self.took_s:.0f} s and {self.resumes} resumes, {self.unknown} unknown"]
        lines += [f"  {blow.point.number:>3}  {blow.point.kind} {blow.point.label}: {_went_on(blow)}" for blow in self.blows]
        lines += [f"  {point.number:>3}  {point.kind} {point.label}: not reached" for point in self.unreached]
        return "\n".join([*lines, *(f"  BROKEN {problem}" for problem in self.problems)])


def _went_on(blow: Blow) -> str:
    after = "ended" if blow.recovery_s is None else f"going on after {blow.recovery_s:.1f} s"
    return after if blow.hit else f"nothing to strike, {after}"


class NotCalm(RuntimeError):
    """The undisturbed production, which every point is drawn from, did not succeed."""


def run_points(draw: Draw, place: Path, console: Console) -> list[Verdict]:
    """Make one undisturbed production under `place`, draw points over its places, and strike productions in fresh copies of the same prepared home."""
    base, places = prepare(place)
    groups = productions_of(draw(places))
    told = f"{len(places.stations)} stations, {len(places.effects)} effects; {sum(map(len, groups))} points in {len(groups)} productions"
    console.print(told, highlight=False)
    verdicts = []
    for number, points in enumerate(groups):
        verdict = run_production(base, place / f"production {number:03d}", points)
        verdicts.append(verdict)
        console.print(verdict.told(), markup=False, highlight=False, soft_wrap=True)
    return verdicts


def prepare(place: Path) -> tuple[Home, Map]:
    """Return a home with its database made and its models ready, and the places of a rehearsed production in a copy of it.

    What a production's home takes over costs minutes to build and nothing to lose; stored results of jobs are left out, so that every job does its work.
    """
    base = Home(place / "base home")
    listed = base.command("runs", "--json")
    if listed.returncode != 0:
        raise NotCalm(f"`ytempire runs` failed in a new home: {listed.stderr[-2000:]}")
    base.wait_gone()
    with Stage(place / "calm stage") as stage:
        calm = base.copy(place / "calm home", stage.variables)
        launched = now()
        siege = Siege(calm, (), stage)
        if siege.run() != 0:
            raise NotCalm(f"the undisturbed production failed: {calm.told.read_text('utf-8')[-2000:]}")
        calm.wait_gone()
        rows, requests = calm.rows(), stage.requests()
    ended = rows.runs[0].finished_at
    assert ended is not None
    shutil.copytree(calm.data / "cache", base.path / "cache", ignore=shutil.ignore_patterns("keys"), dirs_exist_ok=True)
    shutil.rmtree(calm.path)
    spans = [(job.started_at, job.finished_at, job.node) for job in rows.jobs if job.started_at and job.finished_at]
    return base, Map(stations_of(rows.jobs, launched, ended), effects_of(requests, spans))


def run_production(base: Home, folder: Path, points: Sequence[Point]) -> Verdict:
    """Produce in a home of its own, strike where the points say, let the studio recover, and judge what is left."""
    began = time.monotonic()
    if points[0].kind == "library":
        home = base.copy(folder)
        siege = Siege(home, points)
        verdict = _judged(siege, siege.run(), began)
    else:
        with Stage(folder.with_name(f"stage of {folder.name}"), points) as stage:
            home = base.copy(folder, stage.variables)
            siege = Siege(home, points, stage)
            verdict = _judged(siege, siege.run(), began)
    if not verdict.problems:
        shutil.rmtree(home.path, ignore_errors=True)
    return verdict


def _judged(siege: Siege, code: int, began: float) -> Verdict:
    home, stage = siege.home, siege.stage
    left = home.wait_gone()
    problems = [f"processes left running: {left}"] if left else []
    problems += [f"the last command ended with {code}: {home.told.read_text('utf-8')[-1000:]}"] if code != 0 else []
    rows = home.rows(stage.variables["YOUTUBE_CLIENT_ID"], now()) if stage else home.rows()
    strikes = sorted([*siege.strikes, *(cuts_of(stage, siege.points) if stage else ())], key=lambda one: one.at)
    found: Found = judge(home, rows, stage)
    blows = tuple(Blow(one.point, one.hit, recovery_s(rows, one.at) if one.hit else None) for one in strikes)
    return Verdict(
        blows=blows,
        unreached=_unreached(siege.points, strikes),
        status=rows.runs[0].status if rows.runs else "never begun",
        resumes=siege.resumes,
        duplicates=found.duplicates,
        lost=found.lost,
        repaid=found.repaid,
        unknown=found.unknown,
        took_s=time.monotonic() - began,
        problems=(*problems, *found.problems),
    )


def _unreached(points: Sequence[Point], strikes: Sequence[Strike]) -> tuple[Point, ...]:
    struck = {strike.point for strike in strikes}
    return tuple(point for point in points if point not in struck)


def measure_chaos(count: int, seed: int, console: Console) -> dict[str, Any]:
    """Run `count` points drawn from `seed` and return what they did, in counts and seconds; `broken` names each broken promise.

    `points` are those that were struck; `unreached` came after the end of their production or at a place it did not pass.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos ") as place:
        verdicts = run_points(lambda places: draw_points(count, seed, places), Path(place), console)
    blows = [blow for verdict in verdicts for blow in verdict.blows if blow.hit]
    recovered = [blow.recovery_s for blow in blows if blow.recovery_s is not None]
    totals = {name: sum(getattr(verdict, name) for verdict in verdicts) for name in ("duplicates", "lost", "repaid", "unknown")}
    return {
        "points": len(blows),
        **totals,
        "recovery_s": {"p50": statistics.median(recovered) if recovered else None, "max": max(recovered, default=None)},
        "seed": seed,
        "struck": dict(Counter(blow.point.target for blow in blows)),
        "productions": dict(Counter(verdict.blows[0].point.kind for verdict in verdicts if verdict.blows)),
        "nothing_to_strike": sum(not blow.hit for verdict in verdicts for blow in verdict.blows),
        "unreached": sum(len(verdict.unreached) for verdict in verdicts),
        "broken": [verdict.told() for verdict in verdicts if verdict.problems],
        "took_s": round(time.monotonic() - started, 1),
    }
