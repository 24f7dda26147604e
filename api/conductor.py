"""`python -m api.conductor`: wakes autonomous runs, drives their productions and shows their videos while the stack is up."""

import asyncio
import signal

from graphs.agent_tasks import AgentTasks
from graphs.checkpoint import open_checkpointers
from graphs.fleet import Fleet
from graphs.heartbeat import Heartbeat
from graphs.orchestrator import Orchestrator
from graphs.runbook import RunBook
from infra.database import Database
from infra.errors import Invalid
from infra.events import EventBus
from infra.log import configure_logging, get_logger
from infra.processes import end_quickly
from infra.settings import Settings, load_settings
from memory.audit_sealing import AuditSealer
from tools.call import ToolCaller

NAME = "conductor"
# What falls due is found within this time: while something is being made, and at rest.
BUSY_S, QUIET_S = 1.0, 3.0
CONDUCTOR_STOPPED = "conductor.stopped"
_log = get_logger("conductor")


async def conduct(settings: Settings, stop: asyncio.Event) -> None:
    """Turn the fleet until told to stop; what is under way is given back then, and gone on with by whoever conducts next."""
    if settings.database_url is None:
        raise Invalid("DATABASE_URL: the conductor needs the address of a running stack's database")
    database = Database(settings.database_url)
    try:
        async with EventBus(settings.database_url) as events, open_checkpointers(settings.database_url) as checkpointers:
            book = RunBook(settings, database, ToolCaller(database, events, settings))
            fleet, agents = Fleet(book, checkpointers, Orchestrator(book, checkpointers)), AgentTasks(book)
            try:
                async with Heartbeat(database, NAME):
                    await _turn((fleet, agents), AuditSealer(database), stop)
            finally:
                await agents.stop()
                await fleet.stop()
                _log.info(CONDUCTOR_STOPPED)
    finally:
        database.dispose()


async def _turn(workers: tuple[Fleet, AgentTasks], sealer: AuditSealer, stop: asyncio.Event) -> None:
    (fleet, agents), swept = workers, False
    while not stop.is_set():
        turned, begun = await fleet.turn(), await agents.turn()
        await asyncio.to_thread(sealer.turn)
        if not swept and not turned.quiet:
            await fleet.sweep()
            swept = True
        pause = BUSY_S if fleet.driving or agents.playing or begun or not turned.quiet else QUIET_S
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            continue


async def _until_signalled(settings: Settings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await conduct(settings, stop)


def main() -> None:
    """Conduct with the settings of the environment."""
    settings = load_settings()
    configure_logging(settings.log_level)
    end_quickly()
    asyncio.run(_until_signalled(settings))


if __name__ == "__main__":
    main()
