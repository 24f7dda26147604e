"""The script of a stand-in: which requests are let through, which meet a fault, and what the fault does."""

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal[
    "status", "delay", "late", "drop", "lost", "torn", "hang_up", "cut", "huge_body", "content_type", "slow_body", "gzip_bomb", "body", "redirect"
]


@dataclass(frozen=True)
class Fault:
    """One misbehaviour. `cite` is the address of the document or report that shows real services do this.

    Around the service's own work: `delay` waits `seconds` before it, `late` after it and before the answer. Four cut the connection: `drop` before any
    work, `lost` after the work and before the answer, `torn` in the middle of the answer, `hang_up` after it; `seconds` is waited before the cut.
    """

    kind: FaultKind
    cite: str
    status: int = 200
    seconds: float = 0.0
    size: int = 0
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SeenRequest:
    """A request as the stand-in received it; `port` is the client's."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    port: int = 0


@dataclass
class Rule:
    """Faults for the requests of one method (empty: any) whose path starts with `prefix`, after `skip` of them were served as usual."""

    prefix: str
    faults: deque[Fault]
    method: str = ""
    skip: int = 0

    def counts(self, method: str, path: str) -> bool:
        """Count a request if it is meant; say whether a fault is due for it."""
        if not self.faults or self.method not in {"", method} or not path.startswith(self.prefix):
            return False
        if self.skip:
            self.skip -= 1
            return False
        return True


@dataclass
class FaultScript:
    """Which faults to play next: `play` queues one-shot faults for a path prefix, `always` sets a lasting one (None clears)."""

    queued: list[Rule] = field(default_factory=list)
    lasting: dict[str, Fault] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def play(self, prefix: str, *faults: Fault, method: str = "", skip: int = 0) -> None:
        """Play each of `faults` once, in order, to requests whose path starts with `prefix`; the first `skip` of them are served as usual."""
        with self.lock:
            self.queued.append(Rule(prefix, deque(faults), method, skip))

    def always(self, prefix: str, fault: Fault | None) -> None:
        """Play `fault` to every request whose path starts with `prefix`, until cleared with None."""
        with self.lock:
            if fault is None:
                self.lasting.pop(prefix, None)
            else:
                self.lasting[prefix] = fault

    def next_for(self, method: str, path: str) -> Fault | None:
        """Return the fault to play for a request, if any."""
        with self.lock:
            # Every rule counts the request, whichever plays its fault.
            due = [rule for rule in self.queued if rule.counts(method, path)]
            if due:
                return due[0].faults.popleft()
            return next((fault for prefix, fault in self.lasting.items() if path.startswith(prefix)), None)
