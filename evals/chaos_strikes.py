"""Strikes a production where its points say, and resumes it whenever its command ended early."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil

from evals.chaos_home import PRODUCE, WITHIN_S, Home, Watching, watching
from evals.chaos_points import Effect, Point, Station
from evals.chaos_stage import Held, Stage, now
from infra.embedded.postgres import end_sessions
from infra.embedded.redis import cut_connections
from memory.repositories.jobs import JobView

RESUMES_BESIDE_KILLS = 3
_NOTHING = "nothing is unfinished"
_LOOK_EVERY_S = 0.03
_READ_EVERY_S = 0.1
_RANK = {"queued": 0, "dispatched": 0, "running": 1, "done": 2, "dead": 2, "quarantined": 2, "cancelled": 2}
_WANTED = {"before": 0, "inside": 1, "after": 2}
_NAMES = {"dispatcher": "tools.dispatch", "redis": "redis-server", "postgres": "postgres"}


@dataclass(frozen=True)
class Strike:
    """A point that was struck; without `hit` there was nothing to strike any more."""

    point: Point
    at: datetime
    hit: bool


@dataclass
class Siege:
    """One production under its points."""

    home: Home
    points: Sequence[Point]
    stage: Stage | None = None
    strikes: list[Strike] = field(default_factory=list)
    resumes: int = 0
    _seen: bool = False
    _began: float = 0.0

    def run(self) -> int:
        """Produce, strike, resume until a command succeeds; return the last command's exit code."""
        allowed = RESUMES_BESIDE_KILLS + sum(point.target == "orchestrator" for point in self.points)
        gives_up_at = time.monotonic() + WITHIN_S
        with watching(self.home) as watch:
            process = self._start(*PRODUCE)
            try:
                while True:
                    code = self._follow(process, watch, gives_up_at)
                    if code == 0 and self._never_begun():
                        process = self._start(*PRODUCE)
                        continue
                    if code == 0 or self.resumes >= allowed or time.monotonic() > gives_up_at:
                        return code
                    self.resumes += 1
                    # At once, while the killed command's stack may still be working or ending: that is what a user would do.
                    process = self._start("resume", "--json")
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()

    def missed(self) -> list[Point]:
        """Return the points that were never reached."""
        struck = {strike.point for strike in self.strikes}
        return [point for point in self.points if point not in struck]

    def _never_begun(self) -> bool:
        """Whether the first command died before it had written the run down, so that there was nothing to resume: it is simply given again."""
        return not self._seen and _NOTHING in self.home.told.read_text("utf-8")[-400:]

    def _start(self, *arguments: str) -> "subprocess.Popen[str]":
        self._began = time.monotonic()
        return self.home.start(*arguments)

    def _follow(self, process: "subprocess.Popen[str]", watch: Watching, gives_up_at: float) -> int:
        reads_at = 0.0
        due: dict[Point, tuple[float, JobView | None]] = {}
        while process.poll() is None:
            if time.monotonic() > gives_up_at:
                process.kill()
            for held in self.stage.take_held() if self.stage else ():
                self._at_effect(held, process.pid, watch)
            if time.monotonic() >= reads_at:
                reads_at = time.monotonic() + _READ_EVERY_S
                self._notice(due, watch)
            for point in [point for point, (at, _) in due.items() if time.monotonic() >= at]:
                self._strike(point, process.pid, watch, watch.worker_of(due.pop(point)[1]))
            time.sleep(_LOOK_EVERY_S)
        return int(process.wait())

    def _notice(self, due: dict[Point, tuple[float, JobView | None]], watch: Watching) -> None:
        """Note which stations have been reached, and when they are to be struck."""
        waiting = [point for point in self.missed() if isinstance(point.place, Station) and point not in due]
        jobs = watch.jobs() if not self._seen or any(not point.place.is_start for point in waiting if isinstance(point.place, Station)) else ()
        self._seen = self._seen or bool(jobs)
        # A production may reach a place in another iteration than the undisturbed one did, after a revision more or less.
        by_place = {(job.node, job.ordinal): job for job in jobs}
        for point in waiting:
            place = point.place
            assert isinstance(place, Station)
            job = by_place.get((place.node, place.ordinal))
            if place.is_start:
                due[point] = (self._began + point.delay_s, None)
            elif job is not None and _RANK[job.state] >= _WANTED[point.moment]:
                due[point] = (time.monotonic() + point.delay_s, job)

    def _at_effect(self, held: Held, orchestrator: int, watch: Watching) -> None:
        """Strike the point that this request was made to wait for."""
        meant = [point for point in self.missed() if isinstance(point.place, Effect) and point.target != "provider line"]
        found = next((one for one in meant if isinstance(one.place, Effect) and (one.place.service, one.place.method, one.place.path) == _kind(held)), None)
        if found is not None:
            self._strike(found, orchestrator, watch, _client_at(held.port))

    def _strike(self, point: Point, orchestrator: int, watch: Watching, worker: int | None) -> None:
        at = now()
        if point.target == "postgres lines":
            hit = end_sessions(watch.urls().get("database_admin", ""))
        elif point.target == "redis lines":
            hit = cut_connections(watch.urls().get("redis", ""))
        else:
            hit = self._kill(point.target, orchestrator, worker)
        self.strikes.append(Strike(point, at, bool(hit)))

    def _kill(self, target: str, orchestrator: int, worker: int | None) -> bool:
        if target == "orchestrator":
            found = [orchestrator]
        elif target == "worker":
            found = [worker] if worker else [pid for pid, line in self.home.processes() if "tools.worker" in line]
        else:
            named = [pid for pid, line in self.home.processes() if _NAMES[target] in line]
            found = [pid for pid in named if not (target == "postgres" and _parent_is(pid, "postgres"))]
        for pid in found[:1]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return False
            return True
        return False


def cuts_of(stage: Stage, points: Sequence[Point]) -> list[Strike]:
    """Return the cuts that the stand-ins made by themselves, from their record."""
    cuts = [point for point in points if point.target == "provider line"]
    played = [one for one in stage.requests() if one.fault in {"drop", "lost", "torn", "hang_up"}]
    found = []
    for point in cuts:
        assert isinstance(point.place, Effect)
        kind = (point.place.service, point.place.method, point.place.path)
        one = next((one for one in played if (one.service, one.method, one.path) == kind), None)
        if one is not None:
            played.remove(one)
            found.append(Strike(point, one.at, True))
    return found


def _kind(held: Held) -> tuple[str, str, str]:
    return held.service, held.method, held.path


def _client_at(port: int) -> int | None:
    """Return the process at the client's end of a loopback connection."""
    for line in psutil.net_connections("tcp"):
        if line.pid and line.laddr and line.laddr.port == port:
            return int(line.pid)
    return None


def _parent_is(pid: int, name: str) -> bool:
    try:
        parent = int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        return name in (Path("/proc") / str(parent) / "comm").read_text()
    except (OSError, ValueError):
        return False
