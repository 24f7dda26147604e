"""Several seeds side by side: each in a process of its own, as the command that is printed for it would play it."""

import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from pydantic import ValidationError

from evals.simulation.report import Report
from evals.simulation.world_play import Asked
from infra.processes import bound_to_parent, environment, stop_process
from infra.settings import CHECKOUT

# What a seed gets to stop its server and remove its folder when it is told to end.
_GRACE_S = 30.0
_SAID_LINES, _CHUNK = 12, 65536
Command = Callable[[Asked], Sequence[str]]


@dataclass(frozen=True)
class Crash:
    """A seed whose process ended without a report: its exit code, and the last it said."""

    seed: int
    code: int
    said: tuple[str, ...]


Outcome = Report | Crash


def command(asked: Asked) -> list[str]:
    """Return the command that plays one seed."""
    about = ["--hours", f"{asked.hours:g}", "--channels", str(asked.channels), "--seed", str(asked.seed), "--faults", asked.level]
    return [sys.executable, "-m", "evals.simulation", *about, "--json"]


class _Playing:
    """One seed under way."""

    def __init__(self, asked: Asked, argv: Sequence[str]) -> None:
        self.asked = asked
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._told: list[bytes] = []
        # A session of its own, so that an interrupt of the terminal reaches it through us, once; told to end when we are killed.
        self.process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._said,
            cwd=CHECKOUT,
            env=environment(),
            start_new_session=True,
            preexec_fn=bound_to_parent(signal.SIGTERM),
        )
        assert self.process.stdout is not None
        self.out = self.process.stdout

    def read(self) -> bool:
        """Take what it wrote; False when it ended."""
        part = self.out.read1(_CHUNK)  # type: ignore[attr-defined]
        self._told.append(part)
        return bool(part)

    def outcome(self) -> Outcome:
        """Return what became of it, once it ended."""
        code = self.process.wait()
        with suppress(ValidationError):
            return Report.model_validate_json(b"".join(self._told))
        self._said.seek(0)
        said = (b"".join(self._told) + self._said.read()).decode(errors="replace").splitlines()
        return Crash(self.asked.seed, code, tuple(said[-_SAID_LINES:]))

    def ask_to_end(self) -> None:
        """Tell it to end, without waiting for it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """See it end."""
        stop_process(self.process, signal.SIGTERM, _GRACE_S)
        self.out.close()
        self._said.close()


@contextmanager
def _interrupts() -> Iterator[socket.socket]:
    """Give SIGINT and SIGTERM to read inside the block: raised as exceptions they would be lost wherever Python ignores one, as while it forks."""
    ours, kernels = socket.socketpair()
    for end in (ours, kernels):
        end.setblocking(False)
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    woken = signal.set_wakeup_fd(kernels.fileno())
    try:
        yield ours
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        ours.close()
        kernels.close()


def play_all(asked: Sequence[Asked], jobs: int, command_of: Command = command) -> Generator[tuple[Asked, Outcome], None, None]:
    """Yield each seed with what became of it as it ends, at most `jobs` at a time; whatever ends this early ends those under way.

    Raises KeyboardInterrupt when this process is interrupted or told to end.
    """
    waiting, playing = list(reversed(asked)), dict[int, _Playing]()
    with selectors.DefaultSelector() as selector, _interrupts() as interrupts:
        selector.register(interrupts, selectors.EVENT_READ)
        try:
            while waiting or playing:
                while waiting and len(playing) < jobs:
                    one = waiting.pop()
                    begun = playing[one.seed] = _Playing(one, command_of(one))
                    selector.register(begun.out, selectors.EVENT_READ, begun)
                for heard in [key.data for key, _ in selector.select()]:
                    if heard is None:
                        raise KeyboardInterrupt
                    if heard.read():
                        continue
                    selector.unregister(heard.out)
                    outcome = heard.outcome()
                    playing.pop(heard.asked.seed).close()
                    yield heard.asked, outcome
        finally:
            for begun in playing.values():
                begun.ask_to_end()
            for begun in playing.values():
                begun.close()
