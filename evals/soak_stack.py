"""The stack under soak: `ytempire up` as an operator starts it, its units, its database, and what a look at all of it shows."""

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

from evals.chaos_home import COMMAND, Home, every_run
from evals.soak_samples import Sample, disk_of, usage_of
from infra.database import Database, DatabaseUnavailable
from infra.embedded.redis import read_persistence
from infra.errors import Unavailable
from infra.machine import ThisMachine, UnitReading
from infra.processes import environment
from infra.runfiles import stack_of
from memory.repositories.heartbeats import HeartbeatRepository, Pulse
from memory.repositories.vitals import VitalsRepository
from memory.repositories.workers import WorkerRepository, WorkerView

STOP_WITHIN_S = 120.0


class NotUp(RuntimeError):
    """The stack under soak did not start."""


@dataclass(frozen=True)
class Health:
    """What must be seen again after a fault: the units with their pids, the workers that are heard of, the heartbeats, and both servers."""

    units: Mapping[str, UnitReading]
    workers: tuple[WorkerView, ...]
    pulses: Mapping[str, Pulse]
    database: bool
    redis_clients: int | None

    @property
    def redis(self) -> bool:
        """Whether Redis answers."""
        return self.redis_clients is not None


class Up:
    """A running `ytempire up` of one home."""

    def __init__(self, home: Home, variables: Mapping[str, str] | None = None) -> None:
        self.home = home
        env = environment(YTEMPIRE_HOME=str(home.path), YTEMPIRE_NETWORK="off", YTEMPIRE_MEDIA="", **(variables or {}))
        self._log = (home.path.parent / f"{home.path.name} up.txt").open("ab")
        self.process = subprocess.Popen(
            [COMMAND, "up", "--port", "0", "--json"], env=env, stdout=subprocess.PIPE, stderr=self._log, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise NotUp(f"`ytempire up` ended with {self.process.wait()} before it was ready")
        if json.loads(line).get("state") != "ready":
            raise NotUp(line)
        note = stack_of(home.data)
        assert note is not None
        self.note = {name: str(value) for name, value in note.items()}
        self.database = Database(self.note["database"], pool_size=2, options="-c statement_timeout=10000")
        self._admin = Database(self.note["database_admin"], pool_size=1, options="-c statement_timeout=10000")
        self._machine = ThisMachine(home.data)

    def units(self) -> dict[str, UnitReading]:
        """Return the supervised processes; empty while the supervisor does not answer."""
        return {unit.name: unit for unit in self._machine.read().units}

    def health(self) -> Health:
        """Return what stands now; a server that is away is part of it."""
        workers: tuple[WorkerView, ...] = ()
        pulses: dict[str, Pulse] = {}
        try:
            with self.database.unit_of_work() as session:
                workers = WorkerRepository(session).list_living()
                pulses = {pulse.name: pulse for pulse in HeartbeatRepository(session).list_()}
            database = True
        except DatabaseUnavailable:
            database = False
        clients: int | None = None
        with suppress(Unavailable):
            clients = read_persistence(self.note["redis"]).clients
        return Health(self.units(), workers, pulses, database, clients)

    def sample(self, at_s: float) -> Sample | None:
        """Measure everything; None while a server is away."""
        try:
            usage = usage_of(psutil.Process(self.process.pid))
            with self._admin.unit_of_work() as session:
                vitals = VitalsRepository(session)
                connections, rows = vitals.connections()[0], vitals.row_counts()
            clients = read_persistence(self.note["redis"]).clients
        except (DatabaseUnavailable, Unavailable, psutil.NoSuchProcess):
            return None
        disk, published = disk_of(self.home.data), len(self.home.entries())
        return Sample(at_s, usage.processes, usage.memory_mb, usage.descriptors, connections, clients, rows, disk, published, usage.cpu_s)

    def strays(self) -> list[str]:
        """Return the home's processes that do not descend from the stack, and zombies that nobody has reaped."""
        root = psutil.Process(self.process.pid)
        family = {root.pid, *(child.pid for child in root.children(recursive=True))}
        lost = [f"{pid} {line[:120]}" for pid, line in self.home.processes() if pid not in family]
        zombies = Counter(parent for parent, _ in usage_of(root).zombies)
        return lost + [f"{count} zombies of pid {parent}" for parent, count in zombies.items()]

    def runs(self) -> dict[str, str]:
        """Return every run with its status."""
        with self.database.unit_of_work() as session:
            return {run.id: run.status for run in every_run(session)}

    def ask(self, statement: Any) -> Any:
        """Return what a function of one session reads, with the owner's rights."""
        with self._admin.unit_of_work() as session:
            return statement(session)

    def stop(self) -> int:
        """Ask it to drain, as an operator does; return its exit code."""
        self.database.dispose()
        self._admin.dispose()
        self.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        try:
            code = self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.stopped_in_s = time.monotonic() - began
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()
        return int(code)
