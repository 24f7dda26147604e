"""The events of each tenant that somebody watches, read once for all watchers as they come."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from infra.cache import STUDIO
from infra.database import Database, DatabaseUnavailable
from infra.events import EventBus, Watch
from infra.log import get_logger
from infra.reads import ReadPool
from memory.reads.events import EventLine, EventReads
from memory.repositories.events import EventRepository

NUMBERING_FAILED = "events.numbering_failed"
READING_FAILED = "events.reading_failed"
_WRITTEN, _NUMBERED = "written", "numbered"
# Announcements wake; this often it is looked all the same.
_SWEEP_S, _AGAIN_S = 5.0, 0.5
_NEWEST, _BATCH = 2_000, 500
_log = get_logger("events")


@dataclass
class Stream:
    """A tenant's newest events in memory, all from `since` (exclusive) to `last`; what is older is in the database.

    `breaks` counts how often it could not be vouched that nothing is missing.
    """

    tenant: str
    reads: EventReads
    last: int = 0
    since: int = 0
    breaks: int = 0
    wakes: "set[asyncio.Event]" = field(default_factory=set)
    _lines: deque[EventLine] = field(default_factory=deque)

    async def begin(self) -> None:
        """Begin behind the newest event."""
        self.last = self.since = (await self.reads.bounds()).last

    async def read_on(self) -> None:
        """Read what came, and wake whoever watches."""
        while lines := await self.reads.after(self.last, _BATCH):
            if lines[0].seq != self.last + 1:
                self._break(lines[0].seq - 1)
            self._lines.extend(lines)
            self.last = lines[-1].seq
            while len(self._lines) > _NEWEST:
                self.since = self._lines.popleft().seq
            self.wake()
            if len(lines) < _BATCH:
                return

    async def check(self) -> None:
        """Notice a database that went back in time: one that was restored counts on from an older number."""
        if (now := (await self.reads.bounds()).last) < self.last:
            self._break(now)
            self.wake()

    async def after(self, seq: int, limit: int) -> list[EventLine]:
        """Return what came after a number, from memory where it is there."""
        if seq < self.since:
            return await self.reads.after(seq, limit)
        begin = seq - self.since
        return [self._lines[place] for place in range(begin, min(begin + limit, len(self._lines)))]

    def wake(self) -> None:
        """Wake whoever watches."""
        for one in self.wakes:
            one.set()

    def _break(self, last: int) -> None:
        self._lines.clear()
        self.last = self.since = last
        self.breaks += 1


class Feed:
    """Numbers events and keeps a stream a tenant, over one listening connection: `async with Feed(...) as feed`."""

    def __init__(self, studio: Database, reads: ReadPool, bus: EventBus) -> None:
        self.bus = bus
        self.closing = False
        self._studio = studio
        self._reads = reads
        self._streams: dict[str, tuple[Stream, asyncio.Task[None]]] = {}
        self._numbering: asyncio.Task[None] | None = None
        self._written = Watch(None)

    async def __aenter__(self) -> Self:
        self._numbering = asyncio.create_task(self._number(), name="events-numbering")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
        tasks = [task for _, task in self._streams.values()]
        for task in tasks:
            task.cancel()
        # What numbers is in a thread, and holds a connection until it is done.
        await asyncio.gather(*tasks, *([self._numbering] if self._numbering else []), return_exceptions=True)

    @property
    def watchers(self) -> int:
        """How many watch."""
        return sum(len(stream.wakes) for stream, _ in self._streams.values())

    def close(self) -> None:
        """Let every watcher go."""
        self.closing = True
        self._written.touch()
        for stream, _ in self._streams.values():
            stream.wake()

    @asynccontextmanager
    async def watched(self, tenant: str, wake: asyncio.Event) -> AsyncIterator[Stream]:
        """Yield a tenant's stream, which sets `wake` with all news; raises DatabaseUnavailable."""
        if tenant not in self._streams:
            stream = Stream(tenant, EventReads(self._reads, tenant))
            await stream.begin()
            if tenant not in self._streams:  # another may have begun it meanwhile
                self._streams[tenant] = stream, asyncio.create_task(self._follow(stream), name=f"events-{tenant}")
        stream, task = self._streams[tenant]
        stream.wakes.add(wake)
        try:
            yield stream
        finally:
            stream.wakes.discard(wake)
            if not stream.wakes and self._streams.get(tenant) == (stream, task):
                del self._streams[tenant]
                task.cancel()

    async def _follow(self, stream: Stream) -> None:
        hears = self.bus.hears
        with self.bus.watch(stream.tenant, frozenset({_NUMBERED})) as watch:
            while True:
                try:
                    if hears != self.bus.hears:
                        await stream.check()
                        hears = self.bus.hears
                    await stream.read_on()
                except DatabaseUnavailable as error:
                    _log.warning(READING_FAILED, tenant=stream.tenant, error=str(error))
                    await asyncio.sleep(_AGAIN_S)
                    continue
                await watch.changed(_SWEEP_S)

    async def _number(self) -> None:
        with self.bus.watch(STUDIO, frozenset({_WRITTEN})) as self._written:
            while not self.closing:
                try:
                    await asyncio.to_thread(self._number_all)
                except DatabaseUnavailable as error:
                    _log.warning(NUMBERING_FAILED, error=str(error))
                    await asyncio.sleep(_AGAIN_S)
                    continue
                await self._written.changed(_SWEEP_S)

    def _number_all(self) -> None:
        more = True
        while more:
            with self._studio.unit_of_work() as session:
                more = EventRepository(session).number()
