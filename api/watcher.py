"""`python -m api.watcher`: makes the checks and looks at publications that fall due, answers what came in, tells the operator, and purges in time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from graphs.checks import CheckRunner
from graphs.crisis import Crisis
from graphs.heartbeat import Heartbeat
from graphs.messenger import Messenger
from graphs.retention import Retention, Sweeper
from graphs.runbook import RunBook
from graphs.webhooks import Courier
from infra.database import Database, DatabaseUnavailable
from infra.errors import Invalid
from infra.events import EventBus
from infra.log import configure_logging, get_logger
from infra.processes import end_quickly
from infra.settings import Settings, load_settings
from tools.call import ToolCaller

NAME = "watcher"
# An incident is told soon after it is opened, also while a look takes long.
TELL_EVERY_S = 5.0
# What asked for events is told of them within this time.
POST_EVERY_S = 2.0
CHECKS_DUE = "checks.made"
_log = get_logger("watcher")


async def watch(settings: Settings) -> None:
    """Do what falls due until stopped; what is cut off is taken again when its lease runs out."""
    if settings.database_url is None:
        raise Invalid("DATABASE_URL: the watcher needs the address of a running stack's database")
    database = Database(settings.database_url)
    try:
        async with EventBus(settings.database_url) as events:
            caller = ToolCaller(database, events, settings)
            book = RunBook(settings, database, caller)
            looks = _Looks(Sweeper(database, settings.keep_days), Retention(database), CheckRunner(book, database), Crisis(book, database))
            async with Heartbeat(database, NAME), asyncio.TaskGroup() as tasks:
                tasks.create_task(_again(looks.turn, settings.watcher_every_s))
                tasks.create_task(_again(Messenger(settings, database, caller).turn, TELL_EVERY_S))
                tasks.create_task(_again(Courier(settings, database).turn, POST_EVERY_S))
    finally:
        database.dispose()


class _Looks:
    """Everything that looks at publications, one after the other."""

    def __init__(self, sweeper: Sweeper, retention: Retention, checks: CheckRunner, crisis: Crisis) -> None:
        self._sweeper, self._retention, self._checks, self._crisis = sweeper, retention, checks, crisis

    async def turn(self) -> None:
        """Purge, make the checks that are due, then the looks between them."""
        await self._retention.purge_due()
        await self._sweeper.sweep_due()
        made = await self._checks.run_due()
        if made:
            _log.info(CHECKS_DUE, checks=[f"{one.check_id} {one.kind} {one.status}" for one in made])
        await self._crisis.turn()


async def _again(turn: Callable[[], Awaitable[object]], every_s: float) -> None:
    while True:
        with suppress(DatabaseUnavailable):
            await turn()
        await asyncio.sleep(every_s)


def main() -> None:
    """Watch with the settings of the environment."""
    settings = load_settings()
    configure_logging(settings.log_level)
    end_quickly()
    asyncio.run(watch(settings))


if __name__ == "__main__":
    main()
