"""Chaos: kill -9 one process of the studio at a random point of a production, resume, and count what exists."""

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

from evals.chaos_home import PRODUCE, WITHIN_S, Home, Rows
from evals.chaos_points import Point, Station, draw_points, stations_of
from infra.clock import SYSTEM_CLOCK

RESUMES = 3
# Queues whose tools leave this machine: what they repeat without a stored answer may have had its effect.
_OUTSIDE = frozenset({"io", "publish"})
Draw = Callable[[Sequence[Station]], Sequence[Point]]


@dataclass(frozen=True)
class Verdict:
    """What a point left behind; `problems` is empty when every promise held. Without `killed` there was nothing to kill any more."""

    point: Point
    status: str
    killed: int | None
    resumes: int
    recovery_s: float | None
    duplicates: int
    lost: int
    repaid: int
    unknown: int
    problems: tuple[str, ...]

    def told(self) -> str:
        """Say in one line what was killed where and what became of it."""
        where = f"{self.point.target} {self.point.moment} {self.point.station.label} (share {self.point.share:g})"
        after = "nothing to kill" if self.killed is None else f"going on after {self.recovery_s:.1f} s" if self.recovery_s is not None else "ended"
        fate = f"{self.status}, {after}, {self.resumes} resumes"
        return f"{'FAILED' if self.problems else 'held  '} {self.point.number:>3}  {where}: {fate}{''.join(f'; {problem}' for problem in self.problems)}"


class NotCalm(RuntimeError):
    """The undisturbed production, which every point is drawn from, did not succeed."""


def run_points(draw: Draw, place: Path, console: Console) -> list[Verdict]:
    """Make one undisturbed production under `place`, draw points over its stations, and run each in a fresh copy of the same prepared home."""
    base, stations = prepare(place)
    points = draw(stations)
    console.print(f"{len(stations)} stations; {len(points)} points", highlight=False)
    verdicts = []
    for point in points:
        home = base.copy(place / f"point {point.number}")
        verdict = run_point(point, home)
        verdicts.append(verdict)
        console.print(verdict.told(), markup=False, highlight=False, soft_wrap=True)
        if not verdict.problems:
            shutil.rmtree(home.path, ignore_errors=True)
    return verdicts


def prepare(place: Path) -> tuple[Home, tuple[Station, ...]]:
    """Return a home with its database made and its models ready, and the stations of a production in a copy of it.

    What a point's home takes over costs minutes to build and nothing to lose; stored results of jobs are left out, so that every job does its work.
    """
    base = Home(place / "base home")
    listed = base.command("runs", "--json")
    if listed.returncode != 0:
        raise NotCalm(f"`ytempire runs` failed in a new home: {listed.stderr[-2000:]}")
    base.wait_gone()
    calm = base.copy(place / "calm home")
    launched = SYSTEM_CLOCK.now()
    made = calm.command(*PRODUCE)
    if made.returncode != 0:
        raise NotCalm(f"the undisturbed production failed: {made.stderr[-2000:]}")
    calm.wait_gone()
    rows = calm.rows()
    ended = rows.runs[0].finished_at
    assert ended is not None
    shutil.copytree(calm.path / "cache", base.path / "cache", ignore=shutil.ignore_patterns("keys"), dirs_exist_ok=True)
    shutil.rmtree(calm.path)
    return base, stations_of(rows.jobs, launched, ended)


def run_point(point: Point, home: Home) -> Verdict:
    """Produce in a home of its own, kill once, let the studio recover, and judge what is left."""
    with home.producing() as process:
        worker = home.wait_for(point, process)
        killed_at = SYSTEM_CLOCK.now()
        killed = home.kill(point.target, process.pid, worker)
        process.wait(WITHIN_S)
        code = process.returncode
    resumes, told = 0, ""
    while code != 0 and resumes < RESUMES:
        # At once, while the stack of the killed command may still be ending: that is what a user would do.
        resumed = home.command("resume", "--json")
        resumes, code, told = resumes + 1, resumed.returncode, resumed.stderr[-1000:]
    left = home.wait_gone()
    problems = [f"processes left running: {left}"] if left else []
    problems += [f"`ytempire resume` ended with {code}: {told}"] if code != 0 else []
    rows = home.rows()
    found = _judge(rows, len(home.entries()))
    recovered = _recovery_s(rows, killed_at) if killed is not None else None
    status = rows.runs[0].status if rows.runs else "never begun"
    return Verdict(point, status, killed, resumes, recovered, **found.counts, problems=(*problems, *found.problems))


@dataclass(frozen=True)
class _Found:
    counts: dict[str, int]
    problems: tuple[str, ...]


def _judge(rows: Rows, entries: int) -> _Found:
    """Compare what exists with what was promised: one run, published once, and no job completed twice.

    A kill before the run was written down promised nothing, so nothing may exist.
    """
    published = sum(one.state == "verified" for one in rows.publications)
    wanted = len(rows.runs)
    lost = [run for run in rows.runs if run.status != "published"]
    repaid = [job.tool for job in rows.jobs if job.completions > 1 or sum(one.outcome == "done" for one in rows.attempts[job.id]) > 1]
    unknown = [job.tool for job in rows.jobs if job.queue in _OUTSIDE and any(one.outcome == "lost" for one in rows.attempts[job.id])]
    unfinished = [f"{job.tool} is {job.state}" for job in rows.jobs if job.state not in {"done", "cancelled"}]
    problems = [f"the run is {run.status}: {run.error or run.outcome}" for run in lost]
    problems += [f"{wanted} runs instead of one"] if wanted > 1 else []
    problems += [f"{published} verified of {len(rows.publications)} publications, {entries} entries in the library"] if {published, entries} != {wanted} else []
    problems += [f"{tool} was completed more than once" for tool in repaid] + unfinished
    duplicates = max(0, max(len(rows.publications), entries) - wanted)
    return _Found({"duplicates": duplicates, "lost": len(lost), "repaid": len(repaid), "unknown": len(unknown)}, tuple(problems))


def _recovery_s(rows: Rows, killed_at: Any) -> float | None:
    """Return the seconds from the kill until the run next finished a job, or ended; None when it had ended before."""
    moments = [job.finished_at for job in rows.jobs] + [run.finished_at for run in rows.runs]
    after = [(moment - killed_at).total_seconds() for moment in moments if moment is not None and moment > killed_at]
    return min(after, default=None)


def measure_chaos(count: int, seed: int, console: Console) -> dict[str, Any]:
    """Run `count` points drawn from `seed` and return what they did, in counts and seconds; `broken` names each broken promise."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos ") as place:
        verdicts = run_points(lambda stations: draw_points(count, seed, stations), Path(place), console)
    recovered = [verdict.recovery_s for verdict in verdicts if verdict.recovery_s is not None]
    totals = {name: sum(getattr(verdict, name) for verdict in verdicts) for name in ("duplicates", "lost", "repaid", "unknown")}
    return {
        "points": len(verdicts),
        **totals,
        "recovery_s": {"p50": statistics.median(recovered) if recovered else None, "max": max(recovered, default=None)},
        "seed": seed,
        "killed": dict(Counter(verdict.point.target for verdict in verdicts if verdict.killed is not None)),
        "nothing_to_kill": sum(verdict.killed is None for verdict in verdicts),
        "broken": [verdict.told() for verdict in verdicts if verdict.problems],
        "took_s": round(time.monotonic() - started, 1),
    }
