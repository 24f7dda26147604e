"""Workers of other machines at the kernel: joined with a wrong clock, refused, silent, and leaving in good order."""

import asyncio
import signal
from pathlib import Path

from sqlalchemy import text

from memory.repositories.studio import StudioRepository, StudioTerms
from tests.fixtures.kernel import Kernel, calling
from tests.fixtures.probe_tools import IO_PROBE

_REGISTRY = ("--registry", "tests.fixtures.probe_tools:TOOLS")


async def test_a_worker_whose_clock_is_four_minutes_ahead_serves_by_the_databases_time(kernel: Kernel) -> None:
    kernel.dispatcher()
    kernel.start("tests.fixtures.worker_ahead", "--standalone", "--queue", "io", *_REGISTRY)
    await asyncio.to_thread(kernel.until, lambda: bool(kernel.one("select 1 from workers where state = 'idle'")), 60)
    ahead = kernel.one("select clock_ahead_s from workers")
    assert 230 < ahead < 250
    async with calling(kernel) as call:
        # Longer than a lease, so that it has to be renewed, and by nobody's wall clock.
        assert (await call(IO_PROBE, word="late", sleep_s=3.0)).run_number == 1
    assert kernel.one("select count(*) from job_attempts") == 1


async def test_a_worker_of_another_code_is_refused_and_takes_nothing(kernel: Kernel) -> None:
    with kernel.database.unit_of_work() as session:
        StudioRepository(session).set_terms(StudioTerms("0" * 64, "elsewhere", "another"))
    refused = kernel.start("tools.worker", "--standalone", "--queue", "io", *_REGISTRY)
    assert await asyncio.to_thread(refused.wait, 60) == 2
    assert "worker.refused" in kernel.log.read_text()
    assert kernel.one("select count(*) from workers") == 0


async def test_a_machine_that_fell_silent_is_given_up(kernel: Kernel) -> None:
    with kernel.database.unit_of_work() as session:
        row = "insert into workers (id, queue, host, pid, process_started, heartbeat_at) values ('far', 'io', 'afar/1/2', 7, 1.0, now() - interval '1 minute')"
        session.execute(text(row))
    kernel.dispatcher()
    await asyncio.to_thread(kernel.until, lambda: bool(kernel.one("select 1 from workers where id = 'far' and state = 'dead'")), 60)


async def test_a_worker_that_must_leave_at_once_gives_its_job_back_and_signs_off(kernel: Kernel, tmp_path: Path) -> None:
    kernel.dispatcher()
    leaving = kernel.worker(YTEMPIRE_WORKER_STOP_S="0.3")
    async with calling(kernel) as call:
        running = asyncio.create_task(call(IO_PROBE, word="long", gate=str(tmp_path / "gate")))
        await kernel.eventually("select 1 from jobs where state = 'running'")
        leaving.send_signal(signal.SIGTERM)
        await asyncio.to_thread(leaving.wait, 60)
        assert kernel.one("select state from workers where pid = :pid", pid=leaving.pid) == "stopped"
        assert kernel.one("select outcome from job_attempts") == "released"
        (tmp_path / "gate").touch()
        other = kernel.worker()
        assert (await running).pid == other.pid
    assert kernel.one("select completions from jobs") == 1
