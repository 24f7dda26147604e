"""The event log of a simulation: one line an event in virtual time, and the one digest that says whether two runs were the same."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from evals.simulation.clock import VirtualClock


@dataclass(frozen=True)
class Event:
    """Something that happened at a virtual second: one word of what, to whom, and more about it."""

    at_s: float
    kind: str
    subject: str
    about: tuple[tuple[str, object], ...] = ()

    def line(self) -> str:
        """Return the event as its line of the log."""
        more = "".join(f" {name}={value}" for name, value in self.about)
        return f"{self.at_s:.3f} {self.kind} {self.subject}{more}"


class EventLog:
    """Takes events down in order, tells those who listen, and keeps the digest."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._digest = hashlib.sha256()
        self._listeners: list[Callable[[Event], None]] = []
        self._file: TextIO | None = None
        self.count = 0
        # When each part of the control plane last did its turn: read by whoever judges its uptime, and no event of its own.
        self.turns: dict[str, float] = {}
        self.on_turn: list[Callable[[str, float], None]] = []
        self.on_attempt: list[Callable[[str, str, float, bool], None]] = []

    def note(self, kind: str, subject: str, /, **about: object) -> None:
        """Take down what happened now."""
        event = Event(self._clock.monotonic(), kind, subject, tuple(about.items()))
        line = event.line() + "\n"
        self.count += 1
        self._digest.update(line.encode())
        if self._file is not None:
            self._file.write(line)
        for listener in self._listeners:
            listener(event)

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event from now on."""
        self._listeners.append(listener)

    def turned(self, part: str) -> None:
        """Note that a part of the control plane did a whole turn now."""
        now = self.turns[part] = self._clock.monotonic()
        for listener in self.on_turn:
            listener(part, now)

    def attempted(self, tool: str, job: str, began_s: float, turned_away: bool) -> None:
        """Note that an attempt of a job ended, when it began, and whether its provider turned it away."""
        for listener in self.on_attempt:
            listener(tool, job, began_s, turned_away)

    @property
    def digest(self) -> str:
        """The SHA-256 of every line so far."""
        return self._digest.hexdigest()

    @contextmanager
    def kept_in(self, path: Path) -> Iterator[None]:
        """Write the lines to a file as well inside the block."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as self._file:
            yield
        self._file = None
