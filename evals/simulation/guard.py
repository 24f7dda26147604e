"""The simulated watchdog: the product's own turns over the simulated machine, and whoever outside listens for its sign of life.

What is modelled is only what the watchdog sees the machine with: processes and their ends come from the simulated supervisor, room on the disk from the
weather, the queue's server from the transport. Sessions are not: nothing of one loop can hold a transaction open while another statement runs. Scratch
folders are not either, since a simulated film is some bytes. Nor are backups: they are a server's log, streamed by a process of its own in real time, and
a restore of a database that others are connected to is no cooperative step; `bench restore`, the drills and chaos have them.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from evals.simulation.actors import HOST, Machine, Program
from evals.simulation.engine import Engine
from evals.simulation.world_state import Weather
from graphs.heartbeat import EVERY_S, MISSES
from graphs.watchdog.read import Senses
from graphs.watchdog.watchdog import Watchdog, limits_of
from infra.database import DatabaseUnavailable
from infra.deadman import DeadManSignal
from infra.embedded.redis import Persistence
from infra.errors import Unavailable
from infra.machine import MachineReading, UnitReading
from memory.repositories.heartbeats import HeartbeatRepository

# The product turns every 15 s. What it limits is counted in minutes, so that fewer turns see the same; with something wrong they come more often.
TURN_S, _TROUBLED_S = 300.0, 60.0
# An outside monitor with this patience is told by nobody when it complains: it sees that the sign stays away.
PATIENCE_S = 900.0
_FIRST_S = 30.0
_DISK, _MEMORY = 500_000_000_000, 16_000_000_000
_ROOM, _FULL = 200_000_000_000, 50_000_000
# Programs of which the product's counterpart beats in the background of its loop.
_BEATING = ("conductor", "watcher")


class SimulatedSenses:
    """The simulated machine as the watchdog sees it, with what it may do to it."""

    def __init__(self, machine: Machine, weather: Weather, now_s: Callable[[], float]) -> None:
        self._machine = machine
        self._weather = weather
        self._now_s = now_s

    def read(self) -> MachineReading:
        """Return how the machine and its processes stand."""
        units = tuple(self._unit(program) for program in self._machine.programs() if program.name != "watchdog")
        free = _FULL if self._weather.full else _ROOM
        return MachineReading(free, _DISK, _MEMORY // 2, _MEMORY, supervisor_pid=1, units=units)

    def restart(self, pid: int) -> str:
        """Kill a process, which its supervisor starts anew."""
        program = next((one for one in self._machine.programs() if one.process is not None and one.process.pid == pid), None)
        if program is None or program.process is None:
            raise Unavailable(f"no process {pid} is supervised here", pid=pid)
        self._machine.kill(pid, program.process.started)
        return program.name

    def wake(self, pid: int) -> bool:  # noqa: ARG002 - the shape of a machine
        """Nothing is ever stopped by a signal here."""
        return False

    def end(self, pid: int, started: float) -> bool:
        """Kill that very process."""
        return self._machine.kill(pid, started)

    def _unit(self, program: Program) -> UnitReading:
        now, process = self._now_s(), program.process
        ends = tuple({"code": float(end.code), "ago_s": now - end.at_s, "ran_s": end.ran_s} for end in program.ends)
        kind = "worker" if program.name.startswith("worker") else "control"
        pid, up_s = (process.pid, now - process.started) if process is not None else (None, 0.0)
        return UnitReading(program.name, kind, pid, up_s, program.launches, program.deaths, loops=False, ends=ends)


class Receiver:
    """Whoever outside waits for the sign of life: notes each time it stayed away for longer than the receiver's patience, and when it came back."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.signs = 0
        self.silences: list[tuple[float, float]] = []
        self._last_s = 0.0
        self._heard = ""

    def listen(self, now_s: float) -> None:
        """Look whether a new sign was given by now."""
        if self.file.exists() and (heard := str(json.loads(self.file.read_text())["at"])) != self._heard:
            self._heard = heard
            self.signs += 1
            self.close(now_s)
            self._last_s = now_s

    def close(self, now_s: float) -> None:
        """Count the silence until now, if it was one."""
        if now_s - self._last_s > PATIENCE_S:
            self.silences.append((round(self._last_s, 3), round(now_s, 3)))


async def guard(engine: Engine, weather: Weather, receiver: Receiver) -> None:
    """Turn the watchdog until killed."""
    senses = Senses(
        engine.database,
        SimulatedSenses(engine.machine, weather, engine.clock.monotonic),
        lambda: _persistence(engine),
        HOST,
        engine.settings.job_lease_s,
    )
    scratch = engine.settings.home / "no-scratch"
    watchdog = Watchdog(senses, scratch, limits_of(engine.settings), DeadManSignal(receiver.file, None), TURN_S)
    await asyncio.sleep(_FIRST_S)
    while True:
        await asyncio.to_thread(_beat, engine)
        turn = await watchdog.turn()
        for done in turn.done:
            engine.log.note(f"watchdog.{done.act.kind}", done.act.target, changed=done.changed)
        receiver.listen(engine.clock.monotonic())
        engine.log.turned("watchdog")
        await asyncio.sleep(TURN_S if turn.vouched and not turn.done else _TROUBLED_S)


def _persistence(engine: Engine) -> Persistence:
    if engine.transport.away:
        raise Unavailable("the simulated Redis is away")
    return Persistence(append_only=True, written=True, used_bytes=1 << 20, most_bytes=0)


def _beat(engine: Engine) -> None:
    """Write the heartbeats of all that live, as their loops did meanwhile: they are written only now that somebody looks."""
    with suppress(DatabaseUnavailable):
        with engine.database.unit_of_work() as session:
            for name in _BEATING:
                if engine.machine.find(name) is not None:
                    HeartbeatRepository(session).beat(name, None, EVERY_S * MISSES)
        engine.hearts.beat(list(engine.shop.idle.values()))
