"""Looking at a run's publications now instead of when it falls due; apart from what is told, since looking takes the studio's graphs."""

import asyncio
from typing import Any

from api.figures import figures_of_run
from api.workshop import Workshop
from graphs.checks import CheckRunner
from infra.errors import NotFound
from memory.repositories.checks import CheckRepository


class NoLookLeft(NotFound):
    """The run has no publication that is still to be looked at."""

    code = "no_look_left"


async def look_now(workshop: Workshop, run_id: str) -> list[dict[str, Any]]:
    """Make the next look at a run's publications now instead of when it falls due, and return what is known then; raises NoLookLeft."""

    def hasten() -> bool:
        with workshop.database.unit_of_work() as session:
            return CheckRepository(session).hasten(run_id)

    if not await asyncio.to_thread(hasten):
        raise NoLookLeft(f"run {run_id}: no look at a publication of it is left to make")
    await CheckRunner(workshop.book, workshop.database).run_due(run_id=run_id)
    return await asyncio.to_thread(figures_of_run, workshop.database, run_id)
