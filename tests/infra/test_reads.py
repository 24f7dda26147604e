"""Reads in pipeline mode: one tenant each, nothing left for the next, and connections that break are replaced."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from infra.database import DatabaseUnavailable
from infra.embedded.postgres import PostgresUrls
from infra.reads import ReadBroken, ReadPool

_WHO = "select current_setting('ytempire.tenant', true), pg_backend_pid()"


@pytest.fixture
async def reads(database_urls: PostgresUrls) -> AsyncIterator[ReadPool]:
    """A pool of two connections."""
    async with ReadPool(database_urls.api, size=2, wait_s=0.2) as pool:
        yield pool


async def test_values_are_named_and_may_come_twice_or_be_missing(reads: ReadPool) -> None:
    statement = "select %(b)s::text || %(a)s::text || %(b)s::text, %(none)s::text is null, %(number)s::int + 1"
    assert await reads.rows("t", statement, {"a": "é'", "b": "x", "none": None, "number": 41}) == [("xé'x".encode(), b"t", b"42")]


async def test_each_read_sees_its_own_tenant_and_leaves_none_behind(reads: ReadPool) -> None:
    found = await asyncio.gather(*(reads.rows(f"tenant_{number}", _WHO, {}) for number in range(40)))
    assert [rows[0][0].decode() for rows in found] == [f"tenant_{number}" for number in range(40)]
    assert len({rows[0][1] for rows in found}) == 2
    assert reads.stats() == {"size": 2, "used": 0, "waiting": 0}


async def test_a_refused_read_spoils_neither_the_connection_nor_the_statement(reads: ReadPool) -> None:
    (_, before) = (await reads.rows("t", _WHO, {}))[0]
    statement = "select 1 / %(by)s::int"
    for _ in range(2):
        with pytest.raises(ReadBroken, match="division by zero"):
            await reads.rows("t", statement, {"by": 0})
    with pytest.raises(ReadBroken, match="no_such_table"):
        await reads.rows("t", "select * from no_such_table", {})
    assert await reads.rows("t", statement, {"by": 1}) == [(b"1",)]
    assert (await reads.rows("t", _WHO, {}))[0][1] == before


async def test_a_value_that_no_text_can_hold_is_refused_and_not_cut(reads: ReadPool) -> None:
    with pytest.raises(ReadBroken, match="zero byte"):
        await reads.rows("t", "select %(a)s::text", {"a": "a\x00b"})
    assert await reads.rows("t", "select 1", {}) == [(b"1",)]


async def test_a_connection_that_the_server_ended_is_replaced_unnoticed(reads: ReadPool, admin_database_url: str) -> None:
    pid = int((await reads.rows("t", _WHO, {}))[0][1])
    with psycopg.connect(admin_database_url, autocommit=True) as admin:
        admin.execute("select pg_terminate_backend(%s, 5000)", (pid,))
    rows = await reads.rows("t", _WHO, {})
    assert (rows[0][0], int(rows[0][1]) != pid) == (b"t", True)


async def test_a_read_that_was_given_up_leaves_its_answer_to_nobody(reads: ReadPool) -> None:
    slow = asyncio.create_task(reads.rows("a", "select 'slow', pg_sleep(0.5)", {}))
    await asyncio.sleep(0.05)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    found = await asyncio.gather(*(reads.rows("b", "select %(n)s::int", {"n": number}) for number in range(10)))
    assert found == [[(str(number).encode(),)] for number in range(10)]


async def test_a_large_answer_and_a_large_question_come_whole(reads: ReadPool) -> None:
    text = "é" * 2_000_000
    assert await reads.rows("t", "select %(a)s::text", {"a": text}) == [(text.encode(),)]


async def test_who_waits_too_long_for_a_connection_is_told(reads: ReadPool) -> None:
    slow = [asyncio.create_task(reads.rows("t", "select pg_sleep(1)", {})) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(DatabaseUnavailable, match="in use"):
        await reads.rows("t", "select 1", {})
    await asyncio.gather(*slow)


async def test_no_server_is_told_as_such(tmp_path: object) -> None:
    async with ReadPool(f"postgresql://nobody@/none?host={tmp_path}") as pool:
        with pytest.raises(DatabaseUnavailable):
            await pool.rows("t", "select 1", {})
