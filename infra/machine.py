"""This machine and the processes of a home as an observer sees them, and the few things that may be done to them."""

import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import psutil

from infra.clock import SYSTEM_CLOCK, Clock
from infra.control import ControlClient
from infra.errors import Unavailable
from infra.room import free_bytes, size_bytes
from infra.runfiles import stack_note, stack_of


@dataclass(frozen=True)
class UnitReading:
    """One supervised process: how the supervisor sees it, and what the machine says of it. `ends` are its newest ends with code, age and run time."""

    name: str
    kind: str
    pid: int | None
    up_s: float
    launches: int
    failures: int
    loops: bool
    ends: tuple[Mapping[str, float], ...] = ()
    rss_bytes: int = 0
    stopped: bool = False


@dataclass(frozen=True)
class Room:
    """What is left of the disk of a folder and of the machine's memory, in bytes."""

    disk_free: int
    disk_total: int
    memory_available: int
    memory_total: int


@dataclass(frozen=True)
class MachineReading(Room):
    """What is left, and the supervised processes; `supervisor` is why the supervisor did not answer, empty when it did."""

    supervisor: str = ""
    supervisor_pid: int | None = None
    units: tuple[UnitReading, ...] = ()
    log_bytes: int = 0
    wal_bytes: int | None = None


def room_of(folder: Path) -> Room:
    """Return what is left of the disk of a folder, which need not exist yet, and of this machine's memory."""
    memory = psutil.virtual_memory()
    return Room(free_bytes(folder), size_bytes(folder), memory.available, memory.total)


class Machine(Protocol):
    """What the watchdog may ask of the machine, and do to it."""

    def read(self) -> MachineReading:
        """Return how the machine and the supervised processes stand."""
        ...

    def restart(self, pid: int) -> str:
        """Kill a supervised process so that its supervisor starts it anew; return its name. Raises Unavailable."""
        ...

    def wake(self, pid: int) -> bool:
        """Let a stopped process go on; False when it is gone."""
        ...

    def end(self, pid: int, started: float) -> bool:
        """Kill the process of that pid and birth time; False when it is gone or the pid belongs to another."""
        ...


class ThisMachine:
    """The machine that this process runs on, and the stack of one home."""

    def __init__(self, home: Path, clock: Clock = SYSTEM_CLOCK) -> None:
        self._home = home
        self._clock = clock

    def read(self) -> MachineReading:
        """Return how the machine and the supervised processes stand; a supervisor that does not answer is part of the reading."""
        room = room_of(self._home)
        reading = MachineReading(
            disk_free=room.disk_free,
            disk_total=room.disk_total,
            memory_available=room.memory_available,
            memory_total=room.memory_total,
            supervisor_pid=self._supervisor_pid(),
            log_bytes=_size(self._home / "logs"),
            wal_bytes=_size(self._home / "services" / "postgres" / "pg_wal"),
        )
        try:
            return replace(reading, units=self._units())
        except Unavailable as error:
            return replace(reading, supervisor=error.message)

    def restart(self, pid: int) -> str:
        """Ask the supervisor to kill its child `pid` and all that child started; the supervisor starts it anew."""
        answer = self._ask({"kill": pid})
        return str(answer["killed"])

    def wake(self, pid: int) -> bool:
        """Send SIGCONT."""
        try:
            psutil.Process(pid).send_signal(signal.SIGCONT)
        except psutil.NoSuchProcess:
            return False
        return True

    def end(self, pid: int, started: float) -> bool:
        """Send SIGKILL to that very process."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if abs(process.create_time() - started) < 0.5:
                process.kill()
                return True
        return False

    def _units(self) -> tuple[UnitReading, ...]:
        told = self._ask({"units": True})["units"]
        assert isinstance(told, list)
        return tuple(_with_process(_unit(one)) for one in told)

    def _ask(self, message: Mapping[str, object]) -> dict[str, object]:
        note = stack_of(self._home)
        if note is None:
            raise Unavailable(f"no stack runs in this home: {stack_note(self._home)} is missing")
        client = ControlClient.connect(Path(str(note["control"])))
        try:
            client.receive(5.0)
            answer = client.request(message)
        finally:
            client.close()
        if "error" in answer:
            raise Unavailable(str(answer["error"]))
        return answer

    def _supervisor_pid(self) -> int | None:
        note = stack_of(self._home)
        return int(str(note["pid"])) if note is not None else None


def _unit(told: Mapping[str, object]) -> UnitReading:
    names = {name: told[name] for name in ("name", "kind", "pid", "up_s", "launches", "failures", "loops")}
    ends = told["ends"]
    assert isinstance(ends, list)
    return UnitReading(**names, ends=tuple(ends))  # type: ignore[arg-type]


def _with_process(unit: UnitReading) -> UnitReading:
    if unit.pid is None:
        return unit
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(unit.pid)
        with process.oneshot():
            return replace(unit, rss_bytes=int(process.memory_info().rss), stopped=process.status() == psutil.STATUS_STOPPED)
    return unit


def _size(folder: Path) -> int:
    """Return the bytes of the files directly in a folder, or in its folders' top level; files that go meanwhile count nothing."""
    total = 0
    with suppress(FileNotFoundError, PermissionError):
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                total += path.stat().st_size if path.is_file() else 0
    return total
