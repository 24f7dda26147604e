"""Answers read from Postgres, kept for others who ask the same, and dropped when a row that they were made of changes.

Postgres is the truth: while nothing is heard of changes nothing kept is served, and while Redis is away everything is read anew.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from infra.cache_near import Asked, Kept, NearAnswers
from infra.cache_store import CacheAway, RedisStore, Store
from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import StudioError
from infra.events import Event, EventsLost
from infra.ids import new_id
from infra.log import get_logger

# The channel of Postgres on which changes are announced: `TENANT NOUN`, or of the studio as a whole `- WORD`.
CHANGES = "live"
STUDIO = "-"
REFRESH_FAILED = "cache.refresh_failed"
_ERA, _FENCE = "era:", "fence:"
_FENCE_S = 1.0
# An answer that another process kept counts only if it was begun to be read so long after the last change that was heard: their clocks may differ.
_SKEW_S = 1.0
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
    _changed_at: dict[str, float] = field(default_factory=dict)
    _fences: "dict[str, asyncio.Future[None]]" = field(default_factory=dict)
    _flights: "dict[Asked, asyncio.Task[bytes]]" = field(default_factory=dict)
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)
    _era: str = ""
    _begun_at: float = 0.0
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

    def peek(self, asked: Asked) -> bytes | None:
        """Return the answer if this process has it and it need not be read again soon, without a wait."""
        if not self._listens() or (found := self._near.find(asked, self._era)) is None or found.age_s(self.clock) >= asked.policy.refresh_s:
            return None
        self._count(asked, "hit")
        return found.value

    def unchanged_since(self, asked: Asked) -> datetime:
        """Return since when nothing that an answer is made of was heard to change: what is read to be kept may not be older."""
        heard = max((self._begun_at, *(self._changed_at.get(tag, 0.0) for tag in asked.tags)))
        return datetime.fromtimestamp(heard + _SKEW_S if self._listens() else 0.0, UTC)

    async def settle(self) -> None:
        """Return when every change that was committed before is heard: whoever changed something then reads what they changed."""
        if not self._listens():
            return
        name = new_id("fence")
        self._fences[name] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_FENCE_S):
                await self.ear.announce(STUDIO, _FENCE + name)
                await self._fences[name]
        except (TimeoutError, EventsLost):
            self._heard = 0  # what is kept may be older than a change: nobody asks for it any more
        finally:
            del self._fences[name]

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
            self._hear_of_studio(event.kind)
            return
        self.changed(event.subject, event.kind)

    def changed(self, tenant: str, noun: str) -> None:
        """Drop what is kept of a tenant's noun: it was heard that it changed."""
        tag = f"{tenant}:{noun}"
        self._changes[tag] += 1
        self._changed_at[tag] = self.clock.now().timestamp()
        self._near.drop(tag)
        self._start(self._drop((tag,)))

    def _hear_of_studio(self, kind: str) -> None:
        if kind.startswith(_ERA) and kind.removeprefix(_ERA) != self._era:
            self._begin_era(kind.removeprefix(_ERA))
        fence = self._fences.get(kind.removeprefix(_FENCE))
        if fence is not None and not fence.done():
            fence.set_result(None)

    def _begin_era(self, era: str) -> None:
        self._era, self._begun_at = era, self.clock.now().timestamp()
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
        era, before, begun = self._era, self._states(asked), self.clock.now().timestamp()
        kept = Kept(await load(), begun, era)
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
        if found is None or (era, before) != (self._era, self._states(asked)):
            return None
        kept = Kept.unpacked(found, era)
        return kept if kept.at >= max(self._changed_at.get(tag, 0.0) for tag in asked.tags) + _SKEW_S else None

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


@asynccontextmanager
async def open_cache(redis_url: str, ear: Ear) -> AsyncIterator[Cache]:
    """Open a cache over the Redis at a URL."""
    store = RedisStore(redis_url)
    cache = Cache(store, ear)
    try:
        yield cache
    finally:
        await cache.close()
        await store.close()


def _key(asked: Asked, era: str) -> str:
    return f"ytempire:cache:{era}:{asked.policy.name}:{asked.tenant}:{asked.question}"


def _tag(era: str, tag: str) -> str:
    return f"ytempire:{era}:{tag}"
