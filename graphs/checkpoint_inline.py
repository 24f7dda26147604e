"""The stock Postgres saver, each call one piece of work for the loop's executor: where that runs inline, no socket decides an order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg import Connection
from psycopg.rows import DictRow

from graphs.checkpoint import CONNECTION, THREADS, Checkpointers, strict_serializer

T = TypeVar("T")


class InlineSaver(PostgresSaver):
    """`PostgresSaver` for asyncio; `before` is called in the executor before each access and may raise what a server does that is away."""

    def __init__(self, connection: Connection[DictRow], before: Callable[[], None]) -> None:
        super().__init__(connection, serde=strict_serializer())
        self._before = before

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the checkpoint that `config` names, or the newest of its thread."""
        return await self._inline(lambda: self.get_tuple(config))

    async def alist(
        self, config: RunnableConfig | None, *, filter: dict[str, Any] | None = None, before: RunnableConfig | None = None, limit: int | None = None
    ) -> AsyncIterator[CheckpointTuple]:
        """Yield checkpoints, newest first."""
        for found in await self._inline(lambda: list(self.list(config, filter=filter, before=before, limit=limit))):
            yield found

    async def aput(self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions) -> RunnableConfig:
        """Store a checkpoint."""
        return await self._inline(lambda: self.put(config, checkpoint, metadata, new_versions))

    async def aput_writes(self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        """Store what a task wrote."""
        await self._inline(lambda: self.put_writes(config, writes, task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a thread."""
        await self._inline(lambda: self.delete_thread(thread_id))

    async def list_threads(self) -> tuple[str, ...]:
        """Return the threads that have checkpoints."""

        def read() -> tuple[str, ...]:
            with self._cursor() as cursor:
                cursor.execute(THREADS)
                return tuple(row["thread_id"] for row in cursor.fetchall())

        return await self._inline(read)

    async def _inline(self, work: Callable[[], T]) -> T:
        def guarded() -> T:
            self._before()
            return work()

        return await asyncio.to_thread(guarded)


@contextmanager
def inline_checkpointers(url: str, before: Callable[[], None] = lambda: None) -> Iterator[Checkpointers]:
    """Open one saver on one connection of its own."""
    with Connection.connect(url, **CONNECTION) as connection:
        saver = InlineSaver(connection, before)
        yield Checkpointers([saver], saver.list_threads)
