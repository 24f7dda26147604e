"""Where servers live when the obvious place is closed to them."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from infra.embedded import runtime

_UID = 60_719
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as somebody else")


@needs_root
def test_binaries_in_a_closed_folder_are_copied_to_where_the_server_can_run_them(tmp_path: Path, short_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_SHARED_BINARIES", short_home.parent / "shared")
    closed = tmp_path / "closed"
    (closed / "install" / "bin").mkdir(parents=True)
    closed.chmod(0o700)
    program = closed / "install" / "bin" / "answer"
    program.write_text('#!/bin/sh\ncat "$(dirname "$0")/../../install.libs/text"\n')
    program.chmod(0o755)
    (closed / "install.libs").mkdir()
    (closed / "install.libs" / "text").write_text("here")
    copy = runtime.reachable_install(closed / "install", "bin", "answer", _UID)
    assert copy != closed / "install" / "bin"
    assert runtime.reachable_install(closed / "install", "bin", "answer", _UID) == copy
    done = subprocess.run([str(copy / "answer")], user=_UID, group=_UID, extra_groups=[], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout == "here"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_binaries_that_can_be_run_where_they_are_stay_there(short_home: Path) -> None:
    assert runtime.reachable_install(short_home.parent, "", "anything", os.geteuid() or _UID) == short_home.parent


def test_a_runtime_folder_is_short_private_and_different_for_each_home(tmp_path: Path) -> None:
    one, two = (runtime.runtime_folder(tmp_path / ("long" * 50) / name, "test", os.geteuid()) for name in ("one", "two"))
    assert one != two
    assert len(str(one)) < 80
    assert stat.S_IMODE(one.stat().st_mode) == 0o700
    for folder in (one, two):
        runtime.discard_runtime_folder(folder)
        assert not folder.exists()
