"""The one door to SQLAlchemy's engine: pooled, checked connections and one transaction per unit of work."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session as Session  # handed on: above memory a session is only passed to repositories
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import Pool

from infra.errors import Unavailable

# What a unit of work hands out, for code that takes part in somebody else's.
UnitOfWork: TypeAlias = Session


class DatabaseUnavailable(Unavailable):
    """Postgres did not answer, or ended the session; nothing of the unit of work was kept."""

    code = "database_unavailable"


class _Shared:
    """The engines that all databases of one address share while an attendant is there: what a tool opens for one call costs a simulation more than the call."""

    engines: dict[str, Engine] | None = None


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
        key = f"{self.url} {self._options}"
        if key not in shared:
            shared[key] = self._new_engine(checked=False)
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
    def unit_of_work(self) -> Iterator[Session]:
        """Yield a session whose work is committed as a whole at the end, or rolled back as a whole on an error.

        Raises DatabaseUnavailable when the server cannot be reached or ends the session.
        """
        try:
            with self._sessions.begin() as session:
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

    def ping(self) -> None:
        """Run a real query; raises when the server cannot answer."""
        with self.engine.connect() as connection:
            connection.execute(text("select 1"))

    def dispose(self) -> None:
        """Close every pooled connection; those that databases share under an attendant stay for the others."""
        if _Shared.engines is None or self.engine not in _Shared.engines.values():
            self.engine.dispose()


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
