"""The process that serves the HTTP API at a socket that it was given."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.auth.identity import open_identity
from api.events.feed import Feed
from api.http.state import ServiceState
from api.http.wire import MOST_CONNECTIONS, GuardedProtocol
from graphs.heartbeat import Heartbeat
from infra.cache import CHANGES, open_cache
from infra.database import Database
from infra.errors import Invalid
from infra.events import EventBus
from infra.log import configure_logging, get_logger
from infra.processes import end_quickly
from infra.reads import ReadPool
from infra.settings import Settings, load_settings
from memory.analytics_reads import AnalyticsReads
from tools.call import ToolCaller

NAME = "server"
THREADS = 10
STUDIO_CONNECTIONS = 4
_REPLICA_CONNECTIONS = 4
_OF_REPLICA = "-c timezone=UTC -c default_transaction_read_only=on -c statement_timeout=5000"
_STOP_WITHIN_S = 8
_LONGEST_MESSAGE = 65_536
SERVER_STOPPED = "server.stopped"
_log = get_logger("api")


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[ServiceState]:
    """Open everything that the service stands on, with the addresses of a running stack in the settings."""
    if not settings.database_url or not settings.redis_url:
        raise Invalid("DATABASE_URL, REDIS_URL: the service needs the addresses of a running stack; `ytempire up` starts both")
    if not settings.database_api_url:
        raise Invalid("DATABASE_API_URL: the service needs the login of ytempire_api on your server, which sees one tenant's rows at a time (docs/identity.md)")
    studio = Database(settings.database_url, pool_size=STUDIO_CONNECTIONS)
    # Both doors of tenants write times the same way, so that a version that was read is the version that is edited.
    database = Database(settings.database_api_url, pool_size=THREADS, options="-c timezone=UTC")
    try:
        await asyncio.to_thread(database.ensure_isolated)
        async with AsyncExitStack() as stack:
            events = await stack.enter_async_context(EventBus(settings.database_url))
            reads = await stack.enter_async_context(ReadPool(settings.database_api_url))
            analytics = AnalyticsReads(database, _replica(settings))
            stack.callback(analytics.dispose)
            changes = await stack.enter_async_context(EventBus(settings.database_url, CHANGES))
            cache = await stack.enter_async_context(open_cache(settings.redis_url, changes))
            feed = await stack.enter_async_context(Feed(studio, reads, changes))
            yield ServiceState(settings, database, studio, reads, ToolCaller(studio, events, settings), analytics, cache, feed)
    finally:
        database.dispose()
        studio.dispose()


def server_config(app: ASGIApp, protocol: type[GuardedProtocol] = GuardedProtocol) -> uvicorn.Config:
    """Return how the application is served; another protocol with shorter limits is for tests."""
    return uvicorn.Config(
        app,
        http=protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="websockets-sansio",
        ws_max_size=_LONGEST_MESSAGE,
        lifespan="off",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )


def _replica(settings: Settings) -> Database | None:
    if settings.database_replica_url is None:
        return None
    return Database(settings.database_replica_url, pool_size=_REPLICA_CONNECTIONS, options=_OF_REPLICA)


class Server(uvicorn.Server):
    """Uvicorn's server, which ends when told to and leaves signals alone: its own handling would kill the process before the rest is closed."""

    def __init__(self, config: uvicorn.Config, feed: Feed) -> None:
        super().__init__(config)
        self._feed = feed

    def stop(self) -> None:
        """Take no more connections, answer what is being asked, let go of whoever watches, and end."""
        self.should_exit = True
        self._feed.close()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


async def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; what is being answered then is answered."""
    async with open_service(settings) as state, open_identity(settings, state.studio, cache=state.cache) as identity, Heartbeat(state.studio, NAME):
        app = create_app(state, identity.authenticator, identity)
        gc.collect()
        gc.freeze()  # what lives as long as the server is not looked through again and again for garbage, while requests wait
        server = Server(server_config(app), state.feed)
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, server.stop)
        await server.serve([listening])
        _log.info(SERVER_STOPPED)


def main() -> None:
    """Serve with the settings of the environment at the socket whose descriptor is the only argument."""
    settings = load_settings()
    configure_logging(settings.log_level)
    end_quickly()
    with asyncio.Runner(loop_factory=uvicorn.Config("", loop="auto").get_loop_factory()) as runner:
        runner.run(serve(settings, socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    main()
