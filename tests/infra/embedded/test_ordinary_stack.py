"""The whole stack as an ordinary user: two homes at once, in a folder with a space, and no folder's permissions changed."""

import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import CHECKOUT

_USER = pwd.getpwnam("nobody")
_COMMAND = Path(sys.executable).parent / "ytempire"
# An interpreter under /root is out of reach for anybody else. In a mount namespace of its own, /root is covered by an open folder
# that shows the interpreter alone: nothing outside that namespace changes.
_REACH = """
set -e
python=$(dirname "$(dirname "$(readlink -f "$1")")"); cover=$2; shift 2
mount --make-rprivate /
case "$python" in /root/*)
    mkdir -p "$cover${python#/root}"; mount --bind "$python" "$cover${python#/root}"; mount --rbind "$cover" /root;;
esac
exec setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups --inh-caps=-all "$@"
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="two users "))
    if os.geteuid() == 0:
        os.chown(made, _USER.pw_uid, _USER.pw_gid)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def cover() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="cover "))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def command(folder: Path, cover: Path, home: str) -> list[str]:
    """Return the command that lists the runs of a home, as an ordinary user."""
    settings = [f"HOME={folder}", f"YTEMPIRE_HOME={folder / home}", f"PYTHONPATH={CHECKOUT}", "YTEMPIRE_NETWORK=off", "PYTHONDONTWRITEBYTECODE=1"]
    settings += ["YTEMPIRE_WORKERS_IO=1", "YTEMPIRE_WORKERS_CPU=1"]  # one of each kind: more start no differently
    plain = ["env", "-i", f"PATH={os.defpath}", *settings, str(_COMMAND), "runs", "--json"]
    return ["unshare", "--mount", "sh", "-c", _REACH, "sh", sys.executable, str(cover), *plain] if os.geteuid() == 0 else plain


def may_enter() -> bool:
    """Say whether an ordinary user can reach the checkout and its command."""
    ways = {part for path in (CHECKOUT, _COMMAND.parent) for part in (path, *path.parents)}
    return os.geteuid() != 0 or all(part.stat().st_mode & stat.S_IXOTH for part in ways)


def may_cover() -> bool:
    return os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not may_enter(), reason="the checkout lies in a folder that only root can enter")
@pytest.mark.skipif(not may_cover(), reason="this machine gives root no mount namespace, so the interpreter stays out of an ordinary user's reach")
def test_two_ordinary_homes_run_side_by_side_and_leave_permissions_alone(folder: Path, cover: Path) -> None:
    seen = [folder, folder.parent, CHECKOUT, Path(sys.prefix)]
    before = [(path.stat().st_mode, path.stat().st_uid) for path in seen]
    started = [
        subprocess.Popen(command(folder, cover, home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/") for home in ("home 1", "home 2")
    ]
    for process in started:
        out, error = process.communicate(timeout=250)
        assert process.returncode == 0, error
        assert json.loads(out) == {"runs": []}
    assert [(path.stat().st_mode, path.stat().st_uid) for path in seen] == before
    owners = {path.lstat().st_uid for path in folder.rglob("*")}
    assert owners == {_USER.pw_uid if os.geteuid() == 0 else os.geteuid()}
    logs = {log.name for log in (folder / "home 1" / "logs").iterdir()}
    assert {"postgres.log", "redis.log", "dispatch.log", "worker-publish-1.log"} <= logs
