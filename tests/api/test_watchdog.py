"""The watchdog in a stack that stays up: it starts what was stopped, is started itself when it falls silent, and says what it found."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.stack import Stack
from infra.runfiles import alive_file, signal_file
from infra.settings import Settings
from tests.api.test_stack import ROOT, ended, home, settings_for
from tests.fixtures.measured import MEASURED

__all__ = ["home"]
pytestmark = pytest.mark.slow


@pytest.fixture
def up(home: Path) -> Iterator[tuple[Stack, dict[str, str]]]:
    """`ytempire up` whose watchdog looks every second, joined."""
    env = {**settings_for(home, watchdog_every_s=1.0).environment(), **MEASURED, "PATH": os.defpath, "YTEMPIRE_LOG_LEVEL": "INFO"}
    with subprocess.Popen(_ytempire("up", "--port", "0", "--json"), cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["state"] == "ready"
        stack = Stack(settings_for(home))
        assert stack.join() is not None
        pids = stack.processes()
        yield stack, env
        stack.stop()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert ended(pids)


def _ytempire(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from api.cli import main; main()", *arguments]


def until(holds: Callable[[], object], within_s: float) -> None:
    limit = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_what_is_stopped_is_started_anew_and_the_sign_of_life_goes_on(up: tuple[Stack, dict[str, str]], home: Path) -> None:
    stack, env = up
    until(signal_file(home).exists, 60)
    pids = stack.processes()
    assert {"watcher", "watchdog", "dispatch"} <= set(pids)
    os.kill(pids["watcher"], signal.SIGSTOP)
    os.kill(pids["worker-io-1"], signal.SIGSTOP)
    until(lambda: stack.processes().get("watcher", pids["watcher"]) != pids["watcher"], 30)
    until(lambda: stack.processes().get("worker-io-1", pids["worker-io-1"]) != pids["worker-io-1"], 30)
    sign = signal_file(home).stat().st_mtime
    until(lambda: signal_file(home).stat().st_mtime > sign, 30)
    told = subprocess.run(_ytempire("watchdog", "--json"), cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    body = json.loads(told.stdout)
    assert {one["name"] for one in body["findings"]} >= {"database", "redis", "disk", "heartbeats", "processes", "runs"}
    assert {"dispatch", "watcher", "watchdog"} <= set(body["heartbeats"])
    doctor = subprocess.run(_ytempire("doctor", "--json"), cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert json.loads(doctor.stdout)["watchdog"]["findings"]


def test_a_database_that_was_stopped_is_started_anew_although_it_answers_nothing(up: tuple[Stack, dict[str, str]], home: Path) -> None:
    stack, _ = up
    until(signal_file(home).exists, 60)
    pids = stack.processes()
    os.kill(pids["postgres"], signal.SIGSTOP)
    until(lambda: stack.processes().get("postgres", pids["postgres"]) != pids["postgres"], 60)
    sign = signal_file(home).stat().st_mtime
    until(lambda: signal_file(home).stat().st_mtime > sign, 60)


def test_one_turn_on_request_says_what_it_found(home: Path) -> None:
    env = {**settings_for(home).environment(), **MEASURED, "PATH": os.defpath}
    with Stack(settings_for(home)):
        told = subprocess.run(_ytempire("watchdog", "--once", "--json"), cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert json.loads(told.stdout)["vouched"], told.stdout + told.stderr
        assert not signal_file(home).exists()
        assert not alive_file(home).exists()


def test_a_watchdog_address_must_be_one() -> None:
    with pytest.raises(ValueError, match="watchdog_ping_url|YTEMPIRE_WATCHDOG_PING_URL"):
        Settings.model_validate({"watchdog_ping_url": "healthchecks"})
