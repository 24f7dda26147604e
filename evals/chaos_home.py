"""A home under chaos: its commands, its processes, its rows while it works and after it has ended."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evals.chaos_points import Point, Target
from infra.database import Database, DatabaseUnavailable
from infra.embedded.postgres import EmbeddedPostgres
from infra.processes import environment
from memory.records.publications import PublicationRecord
from memory.records.runs import RunRecord
from memory.repositories.jobs import AttemptView, JobRepository, JobView
from memory.repositories.publications import PublicationRepository
from memory.repositories.runs import RunRepository
from memory.repositories.workers import WorkerRepository

COMMAND = Path(sys.executable).parent / "ytempire"
SECONDS = 10
PRODUCE = ("produce", "--seconds", str(SECONDS), "--json")
WITHIN_S = 600.0
_LOOK_EVERY_S = 0.02
_GONE_WITHIN_S = 60.0
_RANK = {"queued": 0, "dispatched": 0, "running": 1, "done": 2, "dead": 2, "quarantined": 2, "cancelled": 2}
_WANTED = {"before": 0, "inside": 1, "after": 2}


@dataclass(frozen=True)
class Rows:
    """What a home's database holds once nothing of the home runs any more."""

    runs: tuple[RunRecord, ...]
    jobs: tuple[JobView, ...]
    attempts: dict[str, tuple[AttemptView, ...]]
    publications: tuple[PublicationRecord, ...]


class Home:
    """One home directory and everything that runs for it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def copy(self, target: Path) -> "Home":
        """Copy a home that nothing runs in."""
        shutil.copytree(self.path, target, symlinks=True)
        return Home(target)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the studio to its end."""
        return subprocess.run([COMMAND, *arguments], env=self._env(), capture_output=True, text=True, timeout=WITHIN_S, check=False)

    @contextmanager
    def producing(self) -> Iterator["subprocess.Popen[str]"]:
        """Start a production; it is ended with this context."""
        errors = self.path.parent / f"{self.path.name} errors.txt"
        with errors.open("w") as told:
            process = subprocess.Popen([COMMAND, *PRODUCE], stdout=subprocess.DEVNULL, stderr=told, env=self._env(), text=True, start_new_session=True)
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()

    def entries(self) -> list[Path]:
        """Return the publications that the library holds."""
        return list((self.path / "library").glob("*/*--*"))

    def processes(self) -> Iterator[tuple[int, str]]:
        """Yield the living processes of the home: those whose environment, command line or working folder names it."""
        mark = str(self.path).encode()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                line = (entry / "cmdline").read_bytes()
                if line and (mark in (entry / "environ").read_bytes() or mark in line or os.readlink(entry / "cwd").startswith(str(self.path))):
                    yield int(entry.name), line.replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue

    def wait_gone(self) -> list[int]:
        """Wait until nothing of the home runs; return what still does after a minute."""
        gives_up_at = time.monotonic() + _GONE_WITHIN_S
        while left := [pid for pid, _ in self.processes()]:
            if time.monotonic() > gives_up_at:
                return left
            time.sleep(0.1)
        return []

    def rows(self) -> Rows:
        """Start the home's Postgres alone and read what is there; nothing else of the home may run."""
        server = EmbeddedPostgres(self.path)
        database = Database(server.start().app)
        try:
            with database.unit_of_work() as session:
                runs = RunRepository(session).list_().items
                jobs = tuple(job for run in runs for job in JobRepository(session).list_of_run(run.id))
                attempts = {job.id: JobRepository(session).list_attempts(job.id) for job in jobs}
                publications = tuple(one for run in runs for one in PublicationRepository(session).list_of_run(run.id))
            return Rows(tuple(runs), jobs, attempts, publications)
        finally:
            database.dispose()
            server.stop()

    def wait_for(self, point: Point, process: "subprocess.Popen[str]") -> str | None:
        """Return once the point is reached, with the worker that runs its job if one does; also when the production ends first."""
        began = time.monotonic()
        if point.station.is_start:
            _sleep_until(began + point.delay_s, process)
            return None
        with self._watching(process) as database:
            job = None
            while database is not None and process.poll() is None and not _reached(point, job := self._find(database, point)):
                time.sleep(_LOOK_EVERY_S)
            _sleep_until(time.monotonic() + point.delay_s, process)
            return self._worker_of(database, job)

    def kill(self, target: Target, orchestrator: int, worker: str | None) -> int | None:
        """Send SIGKILL to one process of that kind, of the workers to the one named; None when there is none at this moment."""
        if target == "orchestrator":
            found = [orchestrator]
        elif target == "worker":
            found = [int(worker)] if worker else [pid for pid, line in self.processes() if "tools.worker" in line]
        else:
            mark = {"dispatcher": "tools.dispatch", "redis": "redis-server", "postgres": "postgres"}[target]
            found = [pid for pid, line in self.processes() if mark in line and not (target == "postgres" and _parent_is(pid, "postgres"))]
        for pid in found[:1]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return None
            return pid
        return None

    @contextmanager
    def _watching(self, process: "subprocess.Popen[str]") -> Iterator[Database | None]:
        """Yield the database of the home's running stack, or None when the production ended before there was one."""
        note = self.path / "run" / "stack.json"
        while not note.exists() and process.poll() is None:
            time.sleep(_LOOK_EVERY_S)
        if not note.exists():
            yield None
            return
        database = Database(json.loads(note.read_text())["database"], pool_size=1, checked=False)
        try:
            yield database
        finally:
            database.dispose()

    def _find(self, database: Database, point: Point) -> JobView | None:
        wanted = (point.station.node, point.station.iteration, point.station.ordinal)
        try:
            with database.unit_of_work() as session:
                for run in RunRepository(session).list_(limit=1).items:
                    for job in JobRepository(session).list_of_run(run.id):
                        if (job.node, job.iteration, job.ordinal) == wanted:
                            return job
        except DatabaseUnavailable:
            return None
        return None

    def _worker_of(self, database: Database | None, job: JobView | None) -> str | None:
        """Return the pid of the worker that last took the job, as text; else None."""
        if database is None or job is None:
            return None
        try:
            with database.unit_of_work() as session:
                takers = [attempt.worker for attempt in JobRepository(session).list_attempts(job.id)]
                pids = {worker.id: worker.pid for worker in WorkerRepository(session).list_living()}
                same_queue = [worker.pid for worker in WorkerRepository(session).list_living() if worker.queue == job.queue]
        except DatabaseUnavailable:
            return None
        named = [pids[worker] for worker in takers[-1:] if worker in pids] or same_queue
        return str(named[0]) if named else None

    def _env(self) -> dict[str, str]:
        return environment(YTEMPIRE_HOME=str(self.path), YTEMPIRE_NETWORK="off")


def _reached(point: Point, job: JobView | None) -> bool:
    return job is not None and _RANK[job.state] >= _WANTED[point.moment]


def _sleep_until(monotonic: float, process: "subprocess.Popen[str]") -> None:
    while process.poll() is None and (left := monotonic - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_EVERY_S))


def _parent_is(pid: int, name: str) -> bool:
    try:
        parent = int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        return name in (Path("/proc") / str(parent) / "comm").read_text()
    except (OSError, ValueError):
        return False
