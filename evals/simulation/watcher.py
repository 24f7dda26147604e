"""The simulated watcher: the product's own turns, purging and looking at publications, taken when something can be due."""

import asyncio
from typing import TYPE_CHECKING

from evals.simulation.bus import LocalBus
from graphs.checks import CheckRunner
from graphs.crisis import Crisis
from graphs.messenger import Messenger
from graphs.retention import Retention
from infra.database import DatabaseUnavailable

if TYPE_CHECKING:
    from evals.simulation.engine import Engine

# The product looks every half minute; nothing falls due that some minutes of delay would change.
_LOOK_EVERY_S, _AWAY_S = 240.0, 1.0


async def watch(engine: "Engine", bus: LocalBus) -> None:
    """Do what falls due until killed."""
    book = engine.new_book(bus)
    retention, checks, crisis = Retention(engine.database), CheckRunner(book, engine.database), Crisis(book, engine.database)
    messenger = Messenger(engine.settings, engine.database, engine.new_caller(bus))
    while True:
        try:
            await retention.purge_due()
            for made in await checks.run_due():
                engine.log.note("check.made", made.check_id, kind=made.kind, status=made.status)
            for polled in await crisis.turn():
                engine.log.note("crisis.polled", polled.publication_id, status=polled.status)
            await messenger.turn()
        except DatabaseUnavailable:
            await asyncio.sleep(_AWAY_S)
            continue
        engine.log.turned("watcher")
        await asyncio.sleep(_LOOK_EVERY_S)
