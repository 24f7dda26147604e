"""Turns of the watchdog over a real database: what it finds becomes rows, incidents and acts, once each, and silence when nothing changes."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from graphs.watchdog import watchdog as turning
from graphs.watchdog.findings import Limits
from graphs.watchdog.read import Senses
from graphs.watchdog.watchdog import Turn, Watchdog
from infra.database import Database
from infra.deadman import DeadManSignal
from infra.embedded.postgres import PostgresUrls
from infra.errors import Unavailable
from memory.records.runs import RunRecord
from memory.repositories.approvals import ApprovalRepository, NewApproval
from memory.repositories.audit import AuditRepository
from memory.repositories.brakes import Braked, BrakeRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.findings import FindingRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunRepository
from tests.fixtures.vitals import GB, MACHINE, REDIS, ScriptedMachine, unit


class Kennel:
    """A watchdog with its database, its machine and the file of its sign of life."""

    def __init__(self, urls: PostgresUrls, folder: Path) -> None:
        self.admin, self.folder = urls.admin, folder
        self.database = Database(urls.app, pool_size=5)
        self.machine = ScriptedMachine()
        self.redis = REDIS
        senses = Senses(self.database, self.machine, lambda: self.redis, "here")
        self.signal = folder / "run" / "watchdog.signal"
        self.dog = Watchdog(senses, folder / "scratch", Limits(idle_transaction_s=0.2), DeadManSignal(self.signal, None))

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.admin) as connection:
            connection.execute(statement.encode())

    def counts(self) -> dict[str, int]:
        with psycopg.connect(self.admin) as connection:
            names = [name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
            rows = {name: connection.execute(f'select count(*) from "{name}"'.encode()).fetchone() for name in names}
        return {name: row[0] for name, row in rows.items() if row}

    def statuses(self) -> dict[str, str]:
        with self.database.unit_of_work() as session:
            return {one.name: one.status for one in FindingRepository(session).list_()}

    def incidents(self) -> list[tuple[str, str, str]]:
        with self.database.unit_of_work() as session:
            return [(one.key, one.severity, one.status) for one in IncidentRepository(session).list_().items]

    def acts(self) -> list[str]:
        with self.database.unit_of_work() as session:
            return [one.action for one in AuditRepository(session).list_() if one.actor == "watchdog"]


@pytest.fixture
def kennel(database_urls: PostgresUrls, tmp_path: Path) -> Iterator[Kennel]:
    kennel = Kennel(database_urls, tmp_path)
    yield kennel
    kennel.database.dispose()


@pytest.fixture
def waiting(kennel: Kennel) -> str:
    """A run that waits for a person since four days ago."""
    with kennel.database.unit_of_work() as session:
        ChannelRepository(session).ensure("tide_lines", "tide_lines", "Tide Lines")
        runs = RunRepository(session)
        runs.create(RunRecord(id="run_1", channel_id="tide_lines", request={}, provenance="demo"))
        runs.mark_waiting(runs.claim_lease("run_1", "me", 60))
        ApprovalRepository(session).request(NewApproval("run_1", "video", "i", "d" * 64, {"config": {}}))
    kennel.sql("update approvals set created_at = now() - interval '4 days'")
    return "run_1"


async def test_a_healthy_studio_costs_the_same_rows_however_often_it_is_looked_at(kennel: Kennel) -> None:
    first = await kennel.dog.turn()
    assert (first.worst, first.vouched, first.done) == ("ok", True, ())
    before = kennel.counts()
    assert before["findings"] == len(first.judgements)
    signs = set()
    for _ in range(5):
        assert (await kennel.dog.turn()).vouched
        signs.add(kennel.signal.read_text())
    assert kennel.counts() == before
    assert len(signs) == 5
    assert kennel.incidents() == []


async def test_trouble_that_stays_becomes_one_incident_and_is_resolved_when_it_is_over(kennel: Kennel) -> None:
    kennel.redis = replace(REDIS, written=False)
    await kennel.dog.turn()
    assert kennel.incidents() == []
    for _ in range(4):
        await kennel.dog.turn()
    assert kennel.statuses()["redis"] == "critical"
    assert kennel.incidents() == [("watchdog:redis", "critical", "open")]
    kennel.redis = REDIS
    for _ in range(3):
        await kennel.dog.turn()
    assert kennel.incidents() == [("watchdog:redis", "critical", "resolved")]
    with psycopg.connect(kennel.admin) as connection:
        subjects = [subject for (subject,) in connection.execute("select subject from messages order by created_at")]
    assert subjects == ["critical: watchdog redis", "over: redis"]


async def test_a_question_that_nobody_answers_expires_as_a_no(kennel: Kennel, waiting: str) -> None:
    turn = await kennel.dog.turn()
    assert [(done.act.kind, done.changed) for done in turn.done] == [("expire_approval", True)]
    with kennel.database.unit_of_work() as session:
        (asked,) = ApprovalRepository(session).list_(status="expired").items
        assert (asked.decided_by, asked.decision) == ("expiry", {"type": "ignore", "by": "expiry", "args": "nobody answered within 72 h"})
        assert [event.kind for event in RunEventRepository(session).list_(waiting)] == ["approval.expired"]
    assert kennel.acts() == ["approvals.expired"]
    assert [done for done in (await kennel.dog.turn()).done if done.changed] == []


async def test_a_session_that_sleeps_in_its_transaction_is_ended_and_a_working_one_is_not(kennel: Kennel, database_urls: PostgresUrls) -> None:
    async with await psycopg.AsyncConnection.connect(database_urls.app) as worker:
        working = asyncio.create_task(worker.execute("select pg_sleep(60)"))
        with psycopg.connect(database_urls.app) as sleeper:
            sleeper.execute("select 1")
            # Idle time is what it is for Postgres: looked at until it is long enough, however quick or slow the turns are.
            async with asyncio.timeout(10):
                while not kennel.acts():
                    await kennel.dog.turn()
            with pytest.raises(psycopg.OperationalError):
                sleeper.execute("select 1")
        await kennel.dog.turn()
        assert kennel.acts() == ["session.ended"]
        worker.cancel()
        with pytest.raises(psycopg.errors.QueryCanceled):
            await working


async def test_a_full_disk_brakes_and_room_lets_go_on(kennel: Kennel) -> None:
    old = kennel.folder / "scratch" / "job_1-3"
    old.mkdir(parents=True)
    (kennel.folder / "scratch" / "job_2-1").mkdir()
    os.utime(old, (0, 0))
    kennel.machine.reading = replace(MACHINE, disk_free=GB // 2)
    await kennel.dog.turn()
    with kennel.database.unit_of_work() as session:
        assert [one.scope for one in BrakeRepository(session).list_()] == ["launches", "tool:render_video"]
        with pytest.raises(Braked, match="launches are held back by the watchdog: 500 MB are free"):
            BrakeRepository(session).ensure_free("launches")
    assert [path.name for path in (kennel.folder / "scratch").iterdir()] == ["job_2-1"]
    kennel.machine.reading = MACHINE
    await kennel.dog.turn()
    with kennel.database.unit_of_work() as session:
        assert BrakeRepository(session).list_() == ()
    assert kennel.acts() == ["scratch.pruned", "work.braked", "work.braked", "work.released", "work.released"]


async def test_a_runner_that_does_not_move_is_restarted_where_it_is_ours_and_a_persons_command_is_left_alone(kennel: Kennel, waiting: str) -> None:
    kennel.machine.reading = replace(MACHINE, units=(unit("conductor"),))
    kennel.sql("delete from approvals")

    async def stuck(pid: int) -> list[tuple[str, bool]]:
        lease = f"lease_owner = 'here|{pid}|1.00|abcd', lease_expires_at = now() + interval '1 minute'"
        kennel.sql(f"update runs set status = 'running', created_at = now() - interval '1 day', started_at = now() - interval '1 hour', {lease}")
        return [(done.outcome, done.changed) for done in (await kennel.dog.turn()).done]

    ((said, changed),) = await stuck(1234)
    assert "a command of a person's, which is left alone" in said
    assert not changed
    assert await stuck(4711) == [("killed conductor, which its supervisor starts again", True)]
    assert await stuck(4711) == []
    assert kennel.machine.done == [("restart", 4711)]


async def test_without_its_database_the_watchdog_goes_on_but_gives_no_sign_of_life(kennel: Kennel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await kennel.dog.turn()).vouched
    sign = kennel.signal.read_text()
    kennel.sql("alter role ytempire_app nologin")
    try:
        kennel.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
        kennel.machine.reading = replace(MACHINE, units=(unit(stopped=True),))
        turn = await kennel.dog.turn()
    finally:
        kennel.sql("alter role ytempire_app login")
    assert (turn.worst, turn.vouched) == ("critical", False)
    assert kennel.machine.done == [("restart", 4711)]
    assert kennel.signal.read_text() == sign
    kennel.machine.reading = MACHINE
    assert (await kennel.dog.turn()).vouched


async def test_a_server_that_answers_nothing_does_not_hold_the_turn_up(kennel: Kennel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turning, "READ_WITHIN_S", 0.3)
    with psycopg.connect(kennel.admin) as blocker:
        blocker.execute("lock table runs in access exclusive mode")
        turns: list[Turn] = [await kennel.dog.turn() for _ in range(3)]
    assert {turn.vouched for turn in turns} == {False}
    assert "no answer within" in next(one.said for one in turns[-1].judgements if one.name == "database")
    await kennel.dog.turn()
    assert (await kennel.dog.turn()).vouched


async def test_an_alarm_that_reaches_nobody_withholds_the_sign_of_life(kennel: Kennel) -> None:
    kennel.sql(
        "insert into messages (id, key, kind, severity, subject, body, created_at) values ('m', 'k', 'x', 'critical', 's', 'b', now() - interval '1 hour')"
    )
    kennel.sql("insert into message_deliveries (message_id, address, label) values ('m', 'a', 'mail')")
    turn = await kennel.dog.turn()
    assert (turn.vouched, kennel.signal.exists()) == (False, False)


async def test_a_queue_server_that_is_away_is_told(kennel: Kennel) -> None:
    def refuse() -> None:
        raise Unavailable("Redis does not answer")

    senses = Senses(kennel.database, kennel.machine, refuse, "here")  # type: ignore[arg-type]
    turn = await Watchdog(senses, kennel.folder, Limits()).turn()
    assert [(one.name, one.status) for one in turn.judgements if one.status != "ok"] == [("redis", "critical")]
