"""The soak: the real stack in real time under a real load and drawn faults; what it used, how it grew, what was struck and how it came back."""

import shutil
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from evals.chaos_home import Home, Rows
from evals.chaos_judge import Found, judge_jobs, judge_library
from evals.soak_faults import RECOVERY_LIMIT_S, Siege, Strike, draw_faults, recoveries, targets_of
from evals.soak_load import Autonomous, Load, Productions
from evals.soak_samples import GROWTH_LIMIT, REST_CPU_LIMIT, Sample, growing, per_video, rest_cpu, trend
from evals.soak_stack import Up
from infra.clock import SYSTEM_CLOCK
from infra.settings import CHECKOUT
from memory.repositories.audit import AuditRepository
from memory.repositories.incidents import IncidentRepository

CONDUCTOR = "conductor"
FIGURES = ("memory_mb", "descriptors", "connections", "redis_clients", "processes")
# Shares of the time: until the warm-up is over and the first fault is struck, and until the last fault and the last new production.
WARM_SHARE, FAULTS_END_SHARE, LEAST_FAULTS_SHARE = 0.2, 0.85, 0.6
# So many productions load what every worker loads once; a soak shorter than this many minutes hurries.
WARM_PRODUCTIONS, FULL_PACE_MINUTES = 4, 10.0
_LONGEST_WARM_S, _SAMPLE_EVERY_S, _PAUSE_S = 300.0, 10.0, 0.2
_WARM_SETTLE_S, _REST_S, _DRAIN_S = 20.0, 40.0, 600.0
# What the watcher writes down of the last video is written after one of its looks.
_LOOK_EVERY_S, _HURRIED_LOOK_EVERY_S, _LOOK_TAKES_S = 30.0, 5.0, 10.0
# What a restarted server or worker may hold more than before, without being a leak.
_SPARE = {"descriptors": 40, "connections": 6, "redis_clients": 4, "processes": 4, "memory_mb": 60.0}
_ENDED = frozenset({"published", "refused", "rejected", "failed"})


@dataclass
class Log:
    """Everything that a soak saw, in order."""

    samples: list[Sample] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Soak:
    """One soak of one home, for `minutes` of real time."""

    def __init__(self, place: Path, minutes: float, seed: int, console: Console) -> None:
        self._home = Home(place / "soaked home")
        self._span_s = minutes * 60
        self._seed = seed
        self._console = console
        self._log = Log()
        self._load: Load = Productions(self._home, seed)
        self._began = 0.0
        self._until_s = FAULTS_END_SHARE * self._span_s
        # A short soak is a quick one: its faults come sooner after each other, and its rests are shorter.
        self._pace = min(1.0, minutes / FULL_PACE_MINUTES)
        self._look_every_s = _LOOK_EVERY_S if self._pace == 1.0 else _HURRIED_LOOK_EVERY_S
        self._sample_at = self._warm_s = 0.0
        self._up: Up | None = None

    def run(self) -> dict[str, Any]:
        """Run it and return the report; whatever ends it early ends the stack as well."""
        up = self._up = Up(self._home, {"YTEMPIRE_WATCHER_EVERY_S": str(self._look_every_s)})
        try:
            return self._run(up)
        finally:
            if up.process.poll() is None:
                self._load.stop(0.0)
                up.stop()

    def _run(self, up: Up) -> dict[str, Any]:
        self._began = time.monotonic()
        warm_s = min(_LONGEST_WARM_S, WARM_SHARE * self._span_s)
        first = self._warm_up(up, warm_s)
        # A warm-up that took long shortens no siege: what was asked for is then exceeded, and the report says what it came to.
        self._until_s = max(FAULTS_END_SHARE * self._span_s, self._at_s() + LEAST_FAULTS_SHARE * self._span_s)
        units = up.units()
        # A run of a few minutes is refused: no video would be ready in its time.
        if CONDUCTOR in units and self._pace == 1.0:
            self._load = Autonomous(up, (self._until_s - self._at_s()) / 60, self._seed)
        siege = Siege(up, self._seed, self._load.runner)
        for fault in draw_faults(self._seed, targets_of(units), (self._at_s(), self._until_s), self._pace):
            self._wait_until(fault.at_s)
            strike = siege.strike(fault, self._at_s(), self._idle)
            self._log.strikes.append(strike)
            self._console.print(str(strike.told()), markup=False, highlight=False)
        self._wait_until(self._span_s)
        last, rested = self._come_to_rest(up)
        real_s = self._at_s()
        told = self._what_was_told(up)
        told["load"] = self._load.told()
        strays, runs = up.strays(), up.runs()
        code = up.stop()
        left = [line for _, line in self._home.processes()] if self._home.wait_gone() else []
        found = self._judge(self._home.rows(), runs)
        self._accuse(first, last, rested, strays)
        self._log.problems += [f"`ytempire up` ended with {code}"] if code else []
        self._log.problems += [f"left running after the end: {line[:160]}" for line in left]
        told |= {"stopped_in_s": round(up.stopped_in_s, 1), "rest_cpu": rest_cpu(last, rested) if last and rested else None}
        return self._report(real_s, self._warm_s, found, (first, last)) | told

    def _warm_up(self, up: Up, warm_s: float) -> Sample | None:
        """Let productions load what is loaded once, then measure a rest."""
        while self._at_s() < warm_s or self._load.begun < (WARM_PRODUCTIONS if self._pace == 1.0 else 1):
            self._idle()
        if not self._load.stop(_DRAIN_S):
            self._log.problems.append("the first productions did not end")
        self._rest(_WARM_SETTLE_S)
        warm = up.sample(self._at_s())
        self._warm_s = self._at_s()
        return warm

    def _come_to_rest(self, up: Up) -> tuple[Sample | None, Sample | None]:
        """Let everything end, and measure twice: a studio at rest adds nothing."""
        if not self._load.stop(_DRAIN_S):
            self._log.problems.append("the last production did not end")
        time.sleep(self._look_every_s + _LOOK_TAKES_S)
        last = up.sample(self._at_s())
        self._rest(_REST_S)
        return last, up.sample(self._at_s())

    def _rest(self, seconds: float) -> None:
        time.sleep(max(2.0, seconds * self._pace))

    def _at_s(self) -> float:
        return time.monotonic() - self._began

    def _wait_until(self, at_s: float) -> None:
        while self._at_s() < at_s:
            self._idle()

    def _idle(self) -> None:
        self._load.turn(may_begin=self._at_s() < self._until_s)
        if self._up is not None and self._at_s() >= self._sample_at:
            self._sample_at = self._at_s() + _SAMPLE_EVERY_S
            if (sample := self._up.sample(self._at_s())) is not None:
                self._log.samples.append(sample)
        time.sleep(_PAUSE_S)

    def _what_was_told(self, up: Up) -> dict[str, Any]:
        """Return what the studio itself noticed and did meanwhile."""
        acts = up.ask(lambda session: [one.action for one in AuditRepository(session).list_(limit=10_000) if one.actor == "watchdog"])
        incidents = up.ask(lambda session: [(one.key, one.severity, one.status) for one in IncidentRepository(session).list_(limit=200).items])
        return {"watchdog_acts": dict(Counter(acts)), "incidents": [" ".join(one) for one in incidents]}

    def _judge(self, rows: Rows, runs: dict[str, str]) -> Found:
        found = Found()
        open_runs = [run_id for run_id, status in runs.items() if status not in _ENDED]
        bad = [f"run {run.id} of {run.channel_id} is {run.status}: {run.error or run.outcome}" for run in rows.runs if run.status == "failed"]
        published = sum(run.status == "published" for run in rows.runs)
        found.lost = len(open_runs) + len(bad)
        found.problems += [f"run {run_id} never ended" for run_id in open_runs] + bad
        judge_jobs(rows, found)
        judge_library(len(self._home.entries()), published, rows, found)
        self._log.problems += found.problems
        return found

    def _accuse(self, first: Sample | None, last: Sample | None, rested: Sample | None, strays: Sequence[str]) -> None:
        problems = self._log.problems
        problems += [f"nobody's process: {stray}" for stray in strays]
        problems += [f"{one.fault.kind} {one.fault.target} at {one.at_s:.0f} s was not over within {RECOVERY_LIMIT_S:.0f} s" for one in self._slow()]
        if first is None or last is None or rested is None:
            problems.append("a rest could not be measured")
            return
        # Memory is compared only once every worker has loaded what it loads once.
        for name in FIGURES if self._pace == 1.0 else FIGURES[1:]:
            before, after = float(getattr(first, name)), float(getattr(last, name))
            if after > before * (1 + GROWTH_LIMIT) and after - before > _SPARE[name]:
                problems.append(f"{name} at rest rose from {before:.0f} to {after:.0f}")
        if self._pace == 1.0 and (busy := rest_cpu(last, rested)) > REST_CPU_LIMIT:
            problems.append(f"at rest it took {busy:.1%} of one core (limit {REST_CPU_LIMIT:.0%})")
        grown = growing(last.rows, rested.rows)
        problems += [f"{name} grew by {count:.0f} rows while nothing was done" for name, count in grown.items()]

    def _slow(self) -> list[Strike]:
        return [one for one in self._log.strikes if one.hit and (one.recovery_s is None or one.recovery_s > RECOVERY_LIMIT_S)]

    def _report(self, real_s: float, warm_s: float, found: Found, rests: tuple[Sample | None, Sample | None]) -> dict[str, Any]:
        log = self._log
        trends = {name: trend(log.samples, name, warm_s) for name in FIGURES}
        grown = {name: one for name, one in trends.items() if one.grew and one.growth * one.median > _SPARE[name]}
        log.problems += [f"{name} grew by {one.growth:.0%} under load (limit {GROWTH_LIMIT:.0%})" for name, one in grown.items()]
        recovered = recoveries(log.strikes)
        return {
            "commit": commit(),
            "began": SYSTEM_CLOCK.now().isoformat(timespec="seconds"),
            "real_minutes": round(real_s / 60, 1),
            "seed": self._seed,
            "published": len(self._home.entries()),
            "lost": found.lost,
            "duplicates": found.duplicates,
            "repaid": found.repaid,
            "faults": [one.told() for one in log.strikes],
            "recovery_s": {"p50": round(statistics.median(recovered), 1) if recovered else None, "max": round(max(recovered), 1) if recovered else None},
            "trends": {name: asdict(one) for name, one in trends.items()},
            "rest": {name: [round(getattr(one, name), 1) if one is not None else None for one in rests] for name in FIGURES},
            "per_video": per_video(log.samples, warm_s),
            "disk_mb": dict(log.samples[-1].disk_mb) if log.samples else {},
            "samples": len(log.samples),
            "broken": log.problems,
        }


def measure_soak(minutes: float, seed: int, console: Console) -> dict[str, Any]:
    """Soak a new home for `minutes` of real time with the faults of `seed`; `broken` names each promise that did not hold."""
    place = Path(tempfile.mkdtemp(prefix="soak "))
    report = Soak(place, minutes, seed, console).run()
    if report["broken"]:
        report["kept"] = str(place)
    else:
        shutil.rmtree(place, ignore_errors=True)
    return report


def commit() -> str:
    """Return the commit of this checkout, with a mark when files differ from it; `unknown` outside of a repository."""
    try:
        told = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return told.stdout.strip() or "unknown"
