"""`python -m api.watchdog`: looks after everything else of the stack, and after itself by a file that its supervisor reads."""

import asyncio
from functools import partial

from graphs.watchdog.read import Senses
from graphs.watchdog.watchdog import Turn, Watchdog, limits_of
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.deadman import DeadManSignal
from infra.embedded.redis import read_persistence
from infra.errors import Invalid
from infra.log import configure_logging, get_logger
from infra.machine import ThisMachine
from infra.processes import end_quickly
from infra.runfiles import alive_file, signal_file
from infra.settings import Settings, load_settings
from tools.worker_process import host_identity

# A statement of the watchdog's that takes longer than this has met the trouble it is to report.
_OPTIONS = "-c statement_timeout=15000 -c lock_timeout=5000"
WATCHDOG_TURNED = "watchdog.turned"
_log = get_logger("watchdog")


def open_watchdog(settings: Settings, *, quiet: bool = False) -> tuple[Watchdog, Database]:
    """Return a watchdog over this home's stack, and its connections to be disposed of; `quiet` gives no sign of life to the outside."""
    if settings.database_url is None or settings.redis_url is None:
        raise Invalid("the watchdog needs DATABASE_URL and REDIS_URL; `ytempire up` sets both")
    limits = limits_of(settings)
    database = Database(settings.database_url, pool_size=2, options=_OPTIONS)
    senses = Senses(database, ThisMachine(settings.home), partial(read_persistence, settings.redis_url), host_identity(), settings.job_lease_s)
    signal = None if quiet else DeadManSignal(signal_file(settings.home), settings.watchdog_ping_url)
    return Watchdog(senses, settings.scratch_root, limits, signal, settings.watchdog_every_s), database


async def watch_over(settings: Settings) -> None:
    """Turn until stopped."""
    watchdog, database = open_watchdog(settings)
    alive = alive_file(settings.home)
    try:
        while True:
            began = SYSTEM_CLOCK.monotonic()
            alive.touch()
            _tell(await watchdog.turn())
            await asyncio.sleep(max(1.0, settings.watchdog_every_s - (SYSTEM_CLOCK.monotonic() - began)))
    finally:
        database.dispose()


def _tell(turn: Turn) -> None:
    if turn.done or not turn.vouched:
        _log.info(WATCHDOG_TURNED, worst=turn.worst, vouched=turn.vouched, done=[f"{one.act.kind} {one.act.target}: {one.outcome}" for one in turn.done])


def main() -> None:
    """Watch with the settings of the environment."""
    settings = load_settings()
    configure_logging(settings.log_level)
    end_quickly()
    asyncio.run(watch_over(settings))


if __name__ == "__main__":
    main()
