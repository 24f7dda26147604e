"""The simulated machine: processes that are started, killed and started again, none of them real."""

import asyncio
import weakref
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

from evals.simulation.log import EventLog
from evals.simulation.loop import OWNER
from infra.errors import NotFound

HOST = "simulated"
# As the supervisor does it: at once the first time, then with growing pauses while a process keeps dying young.
_RESTART_S, _MOST_RESTART_S, _YOUNG_S = 0.5, 30.0, 60.0
_FIRST_PID, _END_WITHIN_S = 100, 3600.0
_KILLED, _CRASHED, _KNOWN_ENDS = -9, 1, 20
Main = Callable[[], Coroutine[Any, Any, None]]


class NoSuchProcess(NotFound):
    """The simulated machine runs no program of that name."""

    code = "simulated_process_missing"


@dataclass(eq=False)
class SimulatedProcess:
    """One life of a program: what runs in its name is dropped once it is dead. `fuse` counts its steps down to a kill."""

    name: str
    pid: int
    started: float
    bury: "Callable[[SimulatedProcess], None]"
    alive: bool = True
    fuse: int | None = None
    _tasks: "weakref.WeakSet[asyncio.Task[Any]]" = field(default_factory=weakref.WeakSet)
    # Of a dead one, kept as they were: Python closes a coroutine that is let go, and would run what it has in `finally`.
    _kept: "list[asyncio.Task[Any]]" = field(default_factory=list)
    _dropped: list[asyncio.Handle] = field(default_factory=list)

    def step(self) -> bool:
        """Say whether it lives to take one more step."""
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.bury(self)
        return self.alive

    def drop(self, handle: asyncio.Handle) -> None:
        """Keep a callback that came too late."""
        self._dropped.append(handle)

    def adopt(self, task: "asyncio.Task[Any]") -> None:
        """Know a task that was begun in its name."""
        self._tasks.add(task)

    def die(self) -> None:
        """Stop for good, wherever each of its tasks is."""
        self.alive, self.fuse = False, None
        self._kept = list(self._tasks)

    def dissolve(self) -> "list[asyncio.Task[Any]]":
        """Cancel its tasks in good order, when the simulation is over; return them."""
        self.alive, self.fuse = True, None
        tasks = [task for task in self._tasks if not task.done()]
        for task in tasks:
            task.cancel()
        for handle in self._dropped:
            asyncio.get_running_loop().call_soon(handle._run)
        self._kept, self._dropped = [], []
        return tasks


async def _born(main: Main) -> None:
    """Begin the program in the name of its process: whatever it asks about itself while it is made is asked by that process."""
    await main()


@dataclass(frozen=True)
class End:
    """How a process ended: its exit code, at which second, and after how many."""

    code: int
    at_s: float
    ran_s: float


@dataclass
class Program:
    """What the supervisor keeps running; `deaths` counts those in a row that came soon after a start, `ends` holds the newest."""

    name: str
    main: Main
    process: SimulatedProcess | None = None
    deaths: int = 0
    launches: int = 0
    ends: tuple[End, ...] = ()

    def ended(self, end: End) -> None:
        """Note how its process ended."""
        self.process = None
        self.deaths = self.deaths + 1 if end.ran_s < _YOUNG_S else 0
        self.ends = (*self.ends, end)[-_KNOWN_ENDS:]


class Machine:
    """The supervisor and the process table of the simulated host."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._programs: dict[str, Program] = {}
        self._lives: dict[int, SimulatedProcess] = {}
        self._over = False
        self.on_death: list[Callable[[SimulatedProcess], None]] = []
        # What processes died of by themselves: errors that nobody foresaw.
        self.crashes: list[BaseException] = []

    def host(self) -> str:
        """Name the simulated host."""
        return HOST

    def me(self) -> tuple[int, float]:
        """Return the process in whose name the caller runs; pid 1 is the simulation itself."""
        owner = OWNER.get()
        return (owner.pid, owner.started) if isinstance(owner, SimulatedProcess) else (1, 0.0)

    def is_running(self, pid: int, process_started: float) -> bool:
        """Whether that very process lives."""
        life = self._lives.get(pid)
        return life is not None and life.alive and abs(life.started - process_started) < 0.5

    def kill(self, pid: int, process_started: float) -> bool:
        """Kill that very process; False when it is gone."""
        if not self.is_running(pid, process_started):
            return False
        self._bury(self._lives[pid])
        return True

    def run(self, name: str, main: Main) -> None:
        """Start a program and keep it running."""
        self._programs[name] = Program(name, main)
        self._start(self._programs[name])

    def names(self, prefix: str = "") -> tuple[str, ...]:
        """Return the programs whose name begins with `prefix`."""
        return tuple(name for name in self._programs if name.startswith(prefix))

    def programs(self) -> tuple[Program, ...]:
        """Return everything that is kept running, in the order in which it was begun."""
        return tuple(self._programs.values())

    def find(self, name: str) -> SimulatedProcess | None:
        """Return the living process of a program, if it lives."""
        if name not in self._programs:
            raise NoSuchProcess(f"there is no simulated program {name!r}", program=name)
        return self._programs[name].process

    def strike(self, name: str, after_steps: int = 0) -> bool:
        """Kill a program's process at the given one of its coming steps; False when it is dead already."""
        process = self.find(name)
        if process is None:
            return False
        process.fuse = after_steps
        return True

    def kill_current(self) -> None:
        """Kill the process in whose name the caller runs; the caller's next await is its last."""
        self.kill(*self.me())

    async def end(self) -> None:
        """End everything in good order once the simulation is over, the dead included; nothing is started again."""
        self._over = True
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, _context: None)
        tasks = [task for life in self._lives.values() for task in life.dissolve()]
        if tasks:
            await asyncio.wait(tasks, timeout=_END_WITHIN_S)

    def _start(self, program: Program) -> None:
        if program.process is not None or self._over:
            return
        process = SimulatedProcess(program.name, len(self._lives) + _FIRST_PID, asyncio.get_running_loop().time(), self._bury)
        self._lives[process.pid] = program.process = process
        program.launches += 1
        self._log.note("process.started", program.name, pid=process.pid)
        context = copy_context()
        context.run(OWNER.set, process)
        main = asyncio.get_running_loop().create_task(_born(program.main), name=program.name, context=context)
        # Called in the simulation's own name: the end of a process is noticed by others.
        main.add_done_callback(lambda done: self._ended(process, done))

    def _ended(self, process: SimulatedProcess, main: "asyncio.Task[None]") -> None:
        if not process.alive or self._over:
            return
        error = None if main.cancelled() else main.exception()
        if error is not None:
            self._log.note("process.crashed", process.name, pid=process.pid, error=type(error).__name__)
            self.crashes.append(error)
        self._bury(process, _CRASHED)

    def _bury(self, process: SimulatedProcess, code: int = _KILLED) -> None:
        process.die()
        self._log.note("process.died", process.name, pid=process.pid)
        for told in self.on_death:
            told(process)
        program, loop = self._programs[process.name], asyncio.get_running_loop()
        program.ended(End(code, loop.time(), loop.time() - process.started))
        context = copy_context()
        context.run(OWNER.set, None)
        loop.call_later(min(_MOST_RESTART_S, _RESTART_S * 2**program.deaths), self._start, program, context=context)
