"""Durable checkpoints: savers sharded by thread over direct, checked connections."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

SHARDS = 2
_CONNECTION: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}


def setup_checkpoints(admin_url: str) -> None:
    """Create LangGraph's tables; needs the owner's role."""
    with PostgresSaver.from_conn_string(admin_url) as saver:
        saver.setup()


def strict_serializer() -> JsonPlusSerializer:
    """Return a serializer that refuses every class: state is plain JSON values only."""
    return JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=None)


class Checkpointers:
    """One saver per shard: a stock saver holds one lock whatever its pool, so more savers mean more speed."""

    def __init__(self, savers: list[AsyncPostgresSaver]) -> None:
        self._savers = savers

    def for_thread(self, thread_id: str) -> AsyncPostgresSaver:
        """Return the saver of a thread: always the same one in this process."""
        return self._savers[zlib.crc32(thread_id.encode()) % len(self._savers)]

    async def prune(self, thread_id: str) -> None:
        """Delete a finished thread's checkpoints; its outcome lives in the run's row."""
        await self.for_thread(thread_id).adelete_thread(thread_id)


@asynccontextmanager
async def open_checkpointers(url: str, shards: int = SHARDS) -> AsyncIterator[Checkpointers]:
    """Open `shards` savers, each on a pool of one connection that is checked before use, so a restarted server is survived."""
    async with AsyncExitStack() as stack:
        savers = []
        for _ in range(shards):
            pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
                url, min_size=1, max_size=1, kwargs=_CONNECTION, check=AsyncConnectionPool.check_connection, open=False
            )
            await stack.enter_async_context(pool)
            savers.append(AsyncPostgresSaver(pool, serde=strict_serializer()))
        await asyncio.gather(*(saver.conn.wait() for saver in savers if isinstance(saver.conn, AsyncConnectionPool)))
        yield Checkpointers(savers)
