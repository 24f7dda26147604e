"""The supervisor, with real servers, real signals and real kills."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from infra.control import ControlClient, request_kill
from infra.errors import NotFound, StudioError, Unavailable
from infra.supervisor import Supervisor
from infra.units import ProcessSpec, Slot

pytestmark = pytest.mark.slow
PROGRAM = Path(__file__).parent / "programs" / "supervised.py"
Until = Callable[[Callable[[], object], float], None]
Alive = Callable[[int], bool]


class Supervised:
    """A running supervisor, seen from outside."""

    def __init__(self, home: Path, door: Path) -> None:
        self.home, self.door = home, door
        self.process = subprocess.Popen([sys.executable, str(PROGRAM), str(home), str(door)], cwd=PROGRAM.parents[3])
        limit = time.monotonic() + 30
        while True:
            try:
                self.client = ControlClient.connect(door)
                break
            except Unavailable:
                assert self.process.poll() is None
                assert time.monotonic() < limit
                time.sleep(0.05)
        urls = self.client.receive(5)
        self.app, self.redis = str(urls["app"]), str(urls["redis"])

    def pids(self) -> dict[str, int]:
        found = self.client.request({"processes": True})["processes"]
        assert isinstance(found, dict)
        return found

    def grandchild(self) -> int:
        return int((self.home / "logs" / "worker.log").read_text().split()[-1])

    def end(self, number: signal.Signals) -> int:
        self.client.close()
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def start(made_home: Path) -> Iterator[Callable[[], Supervised]]:
    folder = Path(tempfile.mkdtemp())
    started: list[Supervised] = []

    def run() -> Supervised:
        started.append(Supervised(made_home, folder / "door"))
        return started[-1]

    yield run
    for supervised in started:
        if supervised.process.poll() is None:
            supervised.end(signal.SIGTERM)
    shutil.rmtree(folder)


def keeper_of(supervised: Supervised) -> int:
    children = Path(f"/proc/{supervised.process.pid}/task/{supervised.process.pid}/children").read_text().split()
    return next((int(pid) for pid in children if "keeper.py" in Path(f"/proc/{pid}/cmdline").read_text()), 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_ends_everything_cleanly_and_in_order(start: Callable[[], Supervised], alive: Alive, number: signal.Signals) -> None:
    supervised = start()
    everyone = [*supervised.pids().values(), supervised.grandchild(), keeper_of(supervised)]
    assert supervised.end(number) == 0
    assert [pid for pid in everyone if alive(pid)] == []
    assert "database system is shut down" in (supervised.home / "logs" / "postgres.log").read_text()
    assert "bye bye" in (supervised.home / "logs" / "redis.log").read_text()


def test_killing_the_supervisor_leaves_no_orphan_and_the_next_one_finds_its_data(start: Callable[[], Supervised], alive: Alive, until: Until) -> None:
    supervised = start()
    with redis.Redis.from_url(supervised.redis) as client:
        client.set("kept", "yes")
    everyone = [*supervised.pids().values(), supervised.grandchild(), keeper_of(supervised)]
    assert supervised.end(signal.SIGKILL) == -signal.SIGKILL
    again = start()  # at once, while the first one's servers may still be ending
    until(lambda: not any(alive(pid) for pid in everyone), 10)
    with redis.Redis.from_url(again.redis) as client:
        assert client.get("kept") == b"yes"
    with psycopg.connect(again.app) as connection:
        connection.execute("select 1")


def test_what_is_killed_comes_back_within_seconds_with_its_data(start: Callable[[], Supervised], alive: Alive, until: Until) -> None:
    supervised = start()
    before, grandchild = supervised.pids(), supervised.grandchild()
    with redis.Redis.from_url(supervised.redis) as client:
        client.set("kept", "yes")
    for name in ("redis", "postgres", "worker"):
        os.kill(before[name], signal.SIGKILL)
    until(lambda: set(supervised.pids()) == set(before), 10)

    def answers() -> bool:
        try:
            with psycopg.connect(supervised.app) as connection, redis.Redis.from_url(supervised.redis) as client:
                return connection.execute("select 1").fetchone() == (1,) and client.get("kept") == b"yes"
        except (psycopg.OperationalError, redis.RedisError):
            return False

    until(answers, 10)
    after = supervised.pids()
    assert {name for name in before if before[name] != after[name]} == {"redis", "postgres", "worker"}
    until(lambda: not alive(grandchild), 5)


def test_a_hard_kill_on_request_takes_the_session_along_and_refuses_strangers(start: Callable[[], Supervised], alive: Alive, until: Until) -> None:
    supervised = start()
    pid, grandchild = supervised.pids()["worker"], supervised.grandchild()
    assert request_kill(supervised.door, pid) == "worker"
    until(lambda: not alive(pid) and not alive(grandchild), 5)
    with pytest.raises(Unavailable, match="no supervised process has pid"):
        request_kill(supervised.door, os.getpid())


def test_a_killed_keeper_is_replaced(start: Callable[[], Supervised], until: Until, alive: Alive) -> None:
    supervised = start()
    os.kill(keeper_of(supervised), signal.SIGKILL)
    os.kill(supervised.pids()["worker"], signal.SIGKILL)
    until(lambda: "worker" in supervised.pids() and keeper_of(supervised) and alive(keeper_of(supervised)), 5)
    until(lambda: len((supervised.home / "logs" / "worker.log").read_text().split()) == 2, 5)
    grandchild = supervised.grandchild()
    supervised.end(signal.SIGKILL)
    until(lambda: not alive(grandchild), 5)


def test_a_crashing_process_is_restarted_ever_more_slowly_and_its_log_stays_small(tmp_path: Path) -> None:
    log = tmp_path / "crash.log"
    spec = ProcessSpec("crash", "worker", [sys.executable, "-S", "-c", "print('x' * 5000); raise SystemExit(1)"], {}, log)
    with Supervisor(log_limit_bytes=1000) as supervisor:
        supervisor.add(spec)
        began, launches = time.monotonic(), 1
        while launches < 4 and time.monotonic() - began < 60:
            seen = supervisor.pids()
            time.sleep(min(supervisor.tick(), 0.02))
            launches += bool(supervisor.pids()) and supervisor.pids() != seen
        took = time.monotonic() - began
        (state,) = supervisor.states()
    assert launches == 4
    assert took >= 0.1 + 0.2 + 0.4
    assert log.with_name("crash.log.1").stat().st_size >= 5000
    assert (state.name, state.launches, state.failures, state.loops) == ("crash", launches, launches if state.pid is None else launches - 1, False)
    assert [end["code"] for end in state.ends] == [1] * state.failures


def test_crashes_in_a_row_become_a_loop_and_a_healthy_while_ends_it(tmp_path: Path) -> None:
    slot = Slot(ProcessSpec("crash", "control", [], {}, tmp_path / "log"))
    now, waits = 100.0, []
    for _ in range(8):
        slot.started = now
        slot.note_end(now + 0.2, -9)
        waits.append(round((slot.due or 0.0) - now - 0.2, 1))
        now = slot.due or now
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8]
    assert slot.state(now).loops
    assert [end["code"] for end in slot.state(now).ends] == [-9] * 8
    slot.note_end(now + 60, 0)
    assert (slot.loops, slot.due, slot.failures) == (False, now + 60, 0)


def test_what_is_called_later_is_called_once_by_the_loop_when_it_is_due() -> None:
    called: list[str] = []
    with Supervisor() as supervisor:
        supervisor.call_later(30.0, lambda: called.append("much later"))
        supervisor.call_later(0.05, lambda: called.append("soon"))
        assert supervisor.tick() <= 0.05
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            time.sleep(min(supervisor.tick(), 0.02))
    assert called == ["soon"]


def test_a_program_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    with Supervisor() as supervisor, pytest.raises(FileNotFoundError):
        supervisor.add(ProcessSpec("missing", "worker", [str(tmp_path / "missing")], {}, tmp_path / "log"))
    with Supervisor() as supervisor, pytest.raises(NotFound):
        supervisor.kill(1)
    assert issubclass(NotFound, StudioError)
