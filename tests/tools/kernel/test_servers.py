"""A killed Postgres and a killed parent: running work survives the one and ends with the other."""

import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.embedded.postgres import EmbeddedPostgres
from infra.settings import CHECKOUT
from memory.migrations import migrate
from tests.fixtures.kernel import Kernel, calling, new_kernel
from tests.fixtures.measured import MEASURED
from tests.fixtures.probe_tools import IO_PROBE
from tools.call import JobKey


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A Postgres of the test's own, to be killed."""
    home = Path(tempfile.mkdtemp(prefix="ytempire-kill-"))
    home.chmod(0o711)
    server = EmbeddedPostgres(home, {"full_page_writes": "off"})
    migrate(server.start().admin)
    yield server
    server.stop()


@pytest.fixture
def mortal(own_postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Kernel]:
    """A kernel on that Postgres."""
    with new_kernel(own_postgres.urls().app, tmp_path) as kernel:
        yield kernel


async def test_a_killed_postgres_costs_no_job_and_completes_none_twice(mortal: Kernel, own_postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    mortal.dispatcher()
    mortal.start_workers("io", 2)
    ledger = str(tmp_path / "runs")
    async with calling(mortal) as call:
        key = JobKey("run_pg", "n", 0, 0)
        running = asyncio.create_task(call(IO_PROBE, key=key, word="long", gate=str(tmp_path / "gate"), ledger=ledger))
        job_id = await mortal.eventually("select id from jobs where state = 'running'")
        await asyncio.to_thread(kill_whole_server, own_postgres)
        (tmp_path / "gate").touch()
        late = asyncio.create_task(call(IO_PROBE, word="late", ledger=ledger))
        await asyncio.to_thread(own_postgres.start)
        assert (await asyncio.wait_for(running, 30)).word == "long"
        assert (await asyncio.wait_for(late, 30)).word == "late"
    assert (tmp_path / "runs").read_text().count("long") == 1
    assert (mortal.job(job_id).attempts, mortal.job(job_id).completions) == (1, 1)


def test_a_worker_dies_with_its_parent(mortal: Kernel) -> None:
    env = {**MEASURED, "PATH": "/usr/bin:/bin", "DATABASE_URL": mortal.database_url, "REDIS_URL": mortal.redis.url(), "YTEMPIRE_HOME": str(mortal.home)}
    script = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-m', 'tools.worker', '--queue', 'io']); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    mortal.processes.append(parent)
    mortal.until(lambda: bool(mortal.one("select count(*) from workers")), 30)
    worker = psutil.Process(mortal.one("select pid from workers"))
    parent.send_signal(signal.SIGKILL)
    mortal.until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, 5)


def kill_whole_server(server: EmbeddedPostgres) -> None:
    """Kill the postmaster and every backend at once, as a crash of the machine's Postgres would."""
    assert server.process is not None
    family = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    for process in family:
        process.kill()
    server.process.wait()
    psutil.wait_procs(family, timeout=5)
