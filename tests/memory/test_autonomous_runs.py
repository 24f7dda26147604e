"""Autonomous runs: one wake-up at a time, fenced writes, and an operator who is never overwritten."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from infra.database import Database
from memory.repositories.autonomous_runs import (
    AutonomousKeyReused,
    AutonomousRunEnded,
    AutonomousRunMissing,
    AutonomousRunRepository,
    ChannelsTaken,
    Wake,
    WakeLost,
)
from memory.repositories.named_leases import NamedLeaseLost, NamedLeaseRepository
from tests.memory.autonomy_desk import START, autonomous, begin, wake
from tests.memory.conftest import Studio


def _expire(database: Database) -> None:
    with database.unit_of_work() as session:
        session.execute(text("update autonomous_runs set lease_expires_at = now() - interval '1 second'"))


def test_of_twenty_conductors_one_gets_the_wake_up(studio: Studio) -> None:
    begin(studio.database)
    start = threading.Barrier(10)

    def attempt(number: int) -> Wake | None:
        start.wait()
        with studio.database.unit_of_work() as session:
            return AutonomousRunRepository(session).claim_due(f"conductor_{number}", 30)

    with ThreadPoolExecutor(10) as pool:
        wakes = [found for found in pool.map(attempt, range(20)) if found]
    assert [found.number for found in wakes] == [1]


def test_a_killed_wake_up_is_taken_over_under_its_number_and_the_next_counts_up(studio: Studio) -> None:
    begin(studio.database)
    first = wake(studio.database)
    _expire(studio.database)
    second = wake(studio.database, "conductor_b")
    assert (second.number, second.token) == (first.number, first.token + 1)
    with studio.database.unit_of_work() as session:
        AutonomousRunRepository(session).sleep(second, START, revision=1)
    assert wake(studio.database).number == 2


def test_the_wake_up_of_an_owner_known_to_have_ended_need_not_run_out(studio: Studio) -> None:
    begin(studio.database)
    wake(studio.database, "dead")
    with studio.database.unit_of_work() as session:
        assert AutonomousRunRepository(session).claim_due("b", 30) is None
        assert AutonomousRunRepository(session).claim_due("b", 30, gone=("dead",)) is not None


def test_a_wake_up_that_was_taken_over_can_write_nothing(studio: Studio) -> None:
    begin(studio.database)
    stale = wake(studio.database)
    _expire(studio.database)
    wake(studio.database, "conductor_b")
    writes: list[Callable[[AutonomousRunRepository], object]] = [
        lambda runs: runs.verify(stale),
        lambda runs: runs.renew(stale, 30),
        lambda runs: runs.note(stale, topics=1),
        lambda runs: runs.mark_running(stale),
        lambda runs: runs.pause(stale, "x"),
        lambda runs: runs.stop(stale, "x"),
        lambda runs: runs.sleep(stale, START, 1),
        lambda runs: runs.end(stale, "x"),
    ]
    for write in writes:
        with pytest.raises(WakeLost), studio.database.unit_of_work() as session:
            write(AutonomousRunRepository(session))


def test_an_operators_edit_wakes_the_run_at_once_and_is_not_overwritten(studio: Studio) -> None:
    begin(studio.database)
    held = wake(studio.database)
    with studio.database.unit_of_work() as session:
        AutonomousRunRepository(session).change(held.run_id, status="stopping", stop_reason="the operator said so")
    with studio.database.unit_of_work() as session:
        runs = AutonomousRunRepository(session)
        runs.mark_running(held)
        runs.stop(held, "the deadline")
        runs.note(held, used=["tides"])
        runs.sleep(held, START + timedelta(days=400), revision=1)
    with studio.database.unit_of_work() as session:
        run = AutonomousRunRepository(session).get(held.run_id)
        assert (run.status, run.stop_reason, run.notes) == ("stopping", "the operator said so", {"used": ["tides"]})
    assert wake(studio.database).number == 2


def test_an_ended_run_is_woken_and_changed_no_more(studio: Studio) -> None:
    begin(studio.database)
    held = wake(studio.database)
    with studio.database.unit_of_work() as session:
        AutonomousRunRepository(session).end(held, "deadline")
    with studio.database.unit_of_work() as session:
        runs = AutonomousRunRepository(session)
        runs.hasten(held.run_id)
        assert runs.claim_due("b", 30) is None
        assert runs.next_wake() is None
        assert [run.id for run in runs.list_("ended").items] == [held.run_id]
        with pytest.raises(AutonomousRunEnded, match="deadline"):
            runs.change(held.run_id, status="paused", paused_reason="x")
        with pytest.raises(AutonomousRunMissing):
            runs.change("auto_9")


def test_starting_twice_is_the_same_run_or_a_clear_conflict(studio: Studio) -> None:
    begin(studio.database)
    assert begin(studio.database, "auto_2", key="auto_1") == "auto_1"
    with pytest.raises(AutonomousKeyReused, match="another request"):
        begin(studio.database, "auto_2", key="auto_1", channels=("other",))
    with pytest.raises(ChannelsTaken, match=r"tide_lines: autonomous run auto_1 .* `ytempire runs stop auto_1`"):
        begin(studio.database, "auto_2", channels=("other", "tide_lines"))
    assert begin(studio.database, "auto_2", channels=("other",)) == "auto_2"
    with studio.database.unit_of_work() as session:
        assert [run.id for run in AutonomousRunRepository(session).list_open()] == ["auto_1", "auto_2"]
        assert AutonomousRunRepository(session).next_wake() == START


def test_two_starts_at_once_give_one_run_and_one_conflict(studio: Studio) -> None:
    start = threading.Barrier(2)

    def attempt(number: int) -> str:
        start.wait()
        try:
            with studio.database.unit_of_work() as session:
                return AutonomousRunRepository(session).create(autonomous(f"auto_{number}")).id
        except ChannelsTaken:
            return "conflict"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2)))[1] == "conflict"


def test_a_named_lease_has_one_holder_and_its_token_fences(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        leases = NamedLeaseRepository(session)
        first = leases.acquire("scheduler", "a", 30)
        assert first is not None
        assert leases.acquire("scheduler", "a", 30) == first
        assert leases.acquire("scheduler", "b", 30) is None
        assert leases.holder("scheduler") == "a"
        second = leases.acquire("scheduler", "b", 30, gone="a")
        assert second is not None
        assert second.token == first.token + 1
        with pytest.raises(NamedLeaseLost):
            leases.verify(first)
        leases.verify(second)
        leases.release(first)
        assert leases.holder("scheduler") == "b"
        leases.release(second)
        assert leases.holder("scheduler") is None
        third = leases.acquire("scheduler", "a", 30)
        assert third is not None
        assert third.token == second.token + 1
