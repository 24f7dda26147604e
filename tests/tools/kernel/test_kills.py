"""Processes and servers that die at the wrong moment: nothing is lost, nothing is done twice."""

import asyncio
import signal
import subprocess
from pathlib import Path

import pytest
from redis import Redis

from memory.repositories.jobs import JobRepository
from tests.fixtures.kernel import Kernel, calling
from tests.fixtures.probe_tools import IO_PROBE
from tools.call import JobFailed, JobKey


async def running(kernel: Kernel, run_id: str) -> str:
    """Wait until the run's job runs and return its id."""
    return str(await kernel.eventually("select id from jobs where run_id = :run and state = 'running'", run=run_id))


async def test_a_stopped_worker_that_wakes_after_its_lease_cannot_finish_the_job_or_cause_its_effect(kernel: Kernel, tmp_path: Path) -> None:
    ledger, gate = tmp_path / "runs", tmp_path / "gate"
    kernel.dispatcher()
    zombie = kernel.worker()
    async with calling(kernel) as call:
        key = JobKey("run_zombie", "publish", 0, 0)
        waiting = asyncio.create_task(call(IO_PROBE, key=key, word="post", behaviour="effect_after_sleep", gate=str(gate), ledger=str(ledger)))
        job_id = await running(kernel, "run_zombie")
        zombie.send_signal(signal.SIGSTOP)
        heir = await asyncio.to_thread(kernel.worker)
        gate.touch()
        assert (await waiting).pid == heir.pid
    zombie.send_signal(signal.SIGCONT)
    kernel.until(lambda: kernel.one("select count(*) from job_attempts where job_id = :id and outcome = 'discarded'", id=job_id) == 1)
    assert effects(ledger) == [str(heir.pid)]
    assert kernel.job(job_id).completions == 1
    assert (kernel.job(job_id).result or {})["pid"] == heir.pid


async def test_a_killed_worker_loses_its_job_at_once_to_another(kernel: Kernel, tmp_path: Path) -> None:
    kernel.dispatcher(YTEMPIRE_JOB_LEASE_S="60")
    victim, heir = kernel.start_workers("io", 2, YTEMPIRE_JOB_LEASE_S="60")
    async with calling(kernel) as call:
        key = JobKey("run_kill", "n", 0, 0)
        waiting = asyncio.create_task(call(IO_PROBE, key=key, word="k", gate=str(tmp_path / "gate")))
        job_id = await running(kernel, "run_kill")
        owner = kernel.one("select pid from workers w join jobs j on j.lease_owner = w.id where j.id = :id", id=job_id)
        victim, heir = (victim, heir) if victim.pid == owner else (heir, victim)
        victim.kill()
        (tmp_path / "gate").touch()
        # Long before its lease of a minute is over: the dispatcher sees that the process is gone.
        assert (await asyncio.wait_for(waiting, 10)).pid == heir.pid
    assert (kernel.job(job_id).kills, kernel.job(job_id).completions) == (1, 1)


async def test_a_job_that_kills_three_workers_is_quarantined(kernel: Kernel, tmp_path: Path) -> None:
    kernel.dispatcher()
    kernel.start_workers("io", 3)
    async with calling(kernel) as call:
        with pytest.raises(JobFailed) as caught:
            await call(IO_PROBE, word="poison", behaviour="die", fail_times=9, ledger=str(tmp_path / "runs"))
    assert (caught.value.state, caught.value.reason) == ("quarantined", "worker_lost")
    assert len((tmp_path / "runs").read_text().splitlines()) == 3


async def test_a_tool_that_never_returns_to_python_is_killed_past_its_hard_limit(kernel: Kernel) -> None:
    kernel.dispatcher()
    hung = kernel.worker()
    async with calling(kernel) as call:
        # The probe's limit is 20 s: shorten this one row so that the test need not wait.
        waiting = asyncio.create_task(call(IO_PROBE, key=JobKey("run_hang", "n", 0, 0), behaviour="hang", sleep_s=60))
        job_id = await running(kernel, "run_hang")
        with kernel.database.unit_of_work() as session:
            session.connection().exec_driver_sql("update jobs set timeout_s = 0.2, kills = 2")
        with pytest.raises(JobFailed) as caught:
            await waiting
    assert caught.value.state == "quarantined"
    assert kernel.job(job_id).kills == 3
    assert hung.wait(5) == -signal.SIGKILL


async def test_after_flushall_every_waiting_job_is_sent_again(kernel: Kernel) -> None:
    kernel.dispatcher()
    worker = kernel.worker()
    async with calling(kernel) as call:
        worker.send_signal(signal.SIGSTOP)
        waiting = [asyncio.create_task(call(IO_PROBE, word=f"w{number}")) for number in range(4)]
        await kernel.eventually("select count(*) = 2 from jobs where state = 'dispatched'")
        with Redis.from_url(kernel.redis.url()) as redis:
            redis.flushall()
        worker.send_signal(signal.SIGCONT)
        results = await asyncio.wait_for(asyncio.gather(*waiting), 20)
    assert [result.word for result in results] == ["w0", "w1", "w2", "w3"]
    assert kernel.one("select count(*) from jobs where completions <> 1") == 0


async def test_an_entry_popped_by_a_worker_that_died_before_starting_is_sent_again(kernel: Kernel) -> None:
    kernel.dispatcher()
    worker = kernel.worker()
    async with calling(kernel) as call:
        with Redis.from_url(kernel.redis.url()) as redis:
            await asyncio.to_thread(kernel.until, lambda: redis.info("clients")["blocked_clients"] == 1)
        worker.send_signal(signal.SIGSTOP)
        waiting = asyncio.create_task(call(IO_PROBE, word="popped"))
        # The stopped worker waits in a blocking move: Redis gives it the entry, and then it dies.
        with Redis.from_url(kernel.redis.url()) as redis:
            await asyncio.to_thread(kernel.until, lambda: redis.llen("rq:queue:io:intermediate") == 1)
            worker.kill()
            await asyncio.to_thread(kernel.worker)
            assert (await asyncio.wait_for(waiting, 20)).word == "popped"
            # Tidied by the next sweep, which may come a moment after the result.
            await asyncio.to_thread(kernel.until, lambda: redis.llen("rq:queue:io:intermediate") == 0)
    assert kernel.one("select attempts from jobs") == 1


async def test_a_killed_redis_costs_no_job(kernel: Kernel, tmp_path: Path) -> None:
    kernel.dispatcher()
    workers = kernel.start_workers("io", 2)
    async with calling(kernel) as call:
        busy = asyncio.create_task(call(IO_PROBE, key=JobKey("run_busy", "n", 0, 0), word="busy", gate=str(tmp_path / "gate")))
        await running(kernel, "run_busy")
        kill_server(kernel.redis.process)
        (tmp_path / "gate").touch()
        late = asyncio.create_task(call(IO_PROBE, word="late"))
        await asyncio.to_thread(kernel.redis.start)
        assert (await asyncio.wait_for(busy, 20)).word == "busy"
        assert (await asyncio.wait_for(late, 30)).word == "late"
    assert any(worker.poll() is None for worker in workers)
    assert kernel.one("select count(*) from jobs where completions <> 1") == 0


async def test_a_delivery_repeated_during_and_after_the_run_does_nothing_and_costs_no_attempt(kernel: Kernel, tmp_path: Path) -> None:
    kernel.dispatcher()
    kernel.start_workers("io", 2)
    async with calling(kernel) as call:
        key = JobKey("run_twice", "n", 0, 0)
        waiting = asyncio.create_task(call(IO_PROBE, key=key, word="once", gate=str(tmp_path / "gate"), ledger=str(tmp_path / "runs")))
        job_id = await running(kernel, "run_twice")
        for _ in range(3):
            kernel.transport.push("io", f"{job_id}-1", job_id)
        await asyncio.to_thread(kernel.until, lambda: not kernel.transport.waiting("io"))
        (tmp_path / "gate").touch()
        await waiting
        kernel.transport.push("io", f"{job_id}-1", job_id)
        await call(IO_PROBE, word="after")
    assert (tmp_path / "runs").read_text().count("once") == 1
    assert (kernel.job(job_id).attempts, kernel.job(job_id).completions) == (1, 1)


async def test_a_stopping_worker_finishes_its_job_first(kernel: Kernel, tmp_path: Path) -> None:
    kernel.dispatcher()
    worker = kernel.worker()
    async with calling(kernel) as call:
        waiting = asyncio.create_task(call(IO_PROBE, key=JobKey("run_stop", "n", 0, 0), word="last", gate=str(tmp_path / "gate")))
        await running(kernel, "run_stop")
        worker.terminate()
        (tmp_path / "gate").touch()
        assert (await waiting).word == "last"
    assert worker.wait(5) == 0
    assert kernel.one("select state from workers") == "stopped"


async def test_a_stopping_worker_gives_back_a_job_that_takes_too_long(kernel: Kernel, tmp_path: Path) -> None:
    kernel.dispatcher()
    worker = kernel.worker(YTEMPIRE_WORKER_STOP_S="0.3")
    async with calling(kernel) as call:
        waiting = asyncio.create_task(call(IO_PROBE, key=JobKey("run_giveback", "n", 0, 0), word="handed", gate=str(tmp_path / "gate")))
        job_id = await running(kernel, "run_giveback")
        worker.terminate()
        heir = await asyncio.to_thread(kernel.worker)
        await kernel.eventually("select 1 from job_attempts where outcome = 'released'")
        (tmp_path / "gate").touch()
        assert (await waiting).pid == heir.pid
    with kernel.database.unit_of_work() as session:
        assert [attempt.outcome for attempt in JobRepository(session).list_attempts(job_id)] == ["released", "done"]
    assert (kernel.job(job_id).kills, kernel.job(job_id).failures) == (0, 0)


def effects(ledger: Path) -> list[str]:
    """Return the pids that caused an effect, in order."""
    return [line.split()[1] for line in Path(f"{ledger}.effects").read_text().splitlines()]


def kill_server(process: "subprocess.Popen[bytes] | None") -> None:
    """Kill an embedded server at once."""
    assert process is not None
    process.kill()
    process.wait()


async def test_a_worker_that_idles_after_work_ends_so_that_its_models_are_unloaded(kernel: Kernel) -> None:
    kernel.dispatcher()
    worker, unused = kernel.worker(YTEMPIRE_WORKER_IDLE_S="1"), kernel.worker("cpu", YTEMPIRE_WORKER_IDLE_S="1")
    async with calling(kernel) as call:
        await call(IO_PROBE, word="load")
    assert await asyncio.to_thread(worker.wait, 15) == 0
    assert unused.poll() is None


async def test_a_worker_is_recycled_after_its_number_of_jobs_and_nothing_is_lost(kernel: Kernel) -> None:
    kernel.dispatcher()
    first, second = kernel.worker(YTEMPIRE_WORKER_MAX_JOBS="2"), kernel.worker(YTEMPIRE_WORKER_MAX_JOBS="2")
    async with calling(kernel) as call:
        results = await asyncio.gather(*(call(IO_PROBE, word=str(number)) for number in range(4)))
    assert sorted(result.pid for result in results) == sorted([first.pid, first.pid, second.pid, second.pid])
    assert [await asyncio.to_thread(worker.wait, 15) for worker in (first, second)] == [0, 0]
