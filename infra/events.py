"""The event bus: one connection a process that listens to Postgres, so that nobody polls."""

import asyncio
import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from infra.errors import Unavailable
from infra.log import get_logger

CHANNEL = "jobs"
_RECONNECT_MAX_S = 2.0
_log = get_logger("events")


class EventsLost(Unavailable):
    """The listening connection broke; what happened meanwhile must be read again."""

    code = "events_lost"


@dataclass(frozen=True)
class Event:
    """What was announced: the id it is about and one word of what happened to it."""

    subject: str
    kind: str


class Watch:
    """Wakes when something happens to one subject, or when the bus may have missed something."""

    def __init__(self, kinds: frozenset[str] | None) -> None:
        self._kinds = kinds
        self._changed = asyncio.Event()

    def touch(self, kind: str | None = None) -> None:
        """Wake the watcher, unless `kind` is one it does not care for."""
        if kind is None or self._kinds is None or kind in self._kinds:
            self._changed.set()

    async def changed(self, within_s: float) -> bool:
        """Wait for a change at most `within_s` seconds; False when time ran out. Changes before the call count."""
        try:
            async with asyncio.timeout(within_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True


class EventBus:
    """Announcements of one channel for one asyncio loop: `async with EventBus(url) as bus`.

    A broken connection is made again with growing pauses; every watcher is then woken, because announcements are not kept. `hears` is 0 while there is
    none, and another number for each that was made: what was remembered under one is to be read again under the next.
    """

    def __init__(self, url: str, channel: str = CHANNEL) -> None:
        self._url = url
        self._channel = channel
        # Dictionaries for sets, so that all are told in the order in which they came.
        self._watches: dict[str, dict[Watch, None]] = {}
        self._listeners: dict[Callable[[Event], None], None] = {}
        self._task: asyncio.Task[None] | None = None
        # How often listening began; 0 while nothing is heard.
        self._begun = 0
        self.hears = 0
        self._speaking: psycopg.AsyncConnection | None = None
        self._one_speaks = asyncio.Lock()
        self._listening = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to listen; returns once the first connection listens."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="event-bus")
            await self._listening.wait()

    async def stop(self) -> None:
        """Stop listening and close the connection."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._speaking is not None:
            await self._speaking.close()

    @contextmanager
    def watch(self, subject: str, kinds: frozenset[str] | None = None) -> Iterator[Watch]:
        """Yield a watch on one subject, for some kinds of event or all; begin it before reading the state, so that no change falls between."""
        watch = Watch(kinds)
        self._watches.setdefault(subject, {})[watch] = None
        try:
            yield watch
        finally:
            watches = self._watches[subject]
            watches.pop(watch, None)
            if not watches:
                del self._watches[subject]

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event, in the loop; returns a function that ends it."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener, None)

    async def announce(self, subject: str, kind: str) -> None:
        """Tell every listener of the channel about `subject`, over a connection of its own that stays open; raises EventsLost."""
        try:
            async with self._one_speaks:
                if self._speaking is None or self._speaking.closed:
                    self._speaking = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                await self._speaking.execute("select pg_notify(%s, %s)", (self._channel, f"{subject} {kind}"))
        except psycopg.OperationalError as error:
            raise EventsLost(f"Postgres took no announcement: {error}") from error

    async def _run(self) -> None:
        pause = 0.05
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute(sql.SQL("listen {}").format(sql.Identifier(self._channel)))
                    pause = 0.05
                    self._begun += 1
                    self.hears = self._begun
                    self._listening.set()
                    self.wake_all()
                    async for notice in connection.notifies():
                        self.hear(notice.payload)
            except psycopg.OperationalError as error:
                self.hears = 0
                _log.warning("listener.disconnected", error=str(error).strip(), retry_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _RECONNECT_MAX_S)

    def hear(self, payload: str) -> None:
        """Tell everybody who listens to it what came over the connection."""
        event = _parse(payload)
        for listener in tuple(self._listeners):
            listener(event)
        for watch in tuple(self._watches.get(event.subject, ())):
            watch.touch(event.kind)

    def wake_all(self) -> None:
        """Wake every watcher: something may have been missed."""
        for watches in tuple(self._watches.values()):
            for watch in tuple(watches):
                watch.touch()


class LockedListener:
    """A blocking listener that also holds an advisory lock, so that one process of many does a duty. The lock dies with the connection."""

    def __init__(self, url: str, lock: int, channel: str = CHANNEL) -> None:
        try:
            self._connection = psycopg.connect(url, autocommit=True)
            self._connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        except psycopg.OperationalError as error:
            raise EventsLost(f"Postgres cannot be reached: {error}") from error
        self._lock = lock

    def acquire(self) -> bool:
        """Try to take the lock; False while another process holds it."""
        try:
            row = self._connection.execute("select pg_try_advisory_lock(%s)", (self._lock,)).fetchone()
        except psycopg.OperationalError as error:
            raise EventsLost(f"the listening connection broke: {error}") from error
        return row is not None and bool(row[0])

    def wait(self, within_s: float, stop: "Stop | None" = None) -> list[Event]:
        """Return what was announced: at once after the first announcement, or an empty list after `within_s` seconds or a `stop`."""
        try:
            if not (heard := self._heard()):
                waited = [self._connection.fileno(), *([stop.fileno()] if stop is not None else [])]
                select.select(waited, [], [], within_s)
                heard = self._heard()
            return heard
        except psycopg.OperationalError as error:
            raise EventsLost(f"the listening connection broke: {error}") from error

    def _heard(self) -> list[Event]:
        return [_parse(notice.payload) for notice in self._connection.notifies(timeout=0, stop_after=1)]

    def close(self) -> None:
        """Close the connection and give the lock back."""
        self._connection.close()


class Stop:
    """A flag that a signal handler sets and a loop reads; it can be read like a file once it is set, to end a wait for several things."""

    def __init__(self) -> None:
        self._set = threading.Event()
        self._told = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)  # of the process, until its end

    def __call__(self, *_signal: object) -> None:
        if not self._set.is_set():
            self._set.set()
            os.eventfd_write(self._told, 1)

    def fileno(self) -> int:
        """Return the descriptor that becomes readable."""
        return self._told

    def __bool__(self) -> bool:
        return self._set.is_set()

    def wait(self, within_s: float) -> bool:
        """Wait at most `within_s` seconds; says whether the flag is set."""
        return self._set.wait(within_s)


def _parse(payload: str) -> Event:
    subject, _, kind = payload.partition(" ")
    return Event(subject, kind)
