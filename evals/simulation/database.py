"""The simulated studio's database: a real Postgres whose SQL takes its time from the virtual clock, and that can be away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Notify, sql
from psycopg.pq import ExecStatus

from evals.simulation.bus import Switchboard
from evals.simulation.clock import VirtualClock
from graphs.checkpoint import setup_checkpoints
from infra.database import Database
from infra.embedded.postgres import EmbeddedPostgres, PostgresUrls
from infra.errors import Unavailable
from infra.events import CHANNEL
from memory.migrations import migrate

# Nothing of a simulation need survive a power cut. Nothing may run by itself either: a vacuum at a moment of its own would move rows and change their order.
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "256MB",
    "summarize_wal": "off",
    "autovacuum": "off",
    # Two connections of one thread would wait for each other for ever.
    "lock_timeout": "2s",
}
_TEMPLATE = "simulation_template"
# Before the system's own functions of these names; tables are still made in `public`.
_PATH = "public, simulation, pg_catalog"
_TIME = """
create schema simulation;
grant usage on schema simulation to public;
create function simulation.now() returns timestamptz language sql stable parallel safe
    as $$ select pg_catalog.current_setting('simulation.now')::timestamptz $$;
create function simulation.clock_timestamp() returns timestamptz language sql stable parallel safe
    as $$ select pg_catalog.current_setting('simulation.now')::timestamptz $$;
"""


class SimulatedServer:
    """A Postgres for simulations, each of which gets a database of its own."""

    def __init__(self, home: Path) -> None:
        self._server = EmbeddedPostgres(home, OPTIONS)

    @contextmanager
    def running(self) -> Iterator["SimulatedServer"]:
        """Run the server, with a migrated template, inside the block."""
        self._server.start()
        try:
            template = self._server.create_database(_TEMPLATE)
            with psycopg.connect(template.admin, autocommit=True) as connection:
                connection.execute(_TIME)
            self._take_time(template)
            migrate(template.admin)
            setup_checkpoints(template.admin)
            yield self
        finally:
            self._server.stop()

    def new_database(self, name: str) -> PostgresUrls:
        """Create a migrated database."""
        urls = self._server.create_database(name, template=_TEMPLATE)
        self._take_time(urls)
        return urls

    def _take_time(self, urls: PostgresUrls) -> None:
        """Let every new connection of the database take the time from a setting that a simulation changes."""
        name = sql.Identifier(urls.name)
        with psycopg.connect(urls.admin, autocommit=True) as connection:
            connection.execute(sql.SQL("alter database {} set search_path = {}").format(name, sql.SQL(_PATH)))
            connection.execute(sql.SQL("alter database {} set simulation.now = '2000-01-01 00:00:00+00'").format(name))


class Outlet:
    """Attends to every connection: tells it the virtual time, takes its notifications to the switchboard, and cuts it off while the server is away."""

    def __init__(self, clock: VirtualClock, switchboard: Switchboard) -> None:
        self._clock = clock
        self._switchboard = switchboard
        self._told: dict[int, bytes] = {}
        self.away = False
        self.units = 0

    def ensure_there(self) -> None:
        """Raise what a client of a server gets that is away."""
        if self.away:
            raise psycopg.OperationalError("the simulated server is away")

    def opened(self, connection: "psycopg.Connection[Any]") -> None:
        """Listen over the connection: a backend tells its own notifications with its answer, so that their order is certain."""
        _run(connection, f"listen {CHANNEL}".encode())
        pid = connection.info.backend_pid
        self._told.pop(pid, None)  # of an earlier connection whose backend had the same number
        connection.add_notify_handler(lambda notice: self._hear(notice, pid))

    def begins(self, connection: "psycopg.Connection[Any]") -> None:
        """Tell the connection what time it is, in one round trip with the beginning of its transaction."""
        self.ensure_there()
        self.units += 1
        now = self._clock.database_now().isoformat(" ").encode()
        pid = connection.info.backend_pid
        if not connection.autocommit:
            _run(connection, b"begin; set local simulation.now = '" + now + b"'")
        elif self._told.get(pid) != now:
            self._told[pid] = now
            _run(connection, b"set simulation.now = '" + now + b"'")

    def returned(self, connection: "psycopg.Connection[Any]") -> None:
        """Take what was announced to the switchboard."""
        pid = connection.info.backend_pid
        while (notice := connection.pgconn.notifies()) is not None:
            self._hear(Notify(notice.relname.decode(), notice.extra.decode(), notice.be_pid), pid)

    def _hear(self, notice: Notify, pid: int) -> None:
        # Those of other connections are told by those.
        if notice.pid == pid:
            self._switchboard.announce(notice.channel, notice.payload)


def open_database(urls: PostgresUrls) -> Database:
    """Return the studio's connections to a simulated database."""
    return Database(urls.app, pool_size=5, checked=False)


def _run(connection: "psycopg.Connection[Any]", statement: bytes) -> None:
    done = connection.pgconn.exec_(statement)
    if done.status != ExecStatus.COMMAND_OK:
        raise Unavailable(f"the simulated server refused {statement!r}: {done.error_message.decode(errors='replace')}")


class IdleHearts:
    """Writes the heartbeats of all idle workers with one statement, only when somebody is about to look: they are most of what an idle studio writes."""

    def __init__(self, url: str, clock: VirtualClock, fresh_s: float) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._clock = clock
        self._fresh_s = fresh_s
        self._last_s = -fresh_s

    def beat(self, worker_ids: list[str]) -> None:
        """Write the heartbeats, unless they are fresh."""
        if worker_ids and self._clock.monotonic() - self._last_s >= self._fresh_s:
            self._last_s = self._clock.monotonic()
            self._connection.execute(
                "update workers set heartbeat_at = %s, job_id = null, state = 'idle' where id = any(%s) and state <> 'stopped'",
                [self._clock.database_now(), worker_ids],
            )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
