"""Reads that answer as JSON text made by Postgres: one round trip each over a few connections in pipeline mode, and no object for a row.

Spoken over libpq itself (docs: "Pipeline Mode"), because a read through psycopg's own pipeline costs five times the processor time
(infra/decisions/0010-reads-of-the-service.md).
"""

import asyncio
import re
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import TracebackType
from typing import Self, TypeAlias

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from infra.database import DatabaseUnavailable

Value: TypeAlias = None | str | int | datetime
Row: TypeAlias = tuple[bytes, ...]
# The setting that row-level security reads; for the transaction of its read only.
_AS_TENANT, _BEGIN = b"as_tenant", b"select set_config('ytempire.tenant', $1, true)"
_NAMED = re.compile(r"%\((\w+)\)s")
# Times as ISO 8601 in UTC, and no read that holds a connection for long. Whether a statement is planned once or each time stays the server's choice:
# planned once for any filter, a list of 30,000 videos was sorted whole (198 ms instead of 1 ms).
_OPTIONS = "-c timezone=UTC -c statement_timeout=5000"


class ReadBroken(RuntimeError):
    """Postgres refused a read: a statement of ours is wrong, or lets a value through that no column can hold. A bug, and told to nobody outside."""


class ReadPool:
    """A few connections for reading: `async with ReadPool(url) as reads: rows = await reads.rows(tenant, SQL, {...})`.

    Each read is a transaction of its own that sees one tenant: the tenant and the statement travel together, up to the one Sync that ends both.
    """

    def __init__(self, url: str, size: int = 8, wait_s: float = 5.0) -> None:
        self._url = url
        self._wait_s = wait_s
        self._size = size
        # Empty places connect when they are needed; the last that was used is used next, so that few stay warm. Whoever waits longest is served
        # next: were it left to who comes by first, one of many would wait for seconds.
        self._free: list[_Line | None] = [None] * size
        self._waiting: deque[asyncio.Future[_Line | None]] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for line in self._free:
            _closed(line)
        self._free.clear()

    async def rows(self, tenant: str, statement: str, values: Mapping[str, Value]) -> list[Row]:
        """Return the rows of one read as seen by a tenant, each column as text; raises DatabaseUnavailable, ReadBroken.

        `statement` names its values as psycopg does, `%(id)s`.
        """
        line = await self._take()
        kept = None
        try:
            for fresh in (line is None, True):
                try:
                    line = line or await _Line.open(self._url)
                    found = await line.read(tenant, statement, values)
                except psycopg.OperationalError as error:
                    _closed(line)
                    line = None
                    if fresh:  # an old connection may have been ended by the server meanwhile, and is tried once more
                        raise DatabaseUnavailable(f"Postgres did not answer: {error}") from error
                else:
                    kept = line
                    return found
            raise AssertionError("unreachable")
        except ReadBroken:
            kept = line
            raise
        finally:
            # One that was left in the middle of a read, by a cancelled request, would give its answer to the next.
            if kept is None:
                _closed(line)
            self._give_back(kept)

    def stats(self) -> dict[str, int]:
        """Return how the pool stands: places, those in use, and reads that wait for one."""
        return {"size": self._size, "used": self._size - len(self._free), "waiting": len(self._waiting)}

    async def _take(self) -> "_Line | None":
        if self._free:
            return self._free.pop()
        place: asyncio.Future[_Line | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        taken = False
        try:
            async with asyncio.timeout(self._wait_s):
                line = await place
            taken = True
        except TimeoutError as error:
            raise DatabaseUnavailable(f"Postgres did not answer: every connection for reads was in use for {self._wait_s:g} s") from error
        finally:
            if not taken and place.done() and not place.cancelled():  # given to one who left in the same moment
                self._give_back(place.result())
        return line

    def _give_back(self, line: "_Line | None") -> None:
        while self._waiting:
            if not (place := self._waiting.popleft()).done():
                place.set_result(line)
                return
        self._free.append(line)


class _Line:
    """One connection in pipeline mode, for one read at a time; statements are prepared when they come first."""

    def __init__(self, connection: "psycopg.AsyncConnection[object]") -> None:
        self._connection = connection
        self._wire: PGconn = connection.pgconn
        self._loop = asyncio.get_running_loop()
        self._prepared: dict[str, bytes] = {}
        self._named = 0
        self._ready: asyncio.Future[None] | None = None
        self._watched: int | None = None

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect; raises psycopg.OperationalError."""
        connection: psycopg.AsyncConnection[object] = await psycopg.AsyncConnection.connect(url, autocommit=True, options=_OPTIONS, connect_timeout=5)
        line = cls(connection)
        line._wire.nonblocking = 1
        line._wire.enter_pipeline_mode()
        line._wire.send_prepare(_AS_TENANT, _BEGIN)
        return line

    async def read(self, tenant: str, statement: str, values: Mapping[str, Value]) -> list[Row]:
        """Return the rows of a statement as a tenant sees them."""
        name = self._prepared.get(statement)
        sql, order = _positional(statement)
        if name is None:
            # A number is used once: a statement that was prepared and then refused a value keeps its name.
            self._named += 1
            name = b"read_%d" % self._named
            self._wire.send_prepare(name, sql)
        self._wire.send_query_prepared(_AS_TENANT, [tenant.encode()])
        self._wire.send_query_prepared(name, [_text(values[one]) for one in order])
        self._wire.pipeline_sync()
        rows = await self._answered()
        self._prepared[statement] = name
        return rows

    def close(self) -> None:
        """Close the connection."""
        self._unwatch()
        self._wire.finish()

    async def _answered(self) -> list[Row]:
        """Read up to the end of the transaction and return the rows of its last statement."""
        refused: PGresult | None = None
        last: PGresult | None = None
        self._wire.flush()
        while True:
            await self._readable()
            self._wire.consume_input()
            while not self._wire.is_busy():
                result = self._wire.get_result()
                if result is None:
                    continue
                if result.status == ExecStatus.PIPELINE_SYNC:
                    return _rows_of(last, refused)
                if result.status == ExecStatus.FATAL_ERROR:
                    refused = refused or result
                last = result

    async def _readable(self) -> None:
        """Wait for an answer, and go on sending what the socket did not take yet."""
        self._ready = ready = self._loop.create_future()
        if self._watched is None:
            self._watched = self._wire.socket
            self._loop.add_reader(self._watched, self._arrived)
        try:
            while self._wire.flush():
                await asyncio.wait({ready}, timeout=0.01)
            await ready
        finally:
            self._ready = None

    def _arrived(self) -> None:
        # Watched from one read to the next, which spares each two calls of the system. What comes while nobody reads is most often the server's farewell.
        if self._ready is None:
            self._unwatch()
        elif not self._ready.done():
            self._ready.set_result(None)

    def _unwatch(self) -> None:
        if self._watched is not None:  # by its number, which a connection that is lost does not tell any more
            self._loop.remove_reader(self._watched)
            self._watched = None


def _closed(line: _Line | None) -> None:
    if line is not None:
        line.close()


def _rows_of(last: PGresult | None, refused: PGresult | None) -> list[Row]:
    if refused is not None:
        state = (refused.error_field(DiagnosticField.SQLSTATE) or b"").decode()
        said = refused.error_message.decode("utf-8", "replace").strip()
        # Classes 08, 53, 57 and 58: the server or the system, not the statement (PostgreSQL, Appendix A).
        if state[:2] in {"08", "53", "57", "58"}:
            raise psycopg.OperationalError(said)
        raise ReadBroken(f"Postgres refused a read ({state}): {said}")
    if last is None:
        return []
    columns, value = range(last.nfields), last.get_value
    return [tuple([value(row, column) or b"" for column in columns]) for row in range(last.ntuples)]


@lru_cache(maxsize=512)
def _positional(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement with `$1` for `%(name)s`, and the names in the order of their numbers."""
    order: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        return f"${order.setdefault(found[1], len(order) + 1)}"

    return _NAMED.sub(numbered, statement).encode(), tuple(order)


def _text(value: Value) -> bytes | None:
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if "\x00" in text:  # libpq would end the text there
        raise ReadBroken("a value holds a zero byte, which no text in Postgres can")
    return text.encode()
