"""What stays up in a stack: the conductor, the watcher and the watchdog each do their first turn, are heard of, and leave in order."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import text

from api.conductor import conduct
from api.watchdog import open_watchdog, watch_over
from api.watcher import watch
from graphs.checkpoint import setup_checkpoints
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import Invalid
from infra.runfiles import alive_file, signal_file
from infra.settings import Settings
from memory.repositories.audit import AuditRepository
from memory.repositories.findings import FindingRepository
from memory.repositories.heartbeats import HeartbeatRepository
from memory.repositories.messages import MessageRepository

WITHIN_S = 20.0


@pytest.fixture
def stack(settings: Settings, database_urls: PostgresUrls, redis_url: str) -> Settings:
    """The settings of a running stack."""
    setup_checkpoints(database_urls.admin)
    return settings.model_copy(update={"database_url": database_urls.app, "redis_url": redis_url})


@pytest.fixture
async def database(stack: Settings) -> AsyncIterator[Database]:
    opened = Database(str(stack.database_url))
    yield opened
    opened.dispose()


async def until(holds: Callable[[], object]) -> None:
    def look() -> None:
        limit = time.monotonic() + WITHIN_S
        while not holds():
            assert time.monotonic() < limit
            time.sleep(0.02)

    await asyncio.to_thread(look)


def heard_of(database: Database, name: str) -> bool:
    with database.unit_of_work() as session:
        return name in {pulse.name for pulse in HeartbeatRepository(session).list_()}


@asynccontextmanager
async def running(work: Any) -> AsyncIterator[None]:
    """Let it run while the block does."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_conductor_seals_the_trail_and_ends_when_it_is_told_to(stack: Settings, database: Database) -> None:
    with database.unit_of_work() as session:
        AuditRepository(session).append("ada", "studio.opened", "studio", {})
    stop = asyncio.Event()
    conducting = asyncio.create_task(conduct(stack, stop))

    def sealed() -> object:
        with database.unit_of_work() as session:
            return AuditRepository(session).head()

    await until(sealed)
    await until(lambda: heard_of(database, "conductor"))
    stop.set()
    async with asyncio.timeout(WITHIN_S):
        await conducting


async def test_the_watcher_purges_and_is_heard_of(stack: Settings, database: Database) -> None:
    with database.unit_of_work() as session:
        for key in ("old", "new"):
            MessageRepository(session).queue(key, "report", f"an {key} one", "words")
        session.execute(text("update messages set created_at = now() - interval '91 days' where key = 'old'"))

    def kept() -> list[str]:
        with database.unit_of_work() as session:
            return [one.key for one in MessageRepository(session).list_().items]

    async with running(watch(stack)):
        await until(lambda: kept() == ["new"])
        await until(lambda: heard_of(database, "watcher"))


async def test_the_watchdog_judges_and_leaves_its_sign_that_it_lives(stack: Settings, database: Database) -> None:
    def found() -> set[str]:
        with database.unit_of_work() as session:
            return {one.name for one in FindingRepository(session).list_()}

    stack.home.mkdir(parents=True)
    alive_file(stack.home).parent.mkdir(parents=True, exist_ok=True)
    async with running(watch_over(stack)):
        await until(lambda: found() >= {"database", "redis", "disk", "heartbeats"})
    assert alive_file(stack.home).exists()


@pytest.mark.parametrize("start", [lambda one: conduct(one, asyncio.Event()), watch])
async def test_without_a_database_they_name_the_setting(settings: Settings, start: Callable[[Settings], Any]) -> None:
    with pytest.raises(Invalid, match="DATABASE_URL"):
        await start(settings)


def test_without_a_stack_the_watchdog_names_what_sets_both_addresses(settings: Settings) -> None:
    with pytest.raises(Invalid, match="`ytempire up` sets both"):
        open_watchdog(settings)
    assert not signal_file(settings.home).exists()
