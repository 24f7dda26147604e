"""Runs: one lease at a time, tokens that only grow, and writes that a lost lease cannot make."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import text

from infra.errors import Conflict, Invalid
from memory.repositories.runs import RunBusy, RunFinished, RunLease, RunLeaseLost, RunMissing, RunRepository
from tests.memory.conftest import Studio


def _claim(studio: Studio, owner: str, ttl_s: float = 30) -> RunLease:
    with studio.database.unit_of_work() as session:
        return RunRepository(session).claim_lease(studio.run, owner, ttl_s)


def _expire(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        session.execute(text("update runs set lease_expires_at = now() - interval '1 second'"))


def test_of_twenty_runners_one_gets_the_lease_and_the_rest_a_conflict(studio: Studio) -> None:
    start = threading.Barrier(10)

    def attempt(number: int) -> RunLease | None:
        start.wait()
        try:
            return _claim(studio, f"runner_{number}")
        except RunBusy:
            return None

    with ThreadPoolExecutor(10) as pool:
        leases = [lease for lease in pool.map(attempt, range(20)) if lease]
    assert len(leases) == 1
    assert leases[0].token == 1


def test_a_lease_that_ran_out_is_taken_over_with_a_greater_token_and_counted(studio: Studio) -> None:
    first = _claim(studio, "a")
    with pytest.raises(RunBusy, match="held by a"):
        _claim(studio, "b")
    _expire(studio)
    second = _claim(studio, "b")
    assert second.token == first.token + 1
    with studio.database.unit_of_work() as session:
        run = RunRepository(session).get(studio.run)
        assert (run.lease_owner, run.recovery_attempts, run.status) == ("b", 1, "running")


def test_the_lease_of_an_owner_that_is_known_to_have_ended_need_not_run_out(studio: Studio) -> None:
    first = _claim(studio, "a")
    with studio.database.unit_of_work() as session, pytest.raises(RunBusy):
        RunRepository(session).claim_lease(studio.run, "b", 30, gone="somebody else")
    with studio.database.unit_of_work() as session:
        second = RunRepository(session).claim_lease(studio.run, "b", 30, gone="a")
    assert second.token == first.token + 1


def test_a_runner_that_lost_its_lease_can_write_nothing(studio: Studio) -> None:
    stale = _claim(studio, "a")
    _expire(studio)
    _claim(studio, "b")
    writes: list[Callable[[RunRepository], object]] = [
        lambda runs: runs.renew(stale, 30),
        lambda runs: runs.verify_lease(stale),
        lambda runs: runs.mark_waiting(stale),
        lambda runs: runs.mark_running(stale),
        lambda runs: runs.link_video(stale, studio.video),
        lambda runs: runs.mark_finished(stale, "published", {}),
    ]
    for write in writes:
        with pytest.raises(RunLeaseLost), studio.database.unit_of_work() as session:
            write(RunRepository(session))
    with studio.database.unit_of_work() as session:
        RunRepository(session).release(stale)
        assert RunRepository(session).get(studio.run).lease_owner == "b"


def test_a_released_lease_is_free_at_once_and_no_recovery(studio: Studio) -> None:
    lease = _claim(studio, "a")
    with studio.database.unit_of_work() as session:
        RunRepository(session).release(lease)
    assert _claim(studio, "b").token == 2
    with studio.database.unit_of_work() as session:
        assert RunRepository(session).get(studio.run).recovery_attempts == 0


def test_renewing_moves_the_expiry_on_database_time(studio: Studio, admin_database_url: str) -> None:
    lease = _claim(studio, "a", ttl_s=5)
    with studio.database.unit_of_work() as session:
        renewed = RunRepository(session).renew(lease, 60)
    assert 54 < (renewed.expires_at - lease.expires_at).total_seconds() < 70
    with psycopg.connect(admin_database_url) as connection:
        row = connection.execute("select lease_expires_at - now() < '61 s', heartbeat_at <= now() from runs").fetchone()
    assert row == (True, True)


@pytest.mark.parametrize("ending", ["published", "refused", "rejected", "failed"])
def test_an_ended_run_is_over_for_everybody(studio: Studio, ending: str) -> None:
    lease = _claim(studio, "a")
    with studio.database.unit_of_work() as session:
        RunRepository(session).mark_finished(lease, ending, {"reasons": ["so"]}, {"code": "x"} if ending == "failed" else None)
    with studio.database.unit_of_work() as session:
        run = RunRepository(session).get(studio.run)
        assert (run.status, run.outcome, run.lease_owner) == (ending, {"reasons": ["so"]}, None)
        assert run.finished_at is not None
        assert RunRepository(session).list_unfinished() == ()
    with pytest.raises(RunFinished):
        _claim(studio, "b")


def test_running_and_waiting_are_no_endings(studio: Studio) -> None:
    lease = _claim(studio, "a")
    with pytest.raises(Conflict), studio.database.unit_of_work() as session:
        RunRepository(session).mark_finished(lease, "waiting", {})


def test_a_waiting_run_is_unfinished_but_nobody_may_claim_it_by_sweep(studio: Studio) -> None:
    studio.add_run("run_2")
    lease = _claim(studio, "a")
    with studio.database.unit_of_work() as session:
        runs = RunRepository(session)
        runs.mark_waiting(lease)
        runs.release(lease)
    with studio.database.unit_of_work() as session:
        runs = RunRepository(session)
        assert [run.id for run in runs.list_unfinished()] == ["run_1", "run_2"]
        assert [run.id for run in runs.list_claimable()] == ["run_2"]


def test_an_unknown_run_is_missing(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        runs = RunRepository(session)
        assert runs.find("run_none") is None
        with pytest.raises(RunMissing):
            runs.get("run_none")
        with pytest.raises(RunMissing):
            runs.claim_lease("run_none", "a", 30)


def test_pages_hold_every_run_once_newest_first_while_runs_are_added(studio: Studio) -> None:
    for number in range(2, 8):
        studio.add_run(f"run_{number}")
    seen: list[str] = []
    cursor = None
    while True:
        with studio.database.unit_of_work() as session:
            page = RunRepository(session).list_(channel_id=studio.channel, cursor=cursor, limit=3)
        seen += [run.id for run in page.items]
        if page.next is None:
            break
        cursor = page.next
        studio.add_run(f"run_late_{len(seen)}")
    assert seen == [f"run_{number}" for number in range(7, 0, -1)]


@pytest.mark.parametrize("cursor", ["x", "W10=", "", "eyJhIjoxfQ=="])
def test_a_made_up_cursor_or_a_wild_limit_is_refused(studio: Studio, cursor: str) -> None:
    with studio.database.unit_of_work() as session:
        with pytest.raises(Invalid):
            RunRepository(session).list_(cursor=cursor)
        with pytest.raises(Invalid):
            RunRepository(session).list_(limit=1000)
