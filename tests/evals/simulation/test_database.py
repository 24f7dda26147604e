"""SQL on virtual time: now() and column defaults, notifications after the commit and in order, and a server that is away."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from evals.simulation.bus import LocalBus, Switchboard
from evals.simulation.clock import VirtualClock
from evals.simulation.database import Outlet, open_database
from evals.simulation.loop import VirtualLoop
from infra.database import Database, DatabaseUnavailable, attended
from infra.embedded.postgres import PostgresUrls
from infra.events import Event
from memory.repositories.workers import WorkerRepository, WorkerView

START = datetime(2026, 11, 1, 5, 59, tzinfo=UTC)
WORKER = WorkerView(id="cpu-w_1", queue="cpu", host="simulated", pid=7, process_started=0.0, state="idle", job_id=None, silent_s=0.0)


class Stage:
    """A database, its outlet and a bus under a virtual clock."""

    def __init__(self, urls: PostgresUrls) -> None:
        self.clock = VirtualClock(START)
        self.switchboard = Switchboard()
        self.outlet = Outlet(self.clock, self.switchboard)
        self.database = open_database(urls)

    def play(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with attended(self.outlet), asyncio.Runner(loop_factory=lambda: VirtualLoop(self.clock, 1)) as runner:
            runner.run(work())
        self.database.dispose()


@pytest.fixture
def stage(new_simulated: Callable[[], PostgresUrls]) -> Stage:
    return Stage(new_simulated())


def asked(database: Database, question: str, *, whole: bool = True) -> Any:
    with (database.unit_of_work if whole else database.one_statement)() as session:
        return session.execute(text(question)).scalar()


def test_sql_takes_its_time_from_the_virtual_clock(stage: Stage) -> None:
    async def play() -> None:
        assert asked(stage.database, "select now()") == START
        await asyncio.sleep(3600)
        later = START + timedelta(hours=1)
        assert asked(stage.database, "select now()") == later
        assert asked(stage.database, "select clock_timestamp()", whole=False) == later
        await asyncio.sleep(60)
        assert asked(stage.database, "select now()", whole=False) == later + timedelta(minutes=1)

    stage.play(play)


def test_a_rolled_back_unit_leaves_no_time_behind(stage: Stage) -> None:
    async def play() -> None:
        with suppress(ZeroDivisionError), stage.database.unit_of_work() as session:
            session.execute(text("select 1"))
            raise ZeroDivisionError
        await asyncio.sleep(5)
        assert asked(stage.database, "select now()") == START + timedelta(seconds=5)

    stage.play(play)


def test_no_column_takes_its_default_from_the_real_clock(new_simulated: Callable[[], PostgresUrls]) -> None:
    """Every default that says what time it is was bound to the simulation's function when the schema was made."""
    bound = """
        select c.relname, a.attname from pg_attrdef d join pg_class c on c.oid = d.adrelid join pg_attribute a on a.attrelid = c.oid and a.attnum = d.adnum
        where pg_get_expr(d.adbin, d.adrelid) ~* 'current_timestamp|localtimestamp|pg_catalog.now' or exists (
            select 1 from pg_depend p where p.objid = d.oid and p.refobjid in ('pg_catalog.now()'::regprocedure, 'pg_catalog.clock_timestamp()'::regprocedure))
    """
    named = "select count(*) from pg_attrdef where pg_get_expr(adbin, adrelid) ~ 'now\\(\\)'"
    pinned = "select pg_get_expr(adbin, adrelid) from pg_attrdef where pg_get_expr(adbin, adrelid) ~ 'now\\(\\)'"
    with psycopg.connect(new_simulated().admin) as connection:
        assert connection.execute(bound).fetchall() == []
        row = connection.execute(named).fetchone()
        assert row is not None
        assert row[0] > 20
        connection.execute("set search_path = pg_catalog")
        assert all("simulation.now()" in str(one[0]) for one in connection.execute(pinned))


def test_repositories_see_virtual_time(stage: Stage) -> None:
    async def play() -> None:
        with stage.database.unit_of_work() as session:
            WorkerRepository(session).register(WORKER)
        await asyncio.sleep(40)
        with stage.database.unit_of_work() as session:
            assert [worker.silent_s for worker in WorkerRepository(session).list_living()] == [40.0]
            assert WorkerRepository(session).served_queues() == frozenset()

    stage.play(play)


def test_notifications_come_after_the_commit_and_in_order(stage: Stage) -> None:
    heard: list[Event] = []

    async def play() -> None:
        async with LocalBus(stage.switchboard) as bus:
            bus.subscribe(heard.append)
            with suppress(ZeroDivisionError), stage.database.unit_of_work() as session:
                session.execute(text("select pg_notify('jobs', 'job_0 lost')"))
                raise ZeroDivisionError
            with stage.database.unit_of_work() as session:
                for number in range(50):
                    session.execute(text("select pg_notify('jobs', :payload)"), {"payload": f"job_{number} done"})
                assert heard == []
            with stage.database.one_statement() as session:
                session.execute(text("select pg_notify('jobs', 'job_last done')"))
            with stage.database.unit_of_work() as outer, stage.database.unit_of_work() as inner:
                inner.execute(text("select pg_notify('jobs', 'inner done')"))
                outer.execute(text("select pg_notify('jobs', 'outer done')"))
            assert heard == []
            await asyncio.sleep(0)

    stage.play(play)
    assert [event.subject for event in heard] == [*(f"job_{number}" for number in range(50)), "job_last", "inner", "outer"]


def test_a_server_that_is_away_says_so_and_then_wakes_everybody(stage: Stage) -> None:
    async def play() -> None:
        async with LocalBus(stage.switchboard) as bus:
            with bus.watch("job_1", frozenset({"done"})) as watch:
                stage.outlet.away = stage.switchboard.away = True
                with pytest.raises(DatabaseUnavailable):
                    asked(stage.database, "select 1")
                with pytest.raises(DatabaseUnavailable):
                    asked(stage.database, "select 1", whole=False)
                assert not await watch.changed(5)
                stage.outlet.away = False
                stage.switchboard.return_from_outage()
                assert await watch.changed(5)
                assert asked(stage.database, "select 1") == 1

    stage.play(play)
