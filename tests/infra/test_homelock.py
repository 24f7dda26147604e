"""One holder per home, and a clear word for the second."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.errors import Conflict
from infra.homelock import HomeLock


def test_the_second_is_told_who_holds_the_home_and_what_to_do(tmp_path: Path) -> None:
    with HomeLock(tmp_path), pytest.raises(Conflict) as raised:
        HomeLock(tmp_path).acquire()
    assert str(tmp_path) in raised.value.message
    assert f"pid {os.getpid()}" in raised.value.message
    assert "YTEMPIRE_HOME" in raised.value.message
    assert raised.value.details["pid"] == os.getpid()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    code = f"""
import time
from pathlib import Path
from infra.homelock import HomeLock
lock = HomeLock(Path({str(tmp_path)!r}))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert HomeLock(tmp_path).is_held()
        holder.kill()
        holder.wait()
    assert not HomeLock(tmp_path).is_held()
    with HomeLock(tmp_path):
        assert HomeLock(tmp_path).is_held()
