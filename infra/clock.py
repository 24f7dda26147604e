"""Time as a port: wall time for schedules, monotonic time for durations."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of time in the product; leases use database time instead."""

    def now(self) -> datetime:
        """Return the current wall time as an aware UTC datetime."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary origin that never runs backwards."""
        ...


class MachineClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current wall time as an aware UTC datetime."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds from an arbitrary origin that never runs backwards."""
        return time.monotonic()


class SystemClock:
    """The clock of this process: the machine's, unless a simulation installed another."""

    def __init__(self) -> None:
        self._source: Clock = MachineClock()

    def now(self) -> datetime:
        """Return the current wall time as an aware UTC datetime."""
        return self._source.now()

    def monotonic(self) -> float:
        """Return seconds from an arbitrary origin that never runs backwards."""
        return self._source.monotonic()

    @contextmanager
    def installed(self, clock: Clock) -> Iterator[None]:
        """Let the whole process live by `clock` inside the block."""
        before, self._source = self._source, clock
        try:
            yield
        finally:
            self._source = before


SYSTEM_CLOCK = SystemClock()
