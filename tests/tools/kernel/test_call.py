"""Calls through a running kernel: results, keys, refusals, failures, progress."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import tools.call as calls
from infra import room
from infra.database import Database, DatabaseUnavailable
from infra.embedded.postgres import PostgresUrls
from infra.events import Event, EventBus
from infra.room import DiskFull
from infra.settings import Settings
from memory.repositories.audit import AuditRepository
from memory.repositories.jobs import JobKeyReused, JobMissing, JobNotReplayable, JobRepository, JobView, QueueUnserved
from tests.fixtures.kernel import Call, Kernel
from tests.fixtures.probe_tools import ALLOWED, CPU_PROBE, IO_PROBE, SHORT_PROBE, ProbeArgs, ProbeResult
from tools.allowlist import ToolDenied
from tools.call import JobFailed, JobKey, RunScope, ToolCaller


async def test_a_call_returns_the_typed_result_of_a_worker(call: Call, standing: Kernel) -> None:
    result = await call(IO_PROBE, word="hello")
    assert result.word == "hello"
    assert result.pid in {process.pid for process in standing.processes}


async def test_the_same_key_and_input_gives_the_stored_result_and_runs_once(call: Call, tmp_path: Path) -> None:
    key = JobKey("run_same", "write", 0, 0)
    first = await call(IO_PROBE, key=key, word="again", ledger=str(tmp_path / "runs"))
    assert await call(IO_PROBE, key=key, word="again", ledger=str(tmp_path / "runs")) == first
    assert (tmp_path / "runs").read_text().count("again") == 1


async def test_two_callers_of_one_key_share_one_job(call: Call, tmp_path: Path) -> None:
    key = JobKey("run_shared", "write", 0, 0)
    both = [call(IO_PROBE, key=key, word="shared", sleep_s=0.2, ledger=str(tmp_path / "runs")) for _ in range(2)]
    first, second = await asyncio.gather(*both)
    assert first == second
    assert (tmp_path / "runs").read_text().count("shared") == 1


async def test_the_same_key_with_another_input_is_a_conflict(call: Call) -> None:
    key = JobKey("run_reused", "write", 0, 0)
    await call(IO_PROBE, key=key, word="one")
    with pytest.raises(JobKeyReused, match="run_reused/write/0/0"):
        await call(IO_PROBE, key=key, word="two")


async def test_a_tool_off_the_agents_allow_list_is_denied_and_put_on_record(call: Call, standing: Kernel) -> None:
    with pytest.raises(ToolDenied, match="'outsider' may not call 'probe_io'"):
        await call(IO_PROBE, agent="outsider", word="let me in")
    with standing.database.unit_of_work() as session:
        actions = [(event.actor, event.action, event.subject) for event in AuditRepository(session).list_()]
    assert ("outsider", "tool.denied", "probe_io") in actions


async def test_a_denied_job_written_around_the_caller_is_buried_by_the_dispatcher(call: Call, standing: Kernel) -> None:
    await call(IO_PROBE, word="template")
    with standing.database.unit_of_work() as session:
        session.connection().exec_driver_sql(
            "insert into jobs (id, run_id, node, iteration, ordinal, agent, tool, queue, args, input_hash, provenance, max_attempts, timeout_s)"
            " values ('job_forged', 'run_forged', 'n', 0, 0, 'outsider', 'probe_io', 'io', '{}', 'h', 'demo', 3, 20);"
            " notify jobs, 'job_forged queued'"
        )
    standing.until(lambda: standing.job("job_forged").state == "dead")
    assert (standing.job("job_forged").error or {})["code"] == "tool_denied"
    assert standing.job("job_forged").attempts == 0


async def test_a_job_for_a_queue_that_nobody_serves_is_refused_and_not_kept(call: Call, standing: Kernel) -> None:
    with pytest.raises(QueueUnserved, match="no worker serves the queue 'cpu'"):
        await call(CPU_PROBE, word="nobody")
    assert standing.one("select count(*) from jobs where queue = 'cpu'") == 0


async def test_a_job_that_puts_itself_off_for_longer_than_its_caller_waits_is_withdrawn(
    call: Call, standing: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "_SWEEP_S", 0.05)
    runs = tmp_path / "runs"

    async def ask(run_id: str, pause_s: float) -> ProbeResult:
        wanted = ProbeArgs(word="hasty", behaviour="pause", fail_times=1, sleep_s=pause_s, ledger=str(runs / run_id))
        return await call.caller.call(IO_PROBE, wanted, key=JobKey(run_id, "look", 0, 0), agent="prober", run=RunScope(run_id, patience_s=60.0))

    runs.mkdir()
    assert (await ask("run_soon", 0.1)).run_number == 2
    with pytest.raises(JobFailed, match="the far side asked to wait") as caught:
        await ask("run_tomorrow", 3600.0)
    assert (caught.value.state, caught.value.reason) == ("cancelled", "tool_paused")
    assert standing.one("select state from jobs where run_id = 'run_tomorrow'") == "cancelled"


async def test_a_permanent_error_reaches_the_caller_with_its_code_and_message(call: Call) -> None:
    with pytest.raises(JobFailed, match="the word is not speakable; choose another") as caught:
        await call(IO_PROBE, word="xyzzy", behaviour="refuse")
    assert caught.value.reason == "tool_failed"
    assert caught.value.details["attempts"] == 1


async def test_a_bug_is_buried_at_once_with_its_cause(call: Call) -> None:
    with pytest.raises(JobFailed, match="a bug") as caught:
        await call(IO_PROBE, behaviour="bug")
    assert caught.value.reason == "ZeroDivisionError"
    assert caught.value.details["attempts"] == 1


async def test_a_passing_fault_is_tried_again_until_it_passes(call: Call, standing: Kernel, tmp_path: Path) -> None:
    key = JobKey("run_retry", "write", 0, 0)
    result = await call(IO_PROBE, key=key, word="flaky", behaviour="retry", fail_times=2, ledger=str(tmp_path / "runs"))
    assert result.run_number == 3
    job_id = standing.one("select id from jobs where run_id = 'run_retry'")
    with standing.database.unit_of_work() as session:
        assert [attempt.outcome for attempt in JobRepository(session).list_attempts(job_id)] == ["retry", "retry", "done"]
    assert standing.job(job_id).completions == 1


async def test_a_job_that_only_has_to_wait_loses_no_attempt(call: Call, standing: Kernel, tmp_path: Path) -> None:
    key = JobKey("run_pause", "write", 0, 0)
    result = await call(IO_PROBE, key=key, word="patient", behaviour="pause", fail_times=4, ledger=str(tmp_path / "runs"))
    assert result.run_number == 5 > IO_PROBE.max_attempts
    assert standing.one("select failures from jobs where run_id = 'run_pause'") == 0


async def test_a_fault_that_does_not_pass_ends_as_a_dead_letter_that_can_be_replayed(call: Call, standing: Kernel, tmp_path: Path) -> None:
    key = JobKey("run_dead", "write", 0, 0)
    args: dict[str, Any] = {"word": "dead", "behaviour": "retry", "fail_times": 3, "ledger": str(tmp_path / "runs")}
    with pytest.raises(JobFailed, match="the far side is busy") as caught:
        await call(IO_PROBE, key=key, **args)
    job_id = caught.value.job_id
    assert standing.job(job_id).attempts == 3
    with standing.database.unit_of_work() as session:
        assert job_id in {job.id for job in JobRepository(session).list_dead()}
        JobRepository(session).replay(job_id)
    assert (await call(IO_PROBE, key=key, **args)).run_number == 4
    with standing.database.unit_of_work() as session, pytest.raises(JobNotReplayable, match="is done"):
        JobRepository(session).replay(job_id)


async def test_a_tool_past_its_limit_is_stopped_and_tried_again_within_its_budget(call: Call) -> None:
    with pytest.raises(JobFailed, match=r"longer than its limit of 0\.4 s") as caught:
        await call(SHORT_PROBE, word="slow", sleep_s=5)
    assert caught.value.reason == "job_timed_out"
    assert caught.value.details["attempts"] == 2


async def test_progress_reaches_listeners_and_the_row(call: Call, standing: Kernel) -> None:
    seen: list[Event] = []
    unsubscribe = call.events.subscribe(seen.append)
    await call(IO_PROBE, key=JobKey("run_progress", "n", 0, 0), behaviour="progress", sleep_s=1.2)
    job_id = standing.one("select id from jobs where run_id = 'run_progress'")
    await asyncio.to_thread(standing.until, lambda: Counter(event.kind for event in seen if event.subject == job_id)["progress"] >= 3)
    unsubscribe()
    assert standing.job(job_id).progress == 1.0
    assert standing.job(job_id).progress_note == "step 4"


async def test_fifty_calls_at_once_each_get_their_own_result_once(call: Call, standing: Kernel, tmp_path: Path) -> None:
    words = [f"w{number}" for number in range(50)]
    results = await asyncio.gather(*(call(IO_PROBE, word=word, ledger=str(tmp_path / "runs")) for word in words))
    assert [result.word for result in results] == words
    assert len((tmp_path / "runs").read_text().splitlines()) == 50
    assert standing.one("select count(*) from jobs where completions > 1") == 0


async def test_working_files_are_gone_after_the_job(call: Call, standing: Kernel) -> None:
    await call(IO_PROBE, word="tidy")
    scratch = Settings(_env_file=None, home=standing.home).scratch_root
    standing.until(lambda: list(scratch.iterdir()) == [])


async def test_a_cancelled_job_ends_the_call_and_its_late_result_is_discarded(call: Call, standing: Kernel, tmp_path: Path) -> None:
    waiting = asyncio.create_task(call(IO_PROBE, key=JobKey("run_cancel", "n", 0, 0), word="late", gate=str(tmp_path / "gate")))
    job_id = await standing.eventually("select id from jobs where run_id = 'run_cancel' and state = 'running'")
    with standing.database.unit_of_work() as session:
        assert JobRepository(session).cancel(job_id)
    with pytest.raises(JobFailed) as caught:
        await waiting
    assert caught.value.state == "cancelled"
    (tmp_path / "gate").touch()
    standing.until(lambda: standing.one("select outcome from job_attempts where job_id = :id", id=job_id) == "discarded")
    assert standing.job(job_id).completions == 0


async def test_a_job_whose_admission_was_lost_with_postgres_is_admitted_again(call: Call, standing: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    read = JobRepository.get
    lost: list[str] = []

    def get(jobs: JobRepository, job_id: str) -> JobView:
        if not lost:
            lost.append(job_id)
            raise JobMissing(f"there is no job {job_id}")
        return read(jobs, job_id)

    monkeypatch.setattr(JobRepository, "get", get)
    key = JobKey("run_readmit", "n", 0, 0)
    assert (await call(IO_PROBE, key=key, word="still here")).word == "still here"
    assert standing.one("select count(*) from jobs where run_id = 'run_readmit'") == 1
    assert len(lost) == 1


@pytest.mark.parametrize("lost", [False, True], ids=["never begun", "lost by its worker"])
async def test_a_job_that_nobody_runs_on_a_full_disk_is_not_waited_for(
    database_urls: PostgresUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    monkeypatch.setattr(room, "SCARCE_BYTES", 1 << 62)
    monkeypatch.setattr(calls, "_SWEEP_S", 0.02)
    database = Database(database_urls.app)
    with database.unit_of_work() as session:  # a worker, so that the queue counts as served, and no dispatcher
        session.connection().exec_driver_sql("insert into workers (id, queue, host, pid, process_started) values ('w', 'io', 'here', 7, 1.0)")
    async with EventBus(database.url) as events, asyncio.timeout(20):
        caller = ToolCaller(database, events, Settings(_env_file=None, home=tmp_path, network="off"), ALLOWED)
        made = caller.call(IO_PROBE, ProbeArgs(word="x"), key=JobKey("run_full", "node", 0, 0), agent="prober", run=RunScope("run_full"))
        waits = asyncio.create_task(made)
        if lost:
            await asyncio.to_thread(begin_and_vanish, database)
        with pytest.raises(DiskFull, match="free some there"):
            await waits
    database.dispose()


def begin_and_vanish(database: Database) -> None:
    """Have the job run by a worker whose lease is over, which nobody writes down."""
    lapsed = "update jobs set state = 'running', lease_owner = 'w', lease_token = 1, lease_expires_at = now() - interval '1 s' where run_id = 'run_full'"
    while True:
        with database.unit_of_work() as session:
            if session.connection().exec_driver_sql(lapsed).rowcount:
                return


async def test_on_a_full_disk_a_database_that_is_away_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SCARCE_BYTES", 1 << 62)  # more than any disk has: this one counts as full
    away = Database(f"postgresql://nobody@/nothing?host={tmp_path}")
    caller = ToolCaller(away, EventBus(away.url), Settings(_env_file=None, home=tmp_path, network="off"), ALLOWED)
    async with asyncio.timeout(10):
        with pytest.raises(DatabaseUnavailable):
            await caller.call(IO_PROBE, ProbeArgs(word="x"), key=JobKey("run_full", "node", 0, 0), agent="prober", run=RunScope("run_full"))
