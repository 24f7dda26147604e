"""A home's stack: started, joined, left, killed, and refused."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from api.capacity import capacity
from api.stack import Stack
from api.stack_host import LINGER_S, StackHost, stack_note
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import Unavailable
from infra.homelock import HomeLock
from infra.settings import Settings
from memory.repositories.vitals import VitalsRepository
from tests.fixtures.measured import MEASURED

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
# What is done once after a start is over by then; at rest nothing may be added, however long it lasts.
_SETTLE_S, _REST_S = 20.0, 20.0
# The goal is 1.5e9; 1.15e9 was measured. Whatever is imported where it need not be comes thirteen times over.
_MOST_BYTES = 1.35e9
_HOLD = """
import time
from api.stack import Stack
from infra.settings import load_settings
stack = Stack(load_settings())
stack.start()
print("up", flush=True)
time.sleep(99)
"""


def settings_for(home: Path, **changes: object) -> Settings:
    return Settings.model_validate({"home": home, "network": "off", "workers_io": 1, "workers_cpu": 0, "workers_publish": 0, **changes})


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ytempire stack "))
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


def ended(pids: dict[str, int], within_s: float = 30) -> bool:
    limit = time.monotonic() + within_s
    while time.monotonic() < limit:
        if not any(running(pid) for pid in pids.values()):
            return True
        time.sleep(0.05)
    return False


def running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_killed_client_leaves_a_warm_stack_to_the_next_one_for_a_while_and_a_stale_note_is_not_believed(home: Path) -> None:
    env = {**settings_for(home).environment(), **MEASURED, "PATH": os.defpath}
    with subprocess.Popen([sys.executable, "-c", _HOLD], cwd=ROOT, env=env, stdout=subprocess.PIPE) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"up\n"
        client.send_signal(signal.SIGKILL)
    heir = Stack(settings_for(home))
    assert heir.join() is not None
    pids = heir.processes()
    note = stack_note(settings_for(home)).read_text()
    heir.stop()
    assert ended(pids, within_s=LINGER_S - 5)
    while HomeLock(home).is_held():
        time.sleep(0.05)
    stack_note(settings_for(home)).write_text(note)
    assert Stack(settings_for(home)).join() is None


def test_a_service_that_was_killed_is_waited_for_by_whoever_joins(home: Path) -> None:
    with Stack(settings_for(home)) as first:
        os.kill(first.processes()["postgres"], signal.SIGKILL)
        second = Stack(settings_for(home))
        assert second.join() is not None
        second.stop()


def test_servers_of_ones_own_are_used_and_asked_first(home: Path, database_urls: PostgresUrls, redis_url: str) -> None:
    mine = settings_for(home, database_url=database_urls.app, database_admin_url=database_urls.admin, redis_url=redis_url)
    with Stack(mine) as stack:
        assert stack.urls.database == database_urls.app
        assert set(stack.processes()) == {"dispatch", "worker-io-1"}
    assert not (home / "services").exists()
    with pytest.raises(Unavailable, match="DATABASE_URL") as raised:
        Stack(settings_for(home, database_url="postgresql://me:secret@127.0.0.1:9/none")).start()
    assert "secret" not in raised.value.message.split("\n")[0]


def memory_of(process: psutil.Process) -> int:
    """Return the bytes of a process and all its descendants; what several share is counted once."""
    return sum(one.memory_full_info().pss for one in (process, *process.children(recursive=True)))


def cpu_of(process: psutil.Process) -> float:
    """Return the seconds of processor time that a process and all its descendants took."""
    return sum(times.user + times.system for times in (one.cpu_times() for one in (process, *process.children(recursive=True))))


def rows_of(home: Path) -> dict[str, int]:
    """Return how many rows every table of a home's running database holds."""
    database = Database(json.loads(stack_note(settings_for(home)).read_text())["database_admin"])
    try:
        with database.unit_of_work() as session:
            return VitalsRepository(session).row_counts()
    finally:
        database.dispose()


def test_up_says_where_things_are_rests_small_refuses_a_second_and_ends_on_a_signal(home: Path) -> None:
    # With the workers of a whole machine, as a user has them.
    env = {**Settings.model_validate({"home": home, "network": "off"}).environment(), **MEASURED, "PATH": os.defpath}
    command = [sys.executable, "-c", "from api.cli import main; main()", "up", "--port", "0", "--json"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as up, ExitStack() as at_last:
        at_last.callback(up.terminate)  # a stack that failed its test must not be waited for for ever
        assert up.stdout is not None
        where = json.loads(up.stdout.readline())
        assert where["home"] == str(home)
        assert "ytempire_app@" in where["database"]
        busy = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert busy.returncode == 2
        assert json.loads(busy.stdout)["error"]["code"] == "conflict"
        assert f"pid {up.pid}" in json.loads(busy.stdout)["error"]["message"]
        joined = Stack(settings_for(home))
        assert joined.join() is not None
        pids = joined.processes()
        joined.stop()
        # A request waits until the server of the stack serves.
        with urllib.request.urlopen(f"{where['address']}/healthz", timeout=60) as answer:
            assert json.loads(answer.read()) == {"status": "ok"}
        assert {"postgres", "redis", "dispatch", "server", "watcher", "worker-io-4", "worker-publish-1"} <= set(pids)
        assert memory_of(psutil.Process(up.pid)) < _MOST_BYTES
        time.sleep(_SETTLE_S)
        rows, cpu_s = rows_of(home), cpu_of(psutil.Process(up.pid))
        time.sleep(_REST_S)
        assert cpu_of(psutil.Process(up.pid)) - cpu_s < 0.05 * _REST_S
        assert rows_of(home) == rows
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
    assert ended(pids)


def test_capacity_follows_the_machine_and_the_settings(home: Path) -> None:
    found = capacity(Settings.model_validate({"home": home}))
    assert found["cpu"] == len(os.sched_getaffinity(0))
    assert (found["io"], found["publish"]) == (4, 1)
    assert capacity(settings_for(home, workers_gpu=3, workers_cpu=4))["gpu"] == 3
    assert StackHost(settings_for(home)).note == home.resolve() / "run" / "stack.json"
