"""How a lasting process says that it lives and that its work moves: a beat in the background of its loop."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from infra.database import Database, DatabaseUnavailable
from memory.repositories.heartbeats import HeartbeatRepository

EVERY_S = 20.0
MISSES = 2


class Heartbeat:
    """`async with Heartbeat(database, "watcher") as heart: heart.progress = "check 12"`.

    The beat comes from the loop that does the work: a loop that is blocked falls silent, and one that waits for the same thing again and again
    says the same words. A database that is away is told at the next beat.
    """

    def __init__(self, database: Database, name: str, every_s: float = EVERY_S) -> None:
        self.progress: str | None = None
        self._database = database
        self._name = name
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.beat()
        self._task = asyncio.create_task(self._run(), name=f"heartbeat {self._name}")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def beat(self) -> None:
        """Say it now."""
        with suppress(DatabaseUnavailable):
            await asyncio.to_thread(self._write)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self.beat()

    def _write(self) -> None:
        with self._database.one_statement() as session:
            HeartbeatRepository(session).beat(self._name, self.progress, self._every_s * MISSES)
