"""The queues of jobs inside one process, with the interface of Redis and its failures: an outage that forgets everything."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable
from contextvars import Context, copy_context

from evals.simulation.actors import SimulatedProcess
from evals.simulation.loop import OWNER
from infra.queues import TransportDown

Entry = tuple[str, str]


class MemoryTransport:
    """Carries ids to whoever pops them, first come first served."""

    def __init__(self) -> None:
        self._entries: dict[str, deque[Entry]] = defaultdict(deque)
        self._waiting: dict[str, dict[asyncio.Future[None], Context]] = defaultdict(dict)
        self.away = False

    def push(self, queue: str, entry: str, job_id: str) -> None:
        """Put an entry at the end of a queue and wake one who waits for it. Raises TransportDown."""
        self._ensure_there(queue)
        self._entries[queue].append((entry, job_id))
        for waiter in self._waiting[queue]:
            if not waiter.done():
                waiter.set_result(None)
                return

    def waiting(self, queue: str) -> frozenset[str]:
        """Return the entries that wait in a queue. Raises TransportDown."""
        self._ensure_there(queue)
        return frozenset(entry for entry, _ in self._entries[queue])

    def forget_popped(self, queue: str, entries: Iterable[str]) -> None:  # noqa: ARG002 - the shape of a transport
        """Drop entries that a worker popped but never started: nothing is kept of what was popped. Raises TransportDown."""
        self._ensure_there(queue)

    async def pop(self, queue: str) -> str:
        """Wait for an entry and return its job's id; one whose taker dies before it claims the job is lost, as with Redis."""
        while not self._entries[queue]:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting[queue][waiter] = copy_context()
            try:
                await waiter
            finally:
                self._waiting[queue].pop(waiter, None)
        return self._entries[queue].popleft()[1]

    def flush(self) -> None:
        """Forget every entry."""
        self._entries.clear()

    def forget(self, process: SimulatedProcess) -> None:
        """Drop the connections of a process that died: an entry that woke it goes to another who waits."""
        for queue, waiters in self._waiting.items():
            self._waiting[queue] = {waiter: context for waiter, context in waiters.items() if context.get(OWNER) is not process}
            if self._entries[queue]:
                for waiter in self._waiting[queue]:
                    if not waiter.done():
                        waiter.set_result(None)
                        break

    def _ensure_there(self, queue: str) -> None:
        if self.away:
            raise TransportDown("the simulated Redis is away", queue=queue)
