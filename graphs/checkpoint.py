"""Durable checkpoints: savers sharded by thread over direct, checked connections."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg import AsyncConnection, Connection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from infra.clock import SYSTEM_CLOCK
from infra.errors import Unavailable

SETUP_LOCK = 7_094_318
SETUP_WITHIN_S = 60.0
SHARDS = 2
THREADS = "select distinct thread_id from checkpoints order by thread_id"
CONNECTION: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}


def setup_checkpoints(admin_url: str) -> None:
    """Create LangGraph's tables; needs the owner's role. Commands that start at once take turns.

    The lock is asked for again and again and never waited for: a waiting statement would hold the snapshot that LangGraph's
    `create index concurrently` waits for in turn.
    """
    gives_up_at = SYSTEM_CLOCK.monotonic() + SETUP_WITHIN_S
    with Connection.connect(admin_url, autocommit=True, prepare_threshold=0, row_factory=dict_row) as connection:
        while not connection.execute("select pg_try_advisory_lock(%s) as mine", (SETUP_LOCK,)).fetchone()["mine"]:  # type: ignore[index]
            if SYSTEM_CLOCK.monotonic() > gives_up_at:
                raise Unavailable("another command has been creating the checkpoint tables for too long; try again")
            time.sleep(0.05)
        try:
            PostgresSaver(connection).setup()
        finally:
            connection.execute("select pg_advisory_unlock(%s)", (SETUP_LOCK,))


def strict_serializer() -> JsonPlusSerializer:
    """Return a serializer that revives no class beyond LangGraph's own built-in list: state is plain JSON values only."""
    return JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=None)


class Checkpointers:
    """One saver per shard: a stock saver holds one lock whatever its pool, so more savers mean more speed."""

    def __init__(self, savers: Sequence[BaseCheckpointSaver[str]], list_threads: Callable[[], Awaitable[tuple[str, ...]]]) -> None:
        self._savers = savers
        self._list_threads = list_threads

    def for_thread(self, thread_id: str) -> BaseCheckpointSaver[str]:
        """Return the saver of a thread: always the same one in this process."""
        return self._savers[zlib.crc32(thread_id.encode()) % len(self._savers)]

    async def prune(self, thread_id: str) -> None:
        """Delete a finished thread's checkpoints; its outcome lives in the run's row."""
        await self.for_thread(thread_id).adelete_thread(thread_id)

    async def list_threads(self) -> tuple[str, ...]:
        """Return the threads that have checkpoints."""
        return await self._list_threads()


@asynccontextmanager
async def open_checkpointers(url: str, shards: int = SHARDS) -> AsyncIterator[Checkpointers]:
    """Open `shards` savers, each on a pool of one connection that is checked before use, so a restarted server is survived."""
    async with AsyncExitStack() as stack:
        pools: list[AsyncConnectionPool[AsyncConnection[DictRow]]] = []
        for _ in range(shards):
            pools.append(AsyncConnectionPool(url, min_size=1, max_size=1, kwargs=CONNECTION, check=AsyncConnectionPool.check_connection, open=False))
            await stack.enter_async_context(pools[-1])
        savers = [AsyncPostgresSaver(pool, serde=strict_serializer()) for pool in pools]
        await asyncio.gather(*(pool.wait() for pool in pools))

        async def list_threads() -> tuple[str, ...]:
            async with pools[0].connection() as connection:
                found = await connection.execute(THREADS)
                return tuple([row["thread_id"] for row in await found.fetchall()])

        yield Checkpointers(savers, list_threads)
