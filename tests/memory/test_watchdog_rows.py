"""What processes tell of themselves, what the watchdog found, and the brakes it put on: one row each, however often it is told."""

import psycopg
import pytest

from infra.database import Database
from memory.repositories.brakes import LAUNCHES, Braked, BrakeRepository, tool_brake
from memory.repositories.findings import Finding, FindingRepository
from memory.repositories.heartbeats import HeartbeatRepository, Pulse


def later(admin_database_url: str, seconds: float) -> None:
    """Let time pass for what was written so far."""
    with psycopg.connect(admin_database_url) as connection:
        connection.execute(
            "update heartbeats set at = at - make_interval(secs => %s), progress_at = progress_at - make_interval(secs => %s)", (seconds, seconds)
        )
        connection.execute("update findings set since = since - make_interval(secs => %s)", (seconds,))
        connection.execute("update brakes set expires_at = expires_at - make_interval(secs => %s)", (seconds,))


def pulse(database: Database, name: str) -> Pulse:
    with database.unit_of_work() as session:
        return next(one for one in HeartbeatRepository(session).list_() if one.name == name)


def beat(database: Database, progress: str | None) -> None:
    with database.unit_of_work() as session:
        HeartbeatRepository(session).beat("conductor", progress, within_s=30, details={"runs": 2})


def test_a_process_that_lives_but_does_not_move_is_told_from_one_that_moves_and_from_one_without_work(database: Database, admin_database_url: str) -> None:
    beat(database, "slot 1")
    later(admin_database_url, 100)
    silent = pulse(database, "conductor")
    assert (silent.silent_s >= 100, silent.stalled_s >= 100, silent.within_s, silent.details) == (True, True, 30, {"runs": 2})
    beat(database, "slot 1")
    stalled = pulse(database, "conductor")
    assert (stalled.silent_s < 50, stalled.stalled_s >= 100) == (True, True)
    beat(database, "slot 2")
    assert pulse(database, "conductor").stalled_s < 50
    later(admin_database_url, 100)
    beat(database, None)
    assert pulse(database, "conductor").stalled_s == 0
    with database.unit_of_work() as session:
        HeartbeatRepository(session).forget("conductor")
        assert HeartbeatRepository(session).list_() == ()


def test_a_finding_keeps_since_when_it_holds_in_a_single_row(database: Database, admin_database_url: str) -> None:
    def say(status: str) -> None:
        with database.unit_of_work() as session:
            FindingRepository(session).record(Finding("disk", status, "said", "fix", {"free": 3}))

    say("warning")
    later(admin_database_url, 100)
    say("warning")
    with database.unit_of_work() as session:
        (row,) = FindingRepository(session).list_()
        assert (row.at - row.since).total_seconds() >= 100
    say("ok")
    with database.unit_of_work() as session:
        (row,) = FindingRepository(session).list_()
        assert (row.status, row.reading, (row.at - row.since).total_seconds()) == ("ok", {"free": 3}, 0)
        FindingRepository(session).keep_only(["memory"])
        assert FindingRepository(session).list_() == ()


def test_a_brake_holds_work_back_until_it_lapses_or_is_taken_off(database: Database, admin_database_url: str) -> None:
    with database.unit_of_work() as session:
        brakes = BrakeRepository(session)
        brakes.ensure_free(LAUNCHES)
        assert (brakes.put(LAUNCHES, "the disk is nearly full", "watchdog", 60), brakes.put(LAUNCHES, "still", "watchdog", 60)) == (True, False)
        brakes.put(tool_brake("render_video"), "the disk is full", "watchdog", 600)
        with pytest.raises(Braked, match="launches are held back by the watchdog: still"):
            brakes.ensure_free(LAUNCHES)
    later(admin_database_url, 100)
    with database.unit_of_work() as session:
        brakes = BrakeRepository(session)
        brakes.ensure_free(LAUNCHES)
        assert [one.scope for one in brakes.list_()] == ["tool:render_video"]
        assert (brakes.release("tool:render_video"), brakes.release("tool:render_video"), brakes.list_()) == (True, False, ())
