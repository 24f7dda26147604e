"""The engine: a whole studio in one process on virtual time, struck where it is told to, the same again for the same seed."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from evals.simulation.actors import Machine, SimulatedProcess
from evals.simulation.bus import LocalBus, Switchboard
from evals.simulation.clock import VirtualClock
from evals.simulation.conductor import SimulatedConductor
from evals.simulation.database import IdleHearts, Outlet, open_database
from evals.simulation.kernel import SimulatedDispatcher, Troubles
from evals.simulation.kernel_worker import Run, Shop, SimulatedWorker
from evals.simulation.log import EventLog
from evals.simulation.loop import VirtualLoop
from evals.simulation.transport import MemoryTransport
from evals.simulation.watcher import watch
from graphs.checkpoint import Checkpointers
from graphs.checkpoint_inline import inline_checkpointers
from graphs.orchestrator import Orchestrator
from graphs.runbook import RunBook
from infra.clock import SYSTEM_CLOCK
from infra.database import attended
from infra.embedded.postgres import PostgresUrls
from infra.events import Event
from infra.ids import seeded_ids
from infra.settings import Settings
from tools.allowlist import ALLOWED, AllowList
from tools.call import ToolCaller
from tools.registry import Registry
from tools.worker_process import processes_of

T = TypeVar("T")
# The profile of the architecture page with its GPUs left out: what a machine of four cores runs.
CREW: Mapping[str, int] = {"io": 4, "cpu": 4, "publish": 1}


@dataclass(frozen=True)
class Studio:
    """What a simulated studio is made of; `run` runs one attempt of a job, at once, and says how long it took."""

    seed: int
    start: datetime
    urls: PostgresUrls
    settings: Settings
    run: Run
    registry: Registry = field(default_factory=Registry)
    allowed: AllowList = field(default_factory=lambda: ALLOWED)
    crew: Mapping[str, int] = field(default_factory=lambda: CREW)
    # What drives the productions (without one, whatever run is there is driven), and what else runs, each with a bus of its own.
    conduct: "Work | None" = None
    programs: "Mapping[str, Work]" = field(default_factory=dict)


class Engine:
    """One simulation: its clock, its log, its machine with all processes, its database and its queues."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.settings = studio.settings.model_copy(update={"database_url": studio.urls.app, "database_publish_url": studio.urls.publish})
        self.clock = VirtualClock(studio.start)
        self.log = EventLog(self.clock)
        self.machine = Machine(self.log)
        self.switchboard = Switchboard()
        self.outlet = Outlet(self.clock, self.switchboard)
        self.transport = MemoryTransport()
        self.database = open_database(studio.urls)
        self.shop = Shop(self.machine, self.transport, self.database, self.settings, studio.registry, studio.allowed, studio.run, self.log)
        self.machine.on_death += [self._forget]
        self._savers: Checkpointers | None = None
        self._troubles: Troubles | None = None
        self._hearts: IdleHearts | None = None

    def live(self, script: "Callable[[Engine], Coroutine[Any, Any, T]]") -> T:
        """Start everything, play the script in virtual time, end everything, and return what the script returned."""
        with ExitStack() as installed:
            installed.enter_context(SYSTEM_CLOCK.installed(self.clock))
            installed.enter_context(seeded_ids("simulation", self.studio.seed))
            installed.enter_context(processes_of(self.machine))
            installed.enter_context(attended(self.outlet))
            installed.callback(self.database.dispose)
            self._savers = installed.enter_context(inline_checkpointers(self.studio.urls.app, self.outlet.ensure_there))
            self._hearts = installed.enter_context(closing(IdleHearts(self.studio.urls.app, self.clock, self.settings.job_lease_s / 3)))
            self._troubles = Troubles()
            runner = installed.enter_context(asyncio.Runner(loop_factory=lambda: VirtualLoop(self.clock, self.studio.seed)))
            return runner.run(self._play(script))

    def new_book(self, bus: LocalBus) -> RunBook:
        """Return a book of runs whose tool calls are told of over `bus`."""
        return RunBook(self.settings, self.database, self.new_caller(bus))

    def new_caller(self, bus: LocalBus) -> ToolCaller:
        """Return a caller of tools that is told of their ends over `bus`."""
        return ToolCaller(self.database, bus, self.settings, self.studio.allowed, self.transport)

    @property
    def savers(self) -> Checkpointers:
        """The checkpointers, while the simulation lives."""
        assert self._savers is not None
        return self._savers

    @property
    def hearts(self) -> IdleHearts:
        """The heartbeats of idle workers, while the simulation lives."""
        assert self._hearts is not None
        return self._hearts

    @property
    def troubles(self) -> Troubles:
        """Since when nothing was struck, while the simulation lives."""
        assert self._troubles is not None
        return self._troubles

    async def _play(self, script: "Callable[[Engine], Coroutine[Any, Any, T]]") -> T:
        async with LocalBus(self.switchboard) as bus:
            bus.subscribe(self._note)
            self._start()
            try:
                return await script(self)
            finally:
                # What still runs is ended where it can do no harm: nothing of it reaches the database.
                self.outlet.away = self.switchboard.away = self.transport.away = True
                await self.machine.end()

    def _start(self) -> None:
        self.machine.run("dispatcher", lambda: SimulatedDispatcher(self.shop, self.switchboard, self.troubles, self.hearts).serve())
        for queue, count in self.studio.crew.items():
            for number in range(1, count + 1):
                self._hire(f"worker-{queue}-{number}", queue)
        self._employ("conductor", self.studio.conduct or _drive_all)
        self._employ("watcher", watch)
        for name, work in self.studio.programs.items():
            self._employ(name, work)

    def _hire(self, name: str, queue: str) -> None:
        self.machine.run(name, lambda: SimulatedWorker(self.shop, name, queue).work())

    def _employ(self, name: str, work: "Work") -> None:
        async def main() -> None:
            async with LocalBus(self.switchboard) as bus:
                await work(self, bus)

        self.machine.run(name, main)

    def _forget(self, process: SimulatedProcess) -> None:
        """Cut the connections of a process that died."""
        self.troubles.note()
        self.switchboard.forget(process)
        self.transport.forget(process)
        self.shop.forget(process)

    def _note(self, event: Event) -> None:
        self.log.note(f"job.{event.kind}", event.subject)


Work = Callable[[Engine, LocalBus], Coroutine[Any, Any, None]]


async def _drive_all(engine: Engine, bus: LocalBus) -> None:
    await SimulatedConductor(engine.database, Orchestrator(engine.new_book(bus), engine.savers), engine.log).serve()
