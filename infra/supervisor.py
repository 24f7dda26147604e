"""Keeps a set of processes running: restarts what crashes, stops all in order, and leaves no orphan however it ends itself."""

import os
import select
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType, TracebackType
from typing import IO, Self

from infra import keeper
from infra.clock import SYSTEM_CLOCK
from infra.errors import NotFound, StudioError
from infra.files import cap_log
from infra.log import get_logger
from infra.processes import kill_session
from infra.units import STOP_ORDER, Slot, Unit, UnitState

_LOG_LIMIT_BYTES, _LOG_CHECK_S = 20_000_000, 5.0
_log = get_logger("supervisor")


class Supervisor:
    """Runs units, as a context of the main thread: signals arrive there, and death signals are bound to it."""

    def __init__(self, log_limit_bytes: int = _LOG_LIMIT_BYTES) -> None:
        self._slots: dict[str, Slot] = {}
        self._calls: list[tuple[float, Callable[[], None]]] = []
        self._log_limit = log_limit_bytes
        self._logs_due = 0.0
        self._stop_requests = 0
        self._undo = ExitStack()
        self._selector = selectors.DefaultSelector()
        self._wake_in, self._wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._keeper = _start_keeper()

    def add(self, unit: Unit) -> None:
        """Start a unit and keep it running; raises what its first launch raises."""
        slot = self._slots[unit.name] = Slot(unit)
        self._launch(slot)

    def pids(self) -> dict[str, int]:
        """Return the pid of every running unit."""
        return {name: slot.process.pid for name, slot in self._slots.items() if slot.process is not None}

    def states(self) -> tuple[UnitState, ...]:
        """Return how every unit stands, with its restarts and its last exit codes."""
        now = SYSTEM_CLOCK.monotonic()
        return tuple(slot.state(now) for slot in self._slots.values())

    def kill(self, pid: int) -> str:
        """Kill the unit with this pid and its whole session at once, to be restarted; return its name. Raises NotFound for any other pid."""
        for name, slot in self._slots.items():
            if slot.process is not None and slot.process.pid == pid:
                kill_session(pid)
                _log.warning("process.killed", unit=name, pid=pid)
                return name
        raise NotFound(f"no supervised process has pid {pid}", pid=pid)

    def watch(self, source: int, react: Callable[[], None]) -> None:
        """Call `react` from the loop whenever the file descriptor `source` can be read."""
        self._selector.register(source, selectors.EVENT_READ, react)

    def unwatch(self, source: int) -> None:
        """Forget a watched file descriptor."""
        self._selector.unregister(source)

    def call_later(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` from the loop once, `seconds` from now; a stop before that forgets it."""
        self._calls.append((SYSTEM_CLOCK.monotonic() + seconds, act))

    def request_stop(self) -> None:
        """Let `run` stop everything and return; a second request cuts the grace short."""
        self._stop_requests += 1

    def __enter__(self) -> Self:
        """Let SIGTERM and SIGINT ask for a stop, and the end of a child wake the loop."""
        for number, handler in ((signal.SIGTERM, self._on_stop), (signal.SIGINT, self._on_stop), (signal.SIGCHLD, lambda *_: None)):
            self._undo.callback(signal.signal, number, signal.signal(number, handler))
        self._undo.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(self._wake_out, warn_on_full_buffer=False))
        self.watch(self._wake_in, self._drain)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop everything in order, then give the signals back."""
        self.stop()
        self._undo.close()
        self._selector.close()
        os.close(self._wake_in)
        os.close(self._wake_out)

    def run(self) -> None:
        """Keep all units running until SIGTERM, SIGINT or `request_stop`."""
        while not self._stop_requests:
            for key, _ in self._selector.select(self.tick()):
                key.data()

    @property
    def stopping(self) -> bool:
        """Whether a stop has been asked for."""
        return self._stop_requests > 0

    def _on_stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the shape of a signal handler
        self.request_stop()

    def tick(self) -> float:
        """Reap what ended, restart what is due, cap the logs; return the seconds until the next thing is due."""
        now = SYSTEM_CLOCK.monotonic()
        for slot in self._slots.values():
            if slot.process is not None and slot.process.poll() is not None:
                self._reap(slot, now)
            if slot.due is not None and slot.due <= now:
                self._relaunch(slot)
        for call in [call for call in self._calls if call[0] <= now]:
            self._calls.remove(call)
            call[1]()
        if now >= self._logs_due:
            self._logs_due = now + _LOG_CHECK_S
            for slot in self._slots.values():
                cap_log(slot.unit.log, self._log_limit)
        due = [self._logs_due, *(at for at, _ in self._calls), *(slot.due for slot in self._slots.values() if slot.due is not None)]
        return max(0.0, min(due) - SYSTEM_CLOCK.monotonic())

    def stop(self) -> None:
        """Stop every unit: workers, then control, then services, each with its grace; then let the keeper go."""
        self._stop_requests = max(self._stop_requests, 1)
        for kind in STOP_ORDER:
            self._stop_tier([slot for slot in self._slots.values() if slot.unit.kind == kind])
        self._slots.clear()
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper.wait()

    def _stop_tier(self, tier: list[Slot]) -> None:
        began = SYSTEM_CLOCK.monotonic()
        running = [slot for slot in tier if slot.process is not None]
        for slot in running:
            if slot.process is not None and slot.process.poll() is None:
                slot.process.send_signal(slot.unit.stop_signal)
        while waiting := [slot for slot in running if slot.process is not None and slot.process.poll() is None]:
            waited = SYSTEM_CLOCK.monotonic() - began
            for slot in waiting:
                if slot.process is not None and (waited >= slot.unit.grace_s or self._stop_requests > 1):
                    _log.warning("process.grace_exceeded", unit=slot.unit.name, pid=slot.process.pid)
                    kill_session(slot.process.pid)
            # The end of a child wakes the loop where our handlers are installed, and 50 ms bound it where they are not.
            select.select([self._wake_in], [], [], 0.05)
            self._drain()
        for slot in running:
            self._forget(slot)
        for slot in tier:
            slot.unit.stop()

    def _launch(self, slot: Slot) -> None:
        slot.due = None
        cap_log(slot.unit.log, self._log_limit)
        slot.process = slot.unit.launch()
        slot.launches += 1
        slot.started = SYSTEM_CLOCK.monotonic()
        self._note(f"+{slot.process.pid} {slot.unit.grace_s if slot.unit.kind == 'service' else 0}")
        _log.info("process.started", unit=slot.unit.name, pid=slot.process.pid)

    def _relaunch(self, slot: Slot) -> None:
        try:
            self._launch(slot)
        except (OSError, StudioError) as error:
            slot.back_off(SYSTEM_CLOCK.monotonic(), failed=True)
            _log.error("process.start_failed", unit=slot.unit.name, error=str(error))

    def _reap(self, slot: Slot, now: float) -> None:
        pid, code = self._forget(slot)
        slot.note_end(now, code)
        told = {"unit": slot.unit.name, "pid": pid, "code": code, "ran_s": round(now - slot.started, 1), "failures": slot.failures}
        _log.warning("process.ended", **told, restart_in_s=round((slot.due or now) - now, 2))
        if slot.loops:
            _log.error("process.crash_looped", **told, log=str(slot.unit.log))

    def _forget(self, slot: Slot) -> tuple[int, int]:
        process = slot.process
        if process is None:
            return 0, 0
        kill_session(process.pid)  # a dead leader may leave grandchildren
        code = process.wait()
        self._note(f"-{process.pid}")
        slot.process = None
        return process.pid, code

    def _note(self, line: str) -> None:
        if self._keeper.poll() is not None and not self._stop_requests:
            self._keeper = _start_keeper()
            for slot in self._slots.values():
                if slot.process is not None:
                    _write_line(self._keeper.stdin, f"+{slot.process.pid} {slot.unit.grace_s if slot.unit.kind == 'service' else 0}")
        _write_line(self._keeper.stdin, line)

    def _drain(self) -> None:
        try:
            os.read(self._wake_in, 512)
        except BlockingIOError:
            pass


def _start_keeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-I", "-S", keeper.__file__], stdin=subprocess.PIPE, start_new_session=True, cwd="/", env={})


def _write_line(pipe: IO[bytes] | None, line: str) -> None:
    if pipe is None:
        return
    try:
        pipe.write(line.encode() + b"\n")
        pipe.flush()
    except BrokenPipeError:  # somebody killed the keeper; the next note starts another
        pass
