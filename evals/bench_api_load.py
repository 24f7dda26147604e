"""Load on an HTTP server: connections that ask one after the other, as fast as they are answered."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from infra.clock import SYSTEM_CLOCK
from infra.errors import Unavailable

_SETTLE_S = 0.2


@dataclass
class Rate:
    """What a load measured: answers by status, requests a second, and how long answers took."""

    seconds: float = 0.0
    took_s: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rps(self) -> float:
        """Requests a second."""
        return len(self.took_s) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, share: float) -> float:
        """Return the time that this share of answers took at most."""
        ordered = sorted(self.took_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0

    @property
    def errors(self) -> int:
        """How many answers were neither 200 nor 304."""
        return sum(count for status, count in self.statuses.items() if status not in {200, 304})


@dataclass(frozen=True)
class Call:
    """A GET, written once."""

    path: str
    token: str = ""
    etag: str = ""

    @property
    def wire(self) -> bytes:
        """The bytes that are sent."""
        headers = f"authorization: Bearer {self.token}\r\n" if self.token else ""
        headers += f"if-none-match: {self.etag}\r\n" if self.etag else ""
        return f"GET {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}\r\n".encode()


class _Connection(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, and asks again, until told to stop."""

    def __init__(self, next_call: Callable[[], bytes], rate: Rate, counts_from: float, ends_at: float) -> None:
        self._next = next_call
        self._rate = rate
        self._from, self._until = counts_from, ends_at
        self._buffer = b""
        self._is_over = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0 or len(self._buffer) < head + 4 + _length(self._buffer[:head]):
            return
        now = SYSTEM_CLOCK.monotonic()
        if self._from <= self._asked:
            status = int(self._buffer[9:12])
            self._rate.took_s.append(now - self._asked)
            self._rate.statuses[status] = self._rate.statuses.get(status, 0) + 1
        self._buffer = b""
        if now < self._until or self._from > self._asked:
            self._ask()
        else:
            self._is_over = True
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            lost = error or (Unavailable("the server closed a connection under load") if not self._is_over else None)
            self.done.set_result(None) if lost is None else self.done.set_exception(lost)

    def _ask(self) -> None:
        self._asked = SYSTEM_CLOCK.monotonic()
        self._transport.write(self._next())


async def load(port: int, calls: Sequence[Sequence[Call]], seconds: float) -> Rate:
    """Let one connection for each sequence of calls ask them in turn for so long, and once at least; what is asked in the first moment is not counted."""
    rate, begun = Rate(seconds=seconds), SYSTEM_CLOCK.monotonic()
    connections = []
    for one in calls:
        wires, place = [call.wire for call in one], [0]

        def next_call(wires: list[bytes] = wires, place: list[int] = place) -> bytes:
            place[0] += 1
            return wires[place[0] % len(wires)]

        made = _Connection(next_call, rate, begun + _SETTLE_S, begun + _SETTLE_S + seconds)
        await asyncio.get_running_loop().create_connection(partial(_given, made), "127.0.0.1", port)
        connections.append(made)
    await asyncio.gather(*(one.done for one in connections))
    rate.seconds = SYSTEM_CLOCK.monotonic() - begun - _SETTLE_S
    return rate


def _given(made: _Connection) -> _Connection:
    return made


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return 0 if at < 0 else int(lowered[at + 15 :].split(b"\r\n", 1)[0])
