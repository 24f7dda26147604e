"""The one door to SQLAlchemy's engine: pooled, checked connections and one transaction per unit of work."""

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session as Session  # handed on: above memory a session is only passed to repositories
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import Pool

from infra.errors import Forbidden, Invalid, Unavailable

# What a unit of work hands out, for code that takes part in somebody else's.
UnitOfWork: TypeAlias = Session
_TENANT_ID = re.compile(r"[a-z0-9_]{1,80}")
_ROLE = """
    select r.rolname, r.rolsuper, r.rolbypassrls, exists (select from pg_class c where c.relowner = r.oid and c.relnamespace = 'public'::regnamespace),
        exists (select from pg_roles a where a.rolname = 'ytempire_app' and pg_has_role(r.oid, a.oid, 'member'))
    from pg_roles r where r.rolname = current_user
"""


class DatabaseUnavailable(Unavailable):
    """Postgres did not answer, or ended the session; nothing of the unit of work was kept."""

    code = "database_unavailable"


class NotIsolated(Forbidden):
    """The role that requests of tenants would be served as sees more than one tenant's rows."""

    code = "not_isolated"


class _Shared:
    """The engines that all databases of one address share, while an attendant is there or inside `shared_engines`.

    What a tool opens for one call would cost more than the call.
    """

    engines: dict[str, Engine] | None = None
    # Whether those who ask for checked connections get them: a simulated server is not restarted behind its engines.
    checks = False
    lock = threading.Lock()


class Database:
    """Connections to one Postgres database. `url` is a libpq URL such as `postgresql://user:pw@/db?host=/socket/folder`.

    `checked=False` spares the round trip of a check before each use, for callers that repeat failed work; `options` are libpq's (`-c name=value`).
    """

    def __init__(self, url: str, pool_size: int = 5, *, checked: bool = True, options: str = "") -> None:
        self.url = url
        self._pool_size = pool_size
        self._checked = checked
        self._options = options

    @cached_property
    def engine(self) -> Engine:
        """The SQLAlchemy engine; unless switched off, connections are checked before use, so a restarted server is not noticed."""
        shared = _Shared.engines
        if shared is None:
            return self._new_engine(self._checked)
        checked = self._checked and _Shared.checks
        key = f"{self.url} {self._options} {checked}"
        with _Shared.lock:
            if key not in shared:
                shared[key] = self._new_engine(checked)
            return shared[key]

    def _new_engine(self, checked: bool) -> Engine:
        url = make_url(self.url).set(drivername="postgresql+psycopg")
        arguments = {"options": self._options} if self._options else {}
        return create_engine(url, pool_pre_ping=checked, pool_size=self._pool_size, max_overflow=5, connect_args=arguments)

    @cached_property
    def _sessions(self) -> sessionmaker[Session]:
        return sessionmaker(self.engine, expire_on_commit=False)

    @cached_property
    def _statements(self) -> sessionmaker[Session]:
        return sessionmaker(self.engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False)

    @contextmanager
    def unit_of_work(self, tenant: str | None = None) -> Iterator[Session]:
        """Yield a session whose work is committed as a whole at the end, or rolled back as a whole on an error.

        With `tenant`, as the role `ytempire_api`, it sees and changes that tenant's rows only. Raises DatabaseUnavailable when the server cannot be
        reached or ends the session.
        """
        try:
            with self._sessions.begin() as session:
                if tenant is not None:
                    _bind(session.connection(), tenant)
                yield session
        except (OperationalError, InterfaceError) as error:
            raise DatabaseUnavailable(f"Postgres did not answer: {error.orig}") from error

    @contextmanager
    def one_statement(self) -> Iterator[Session]:
        """Yield a session whose every statement is a transaction of its own, without the round trips of begin and commit.

        For code that runs a single statement; raises DatabaseUnavailable as `unit_of_work` does.
        """
        try:
            with self._statements() as session:
                yield session
        except (OperationalError, InterfaceError) as error:
            raise DatabaseUnavailable(f"Postgres did not answer: {error.orig}") from error

    def ensure_isolated(self, setting: str = "DATABASE_API_URL") -> None:
        """Raise NotIsolated when row-level security does not hold this role: it is above it, owns the tables, or may act as the studio itself."""
        with self.engine.connect() as connection:
            name, is_super, bypasses, owns, is_app = connection.execute(text(_ROLE)).one()
        if is_super or bypasses or owns or is_app:
            held = "a superuser" if is_super else "above row security" if bypasses else "the owner of the tables" if owns else "the studio's own role"
            raise NotIsolated(f"{setting}: the role {name} is {held} and would see every tenant's rows; connect as ytempire_api", role=name)

    def ping(self) -> None:
        """Run a real query; raises when the server cannot answer."""
        with self.engine.connect() as connection:
            connection.execute(text("select 1"))

    def dispose(self) -> None:
        """Close every pooled connection, and what a thread still works with as soon as it gives it back.

        Those that databases share under an attendant stay for the others.
        """
        if _Shared.engines is None or self.engine not in _Shared.engines.values():
            left = self.engine.pool
            self.engine.dispose()
            event.listen(left, "checkin", _close)


def _close(connection: Any, _: object) -> None:
    if connection is not None:
        connection.close()


def _bind(connection: Connection, tenant: str) -> None:
    """Tell the connection's transaction, and only it, whose rows it may see; begun in the same round trip, which every request saves."""
    if not _TENANT_ID.fullmatch(tenant):
        raise Invalid(f"tenant: {tenant!r} is not 1 to 80 small letters, digits and underscores")
    server: psycopg.Connection[Any] = connection.connection.dbapi_connection  # type: ignore[assignment]
    begin = "begin; " if server.pgconn.transaction_status == TransactionStatus.IDLE else ""
    done = server.pgconn.exec_(f"{begin}select set_config('ytempire.tenant', '{tenant}', true)".encode())
    if done.status != ExecStatus.TUPLES_OK:
        raise DatabaseUnavailable(f"Postgres did not begin a transaction: {done.error_message.decode(errors='replace').strip()}")


@contextmanager
def shared_engines() -> Iterator[None]:
    """Let databases of the same address share one engine of this process inside the block, so that a database opened for one call opens no connection."""
    before = _Shared.engines, _Shared.checks
    _Shared.engines, _Shared.checks = {}, True
    try:
        yield
    finally:
        engines, (_Shared.engines, _Shared.checks) = _Shared.engines, before
        for engine in engines.values():
            engine.dispose()


class Attendant(Protocol):
    """Who is told of every connection of this process while it is used; a simulation gives SQL its time and its outages this way."""

    def opened(self, connection: "psycopg.Connection[Any]") -> None:
        """A connection was made."""
        ...

    def begins(self, connection: "psycopg.Connection[Any]") -> None:
        """A transaction, or a statement of its own, is about to run. Raising psycopg.OperationalError is what a server does that is away."""
        ...

    def returned(self, connection: "psycopg.Connection[Any]") -> None:
        """A unit of work has ended and its connection is idle."""
        ...


@contextmanager
def attended(attendant: Attendant) -> Iterator[None]:
    """Let `attendant` be told of every connection of every database inside the block."""

    def begins(connection: Connection) -> None:
        try:
            attendant.begins(connection.connection.dbapi_connection)  # type: ignore[arg-type]
        except psycopg.OperationalError as error:
            raise OperationalError("begin", None, error) from error

    def opened(connection: Any, _record: object) -> None:
        attendant.opened(connection)

    def returned(connection: Any, _record: object) -> None:
        if connection is not None:
            attendant.returned(connection)

    with ExitStack() as undo:
        for target, name, told in ((Engine, "begin", begins), (Pool, "connect", opened), (Pool, "checkin", returned)):
            event.listen(target, name, told)
            undo.callback(event.remove, target, name, told)
        undo.enter_context(_shared_engines())
        yield


@contextmanager
def _shared_engines() -> Iterator[None]:
    engines = _Shared.engines = {}
    try:
        yield
    finally:
        _Shared.engines = None
        for engine in engines.values():
            engine.dispose()
