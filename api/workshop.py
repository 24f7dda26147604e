"""What a verb works with: a stack, the book of runs and an orchestrator, opened together and closed in order."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from api.needs import NEEDED_QUEUES
from api.stack import Stack
from graphs.checkpoint import open_checkpointers, setup_checkpoints
from graphs.orchestrator import Orchestrator
from graphs.runbook import RunBook
from infra.database import Database
from infra.errors import Unavailable
from infra.events import EventBus
from infra.settings import Settings
from memory.repositories.workers import WorkerRepository
from tools.call import ToolCaller

T = TypeVar("T")
WORKERS_WITHIN_S = 90.0
_LOOK_AGAIN_S = 0.1


@dataclass(frozen=True)
class Workshop:
    """Everything a verb needs to make, resume and look at runs."""

    settings: Settings
    database: Database
    caller: ToolCaller
    book: RunBook
    orchestrator: Orchestrator


@asynccontextmanager
async def open_workshop(stack: Stack) -> AsyncIterator[Workshop]:
    """Open the workshop of a running stack."""
    settings = stack.connected
    database = Database(stack.urls.database)
    await asyncio.to_thread(setup_checkpoints, stack.urls.database_admin)
    try:
        async with EventBus(stack.urls.database) as events, open_checkpointers(stack.urls.database) as checkpointers:
            await _until_served(database, settings)
            caller = ToolCaller(database, events, settings)
            book = RunBook(settings, database, caller)
            yield Workshop(settings, database, caller, book, Orchestrator(book, checkpointers))
    finally:
        database.dispose()


async def _until_served(database: Database, settings: Settings) -> None:
    """Wait until a worker serves each queue that a production needs; raises Unavailable naming the queues that none serves."""

    def read() -> frozenset[str]:
        with database.unit_of_work() as session:
            return WorkerRepository(session).served_queues()

    waited_s = 0.0
    while missing := NEEDED_QUEUES - await asyncio.to_thread(read):
        if waited_s > WORKERS_WITHIN_S:
            raise Unavailable(f"no worker serves {', '.join(sorted(missing))}; see the logs in {settings.home / 'logs'}", queues=sorted(missing))
        await asyncio.sleep(_LOOK_AGAIN_S)
        waited_s += _LOOK_AGAIN_S


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop of its own."""
    return asyncio.run(work)
