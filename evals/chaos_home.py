"""A home under chaos: its commands, its processes, its rows while it works and after it has ended."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.database import Database, DatabaseUnavailable
from infra.embedded.postgres import EmbeddedPostgres
from infra.processes import environment
from memory.ledger import Ledger
from memory.quota import pacific_day, tariff_on
from memory.records.costs import CostEntryRecord
from memory.records.publications import PublicationRecord
from memory.records.runs import RunRecord
from memory.repositories.jobs import AttemptView, JobRepository, JobView
from memory.repositories.publications import PublicationRepository
from memory.repositories.quota import QuotaLedger
from memory.repositories.runs import RunRepository
from memory.repositories.workers import WorkerRepository

COMMAND = Path(sys.executable).parent / "ytempire"
REHEARSAL = "rehearsal"
SECONDS = 10
PRODUCE = ("produce", "--seconds", str(SECONDS), "--json")
WITHIN_S = 900.0
_GONE_WITHIN_S = 90.0


@dataclass(frozen=True)
class Rows:
    """What a home's database holds once nothing of the home runs any more; `quota` is what was booked today, by bucket."""

    runs: tuple[RunRecord, ...]
    jobs: tuple[JobView, ...]
    attempts: dict[str, tuple[AttemptView, ...]]
    publications: tuple[PublicationRecord, ...]
    costs: tuple[CostEntryRecord, ...]
    quota: dict[str, int]


@dataclass(frozen=True)
class Home:
    """One home directory and everything that runs for it; with `variables` of a stage, its productions are rehearsed."""

    path: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The folder that holds the database, the media and the library."""
        return self.path / REHEARSAL if self.variables else self.path

    def copy(self, target: Path, variables: Mapping[str, str] | None = None) -> "Home":
        """Copy a home that nothing runs in, and in which nothing was rehearsed, to be one of its own."""
        made = Home(target, variables or {})
        shutil.copytree(self.path, made.data, symlinks=True)
        return made

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the studio to its end."""
        return subprocess.run([COMMAND, *arguments], env=self._env(), capture_output=True, text=True, timeout=WITHIN_S, check=False)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command of the studio in a session of its own; what it says goes to a file beside the home."""
        argv = [str(COMMAND), *arguments, *(["--rehearse"] if self.variables else [])]
        with self.told.open("a") as told:
            return subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=told, env=self._env(), text=True, start_new_session=True)

    @property
    def told(self) -> Path:
        """The file of what the commands said."""
        return self.path.parent / f"{self.path.name} told.txt"

    def entries(self) -> list[Path]:
        """Return the publications that the library holds."""
        return list((self.data / "library").glob("*/*--*"))

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
        """Wait until nothing of the home runs; return what still does after a while."""
        gives_up_at = time.monotonic() + _GONE_WITHIN_S
        while left := [pid for pid, _ in self.processes()]:
            if time.monotonic() > gives_up_at:
                return left
            time.sleep(0.1)
        return []

    def rows(self, project: str = "", at: datetime | None = None) -> Rows:
        """Start the home's Postgres alone and read what is there; nothing else of the home may run. `project` is the one whose quota is read."""
        server = EmbeddedPostgres(self.data)
        database = Database(server.start().app)
        try:
            with database.unit_of_work() as session:
                runs = every_run(session)
                jobs = tuple(job for run in runs for job in JobRepository(session).list_of_run(run.id))
                attempts = {job.id: JobRepository(session).list_attempts(job.id) for job in jobs}
                publications = tuple(one for run in runs for one in PublicationRepository(session).list_of_run(run.id))
                quota = _booked(session, project, at) if at is not None else {}
                return Rows(runs, jobs, attempts, publications, Ledger(session).list_(), quota)
        finally:
            database.dispose()
            server.stop()

    def _env(self) -> dict[str, str]:
        # One production keeps no more than two of them busy, and every start of a stack pays for each.
        return environment(**self.variables, YTEMPIRE_HOME=str(self.path), YTEMPIRE_NETWORK="off", YTEMPIRE_MEDIA="", YTEMPIRE_WORKERS_IO="2")


def every_run(session: Any) -> tuple[RunRecord, ...]:
    """Return all runs, newest first, however many there are."""
    found: list[RunRecord] = []
    cursor: str | None = None
    while True:
        page = RunRepository(session).list_(cursor=cursor, limit=200)
        found += page.items
        cursor = page.next
        if cursor is None:
            return tuple(found)


def _booked(session: Any, project: str, at: datetime) -> dict[str, int]:
    limits = tariff_on(pacific_day(at)).limits
    return {bucket: limits[bucket] - free for bucket, free in QuotaLedger(session, at).summary(project).items()}


class Watching:
    """The database of a home's running stack, as often as it is there; a home without one, or whose Postgres is away, shows nothing."""

    def __init__(self, home: Home) -> None:
        self._note = home.data / "run" / "stack.json"
        self._database: Database | None = None

    def jobs(self) -> tuple[JobView, ...]:
        """Return the jobs of every run."""
        try:
            if (database := self._open()) is None:
                return ()
            with database.unit_of_work() as session:
                return tuple(job for run in RunRepository(session).list_().items for job in JobRepository(session).list_of_run(run.id))
        except DatabaseUnavailable:
            return ()

    def worker_of(self, job: JobView | None) -> int | None:
        """Return the process that runs a job, or one that serves its queue."""
        try:
            if job is None or (database := self._open()) is None:
                return None
            with database.unit_of_work() as session:
                takers = [attempt.worker for attempt in JobRepository(session).list_attempts(job.id)]
                living = WorkerRepository(session).list_living()
        except DatabaseUnavailable:
            return None
        named = [worker.pid for worker in living if worker.id in takers[-1:]] or [worker.pid for worker in living if worker.queue == job.queue]
        return named[0] if named else None

    def urls(self) -> dict[str, str]:
        """Return where the stack's services are; nothing before it has started."""
        try:
            found: dict[str, str] = json.loads(self._note.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found

    def close(self) -> None:
        """Close the connections."""
        if self._database is not None:
            self._database.dispose()

    def _open(self) -> Database | None:
        if self._database is None and (urls := self.urls()):
            self._database = Database(urls["database"], pool_size=1, checked=True)
        return self._database


@contextmanager
def watching(home: Home) -> Iterator[Watching]:
    """Watch a home's stack while the context lasts."""
    watch = Watching(home)
    try:
        yield watch
    finally:
        watch.close()
