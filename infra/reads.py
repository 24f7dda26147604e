"""Reads that answer as JSON text made by Postgres: one round trip each over pooled asynchronous connections, and no object for a row."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, LiteralString, Self

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from infra.database import DatabaseUnavailable

_Connection = psycopg.AsyncConnection[TupleRow]
# The setting that row-level security reads; for this transaction only.
_AS_TENANT = "select set_config('ytempire.tenant', %s, true)"


class ReadPool:
    """Connections for reading: `async with ReadPool(url) as reads: rows = await reads.rows(tenant, SQL, {...})`.

    Each read is a transaction of its own that sees one tenant; statement and tenant travel together, so it costs one round trip.
    """

    def __init__(self, url: str, size: int = 8, wait_s: float = 5.0) -> None:
        # A check before each use would double the round trips; one that broke is thrown away by the pool, and the read is repeated once.
        self._pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
            url, min_size=1, max_size=size, open=False, timeout=wait_s, kwargs={"autocommit": True, "options": "-c timezone=UTC"}, name="reads"
        )

    async def __aenter__(self) -> Self:
        await self._pool.open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._pool.close()

    async def rows(self, tenant: str, statement: LiteralString, values: Mapping[str, Any]) -> list[TupleRow]:
        """Return the rows of one read as seen by a tenant; raises DatabaseUnavailable."""
        try:
            return await self._read(tenant, statement, values)
        except psycopg.OperationalError:  # a connection that the server ended meanwhile: nothing was done, so once more
            return await self._again(tenant, statement, values)

    def stats(self) -> dict[str, int]:
        """Return how the pool stands: sizes, waits and errors."""
        return self._pool.get_stats()

    async def _again(self, tenant: str, statement: LiteralString, values: Mapping[str, Any]) -> list[TupleRow]:
        try:
            await self._pool.check()
            return await self._read(tenant, statement, values)
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise DatabaseUnavailable(f"Postgres did not answer: {error}") from error

    async def _read(self, tenant: str, statement: LiteralString, values: Mapping[str, Any]) -> list[TupleRow]:
        async with self._pool.connection() as connection, _one_trip(connection):
            await connection.execute(_AS_TENANT, (tenant,))
            cursor = await connection.execute(statement, values)
            return await cursor.fetchall()


@asynccontextmanager
async def _one_trip(connection: _Connection) -> AsyncIterator[None]:
    """Send what is executed inside together: until the first result is asked for, it is one transaction."""
    async with connection.pipeline():
        yield
