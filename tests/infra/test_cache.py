"""The cache over a real Redis and real notifications: shared, dropped by changes, refreshed ahead, and never in the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from infra.cache import CHANGES, Cache
from infra.cache_near import API_RESPONSES, CHANNEL_ANALYTICS, TRENDING_TOPICS, USER_SESSIONS, Asked
from infra.cache_store import RedisStore
from infra.errors import Invalid
from infra.events import EventBus

ASKED = Asked(API_RESPONSES, "tenant_a", "channels", ("channels",))


@dataclass
class HandClock:
    """A clock that a test moves."""

    moved: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + self.moved

    def monotonic(self) -> float:
        return self.moved.total_seconds()


@dataclass
class Source:
    """What is read from: counts how often, and may be told to wait or to fail."""

    value: bytes = b"one"
    reads: int = 0
    go: asyncio.Event | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> bytes:
        self.reads += 1
        self.begun.set()
        value = self.value
        if self.go is not None:
            await self.go.wait()
        if value == b"":
            raise Invalid("value: empty")
        return value


@dataclass
class Stage:
    """A cache and what it stands on."""

    cache: Cache
    bus: EventBus
    clock: HandClock

    async def change(self, tenant: str = "tenant_a", noun: str = "channels") -> None:
        """Announce a change, and return when it was heard and done."""
        heard = asyncio.Event()
        await self.bus.announce(tenant, noun)
        end = self.bus.subscribe(lambda event: heard.set() if event.subject == "done" else None)
        await self.bus.announce("done", "x")
        await asyncio.wait_for(heard.wait(), 10)
        end()
        await self.cache.close()


@asynccontextmanager
async def opened(database_url: str, redis_url: str) -> AsyncIterator[Stage]:
    clock = HandClock()
    async with EventBus(database_url, CHANGES) as bus:
        store = RedisStore(redis_url, clock)
        cache = Cache(store, bus, clock)
        try:
            yield Stage(cache, bus, clock)
        finally:
            await cache.close()
            await store.close()


@pytest.fixture
async def stage(database_url: str, redis_url: str) -> AsyncIterator[Stage]:
    async with opened(database_url, redis_url) as made:
        yield made


def test_the_policies_are_the_specifications() -> None:
    assert [(one.ttl_s, one.refresh_s) for one in (TRENDING_TOPICS, CHANNEL_ANALYTICS, API_RESPONSES, USER_SESSIONS)] == [
        (3600, 3000),
        (300, 240),
        (60, 50),
        (86400, 82800),
    ]


async def test_what_was_read_is_kept_until_a_row_of_it_changes(stage: Stage) -> None:
    source = Source()
    for _ in range(3):
        assert await stage.cache.read(ASKED, source) == b"one"
    assert source.reads == 1
    source.value = b"two"
    await stage.change(noun="videos")
    await stage.change(tenant="tenant_b")
    assert await stage.cache.read(ASKED, source) == b"one"
    await stage.change()
    assert await stage.cache.read(ASKED, source) == b"two"
    assert stage.cache.counts == {("api_responses", "miss"): 2, ("api_responses", "hit"): 3}


async def test_a_tenant_never_gets_what_another_read(stage: Stage) -> None:
    await stage.cache.read(ASKED, Source(b"theirs"))
    assert await stage.cache.read(Asked(API_RESPONSES, "tenant_b", "channels", ("channels",)), Source(b"ours")) == b"ours"


async def test_of_those_who_ask_at_once_one_reads(stage: Stage) -> None:
    source = Source(go=asyncio.Event())
    asking = [asyncio.create_task(stage.cache.read(ASKED, source)) for _ in range(50)]
    await asyncio.sleep(0)
    asking[0].cancel()
    assert source.go is not None
    source.go.set()
    assert set(await asyncio.gather(*asking[1:])) == {b"one"}
    assert source.reads == 1


async def test_two_processes_share_what_they_keep_and_hear_of_changes_both(stage: Stage, database_url: str, redis_url: str) -> None:
    async with opened(database_url, redis_url) as other:
        for one in (stage, other):
            await one.cache.read(ASKED, Source(b"before the eras met"))
            await one.cache.close()
        await stage.change()
        await other.change()
        stage.clock.moved = other.clock.moved = timedelta(seconds=2)
        source = Source()
        assert await stage.cache.read(ASKED, source) == await other.cache.read(ASKED, source) == b"one"
        assert source.reads <= 1
        source.value = b"two"
        await stage.change()
        await other.change(noun="nothing")
        assert await stage.cache.read(ASKED, source) == await other.cache.read(ASKED, source) == b"two"


async def test_an_answer_of_some_age_is_read_again_while_it_is_served(stage: Stage) -> None:
    source = Source()
    await stage.cache.read(ASKED, source)
    source.value, stage.clock.moved = b"two", timedelta(seconds=API_RESPONSES.refresh_s)
    assert await stage.cache.read(ASKED, source) == b"one"
    await stage.cache.close()
    assert await stage.cache.read(ASKED, source) == b"two"
    stage.clock.moved += timedelta(seconds=49)
    assert await stage.cache.read(ASKED, source) == b"two"
    assert stage.cache.counts["api_responses", "refreshed"] == 1


async def test_a_change_while_it_is_read_is_not_overlooked(stage: Stage) -> None:
    source = Source(go=asyncio.Event())
    asking = asyncio.create_task(stage.cache.read(ASKED, source))
    await asyncio.wait_for(source.begun.wait(), 10)
    heard = asyncio.Event()
    stage.bus.subscribe(lambda _: heard.set())
    await stage.bus.announce("tenant_a", "channels")
    await asyncio.wait_for(heard.wait(), 10)
    source.value = b"two"
    assert source.go is not None
    source.go.set()
    assert await asking == b"one"
    assert await stage.cache.read(ASKED, source) == b"two"


async def test_what_another_process_read_before_a_change_is_not_taken_over(stage: Stage, database_url: str, redis_url: str) -> None:
    async with opened(database_url, redis_url) as late:
        for one in (late, stage):
            await one.cache.read(ASKED, Source())
            await one.cache.close()
        await stage.change()
        await late.change()
        # One that had read before the change writes after it was dropped.
        await late.cache.read(ASKED, Source(b"old"))
        assert await stage.cache.read(ASKED, Source(b"new")) == b"new"


async def test_whoever_waits_for_what_was_announced_has_heard_it(stage: Stage, database_url: str) -> None:
    source = Source()
    await stage.cache.read(ASKED, source)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        for turn in range(20):
            source.value = f"{turn}".encode()
            await connection.execute("select pg_notify('live', 'tenant_a channels')")
            await stage.cache.settle()
            assert await stage.cache.read(ASKED, source) == source.value


async def test_while_nothing_is_heard_nothing_kept_is_served(stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    await stage.cache.read(ASKED, source)
    monkeypatch.setattr(stage.bus, "hears", 0)
    source.value = b"two"
    assert await stage.cache.read(ASKED, source) == b"two"
    monkeypatch.setattr(stage.bus, "hears", 2)
    source.value = b"three"
    assert await stage.cache.read(ASKED, source) == b"three"
    assert stage.cache.counts["api_responses", "bypassed"] == 1


async def test_the_connection_that_broke_is_noticed(stage: Stage, database_url: str) -> None:
    before, source = stage.bus.hears, Source()
    await stage.cache.read(ASKED, source)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
    with stage.bus.watch("again") as watch:
        while stage.bus.hears in {0, before}:
            assert await watch.changed(10)
    source.value = b"two"
    assert await stage.cache.read(ASKED, source) == b"two"


async def test_without_redis_everything_is_read_and_nothing_fails(database_url: str, tmp_path: object) -> None:
    async with opened(database_url, f"unix://{tmp_path}/none.sock") as stage:
        source = Source()
        for _ in range(3):
            assert await stage.cache.read(ASKED, source) == b"one"
        source.value = b"two"
        await stage.change()
        assert await stage.cache.read(ASKED, source) == b"two"
        assert stage.cache.counts["api_responses", "away"] > 0


async def test_a_failure_is_told_to_all_who_wait_and_is_not_kept(stage: Stage) -> None:
    source = Source(b"")
    failed = await asyncio.gather(stage.cache.read(ASKED, source), stage.cache.read(ASKED, source), return_exceptions=True)
    assert [type(one) for one in failed] == [Invalid, Invalid]
    source.value = b"one"
    assert await stage.cache.read(ASKED, source) == b"one"
