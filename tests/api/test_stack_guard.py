"""The supervisor's eye on the watchdog: one that touches its file is left alone, one that falls silent is started anew."""

import os
import sys
import time
from pathlib import Path

from api.stack_guard import Guard
from infra.supervisor import Supervisor
from infra.units import ProcessSpec


def test_a_watchdog_that_falls_silent_is_started_anew_and_one_that_just_began_has_its_time(tmp_path: Path) -> None:
    sleeper = ProcessSpec("watchdog", "control", [sys.executable, "-S", "-c", "import time; time.sleep(60)"], {"PATH": os.defpath}, tmp_path / "log")
    alive = tmp_path / "watchdog.alive"
    with Supervisor() as supervisor:
        supervisor.add(sleeper)
        guard = Guard(supervisor, "watchdog", alive, within_s=0.3)
        assert guard.look() is False
        first = supervisor.pids()["watchdog"]
        time.sleep(0.35)
        alive.touch()
        assert guard.look() is False
        time.sleep(0.35)
        assert guard.look() is True
        limit = time.monotonic() + 10
        while supervisor.pids().get("watchdog", first) == first and time.monotonic() < limit:
            time.sleep(min(0.02, supervisor.tick()))
        assert supervisor.pids()["watchdog"] != first
        assert guard.look() is False
        assert Guard(supervisor, "nobody", alive, within_s=0.0).look() is False
