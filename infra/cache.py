"""Answers read from Postgres, kept for others who ask the same, and dropped when a row that they were made of changes.

Postgres is the truth: while nothing is heard of changes nothing kept is served, and while Redis is away everything is read anew.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from infra.cache_near import Asked, Kept, NearAnswers
from infra.cache_store import CacheAway, Store
from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import StudioError
from infra.events import Event, EventsLost
from infra.ids import new_id
from infra.log import get_logger

# The channel of Postgres on which changes are announced: `TENANT NOUN`, or of the studio as a whole `- WORD`.
CHANGES = "live"
STUDIO = "-"
REFRESH_FAILED = "cache.refresh_failed"
_ERA = "era:"
_CLAIM_S, _POLL_S, _POLLS = 5.0, 0.05, 5
_LARGEST = 256_000
_log = get_logger("cache")

Load = Callable[[], Awaitable[bytes]]


class Ear(Protocol):
    """Hears of changes; `hears` is 0 while it does not, and another number for each time that it began to."""

    hears: int

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event."""
        ...

    async def announce(self, subject: str, kind: str) -> None:
        """Tell every listener; raises EventsLost."""
        ...


@dataclass
class Cache:
    """`await cache.read(Asked(...), load)` returns what is kept, or what `load` reads; of those who ask at once one reads.

    What is kept belongs to an era, which begins whenever a process begins to listen: what was kept before may be older than a change that nobody
    heard. All processes take over the newest era that is announced, and share what they keep.
    """

    store: Store
    ear: Ear
    clock: Clock = SYSTEM_CLOCK
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _changes: Counter[str] = field(default_factory=Counter)
    _flights: "dict[Asked, asyncio.Task[bytes]]" = field(default_factory=dict)
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)
    _era: str = ""
    _heard: int = 0

    def __post_init__(self) -> None:
        """Begin to listen."""
        self._near = NearAnswers(self.clock)
        self.ear.subscribe(self._hear)

    async def read(self, asked: Asked, load: Load) -> bytes:
        """Return the answer; raises what `load` raises."""
        if not self._listens():
            self._count(asked, "bypassed")
            return await load()
        if (found := self._near.find(asked, self._era)) is not None:
            self._serve(asked, found, load)
            return found.value
        flight = self._flights.get(asked)
        if flight is None:
            flight = self._flights[asked] = asyncio.create_task(self._far(asked, load))
            flight.add_done_callback(lambda _: self._flights.pop(asked, None))
        else:
            self._count(asked, "hit")
        # Whoever asked first may leave; the others still wait.
        return await asyncio.shield(flight)

    async def close(self) -> None:
        """Wait for what is being kept or dropped."""
        await asyncio.gather(*self._tasks, *self._flights.values(), return_exceptions=True)

    def _listens(self) -> bool:
        if self.ear.hears and self.ear.hears != self._heard:
            self._heard = self.ear.hears
            self._begin_era(new_id("era"))
            self._start(self._announce_era())
        return bool(self.ear.hears)

    def _hear(self, event: Event) -> None:
        if event.subject == STUDIO:
            if event.kind.startswith(_ERA) and event.kind.removeprefix(_ERA) != self._era:
                self._begin_era(event.kind.removeprefix(_ERA))
            return
        tag = f"{event.subject}:{event.kind}"
        self._changes[tag] += 1
        self._near.drop(tag)
        self._start(self._drop((tag,)))

    def _begin_era(self, era: str) -> None:
        self._era = era
        self._near.clear()

    async def _announce_era(self) -> None:
        try:
            await self.ear.announce(STUDIO, _ERA + self._era)
        except EventsLost:
            pass  # the others keep the era that they have; each hears of changes itself

    async def _far(self, asked: Asked, load: Load) -> bytes:
        kept = await self._find(asked)
        if kept is None:
            async with self._claim(asked) as is_ours:
                for _ in range(0 if is_ours else _POLLS):  # another process reads it
                    await asyncio.sleep(_POLL_S)
                    if (kept := await self._find(asked)) is not None:
                        break
                if kept is None:
                    self._count(asked, "miss")
                    return await self._load(asked, load)
        self._near.keep(asked, kept)
        self._serve(asked, kept, load)
        return kept.value

    def _serve(self, asked: Asked, kept: Kept, load: Load) -> None:
        """Count a hit, and have an answer of some age read again while it is served."""
        self._count(asked, "hit")
        if kept.age_s(self.clock) >= asked.policy.refresh_s:
            self._start(self._refresh(asked, load))

    async def _refresh(self, asked: Asked, load: Load) -> None:
        async with self._claim(asked) as is_ours:
            if not is_ours:
                return
            self._count(asked, "refreshed")
            try:
                await self._load(asked, load)
            except StudioError as error:
                _log.warning(REFRESH_FAILED, policy=asked.policy.name, error=str(error))

    async def _load(self, asked: Asked, load: Load) -> bytes:
        era, before = self._era, self._states(asked)
        kept = Kept(await load(), self.clock.now().timestamp(), era)
        # What was heard meanwhile may be newer than what was read.
        if len(kept.value) > _LARGEST or (era, before) != (self._era, self._states(asked)):
            return kept.value
        self._near.keep(asked, kept)
        try:
            await self.store.put(_key(asked, era), kept.packed(), asked.policy.ttl_s, [_tag(era, tag) for tag in asked.tags])
        except CacheAway:
            self._count(asked, "away")
        if before != self._states(asked):
            await self._drop(asked.tags)
        return kept.value

    async def _find(self, asked: Asked) -> Kept | None:
        era, before = self._era, self._states(asked)
        try:
            found = await self.store.get(_key(asked, era))
        except CacheAway:
            self._count(asked, "away")
            return None
        return None if found is None or (era, before) != (self._era, self._states(asked)) else Kept.unpacked(found, era)

    @asynccontextmanager
    async def _claim(self, asked: Asked) -> AsyncIterator[bool]:
        """Say whether it is for this process to read the answer; without Redis it is."""
        key = f"{_key(asked, self._era)}:claim"
        is_ours, is_held = True, False
        try:
            is_ours = is_held = await self.store.claim(key, _CLAIM_S)
        except CacheAway:
            pass
        try:
            yield is_ours
        finally:
            if is_held:
                await self._release(key)

    async def _release(self, key: str) -> None:
        try:
            await self.store.release(key)
        except CacheAway:
            pass  # it ends by itself

    async def _drop(self, tags: Sequence[str]) -> None:
        try:
            await self.store.drop([_tag(self._era, tag) for tag in tags])
        except CacheAway:
            self._heard = 0  # what Redis still holds may be older than this change: a new era, when it is there again, does not ask for it

    def _states(self, asked: Asked) -> tuple[int, ...]:
        return tuple(self._changes[tag] for tag in asked.tags)

    def _count(self, asked: Asked, what: str) -> None:
        self.counts[asked.policy.name, what] += 1

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _key(asked: Asked, era: str) -> str:
    return f"ytempire:cache:{era}:{asked.policy.name}:{asked.tenant}:{asked.question}"


def _tag(era: str, tag: str) -> str:
    return f"ytempire:{era}:{tag}"
