"""The outside connections of calls in flight, so that a stop can cut them, whichever SDK opened them.

Every client library opens its sockets through Python's `socket` module, which raises the audit event `socket.connect` (PEP 578). A hook on that
event remembers what a call connects; cutting shuts those sockets down, upon which a library that waits for an answer fails at once.
"""

import os
import socket
import sys
import threading
from dataclasses import dataclass, field
from typing import Any

_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})


class CallCut(ConnectionAbortedError):
    """The call was stopped; it may open no further connection."""


@dataclass(frozen=True)
class _Line:
    """One connected socket: its number in this process, and the inode that tells it from another that was given the same number."""

    number: int
    inode: int

    def is_open(self) -> bool:
        try:
            return os.fstat(self.number).st_ino == self.inode
        except OSError:
            return False

    def cut(self) -> bool:
        try:
            # The copy is checked, not the number: between the two another thread could close the one and open the other.
            copy = socket.socket(fileno=os.dup(self.number))
        except OSError:
            return False
        with copy:
            if os.fstat(copy.fileno()).st_ino != self.inode:
                return False
            try:
                copy.shutdown(socket.SHUT_RDWR)
            except OSError:
                return False
        return True


@dataclass
class Flight:
    """One call in flight in this process: its cost entry, the switches that cover it, what it connected, and why it was stopped."""

    entry_id: str
    provider: str
    scopes: frozenset[str]
    thread: int = field(default_factory=threading.get_ident)
    lines: list[_Line] = field(default_factory=list)
    stopped: str | None = None


class Flights:
    """Every call in flight in this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._flying: dict[str, Flight] = {}
        self._kept_open: dict[str, list[_Line]] = {}
        self._hooked = False

    def begin(self, flight: Flight) -> None:
        """Watch the calling thread's connections from now on."""
        with self._lock:
            if not self._hooked:
                sys.addaudithook(self._notice)
                self._hooked = True
            self._flying[flight.entry_id] = flight

    def end(self, flight: Flight) -> None:
        """Forget the call; connections that its library keeps open for the next call to this provider stay known."""
        with self._lock:
            self._flying.pop(flight.entry_id, None)
            known = [*self._kept_open.get(flight.provider, ()), *flight.lines]
            self._kept_open[flight.provider] = [line for line in dict.fromkeys(known) if line.is_open()]

    def list_(self) -> tuple[Flight, ...]:
        """Return the calls in flight."""
        with self._lock:
            return tuple(self._flying.values())

    def cut(self, flight: Flight, reason: str) -> int:
        """Stop a call: shut its connections down and let it open no more. Returns how many were cut.

        A connection kept open from an earlier call to the same provider may be the one in use, so those are cut too.
        """
        with self._lock:
            flight.stopped = reason
            lines = [*flight.lines, *self._kept_open.pop(flight.provider, ())]
        return sum(line.cut() for line in lines)

    def _notice(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "socket.connect" or not self._flying:
            return
        connecting = arguments[0]
        if connecting.family not in _INTERNET:
            return
        flight = self._of_this_thread()
        if flight is None:
            return
        if flight.stopped is not None:
            raise CallCut(flight.stopped)
        line = _Line(connecting.fileno(), os.fstat(connecting.fileno()).st_ino)
        with self._lock:
            flight.lines.append(line)

    def _of_this_thread(self) -> Flight | None:
        with self._lock:
            flying = tuple(self._flying.values())
        mine = [flight for flight in flying if flight.thread == threading.get_ident()]
        # A library may connect in a thread of its own: while only one call is in flight, it is that call's.
        return mine[-1] if mine else flying[0] if len(flying) == 1 else None


FLIGHTS = Flights()
