"""`python -m api.watcher`: makes the checks of publications that fall due while the stack is up, and purges what was read from platforms in time."""

import asyncio
from contextlib import suppress

from graphs.checks import CheckRunner
from graphs.heartbeat import Heartbeat
from graphs.retention import Retention, Sweeper
from graphs.runbook import RunBook
from infra.database import Database, DatabaseUnavailable
from infra.errors import Invalid
from infra.events import EventBus
from infra.log import configure_logging, get_logger
from infra.settings import Settings, load_settings
from tools.call import ToolCaller

NAME = "watcher"
LOOK_EVERY_S = 30.0
CHECKS_DUE = "checks.made"
_log = get_logger("watcher")


async def watch(settings: Settings) -> None:
    """Look for due checks until stopped; a check that is cut off is taken again when its lease runs out."""
    if settings.database_url is None:
        raise Invalid("DATABASE_URL: the watcher needs the address of a running stack's database")
    database = Database(settings.database_url)
    async with EventBus(settings.database_url) as events:
        retention, sweeper = Retention(database), Sweeper(database, settings.keep_days)
        runner = CheckRunner(RunBook(settings, database, ToolCaller(database, events, settings)), database)
        async with Heartbeat(database, NAME):
            while True:
                with suppress(DatabaseUnavailable):
                    await retention.purge_due()
                    await sweeper.sweep_due()
                    made = await runner.run_due()
                    if made:
                        _log.info(CHECKS_DUE, checks=[f"{one.check_id} {one.kind} {one.status}" for one in made])
                await asyncio.sleep(LOOK_EVERY_S)


def main() -> None:
    """Watch with the settings of the environment."""
    settings = load_settings()
    configure_logging(settings.log_level)
    asyncio.run(watch(settings))


if __name__ == "__main__":
    main()
