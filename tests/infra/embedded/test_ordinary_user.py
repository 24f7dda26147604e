"""The same servers for an ordinary user: started by a process that gave root up, or by whoever runs the tests."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3]
_ORDINARY_UID = pwd.getpwnam("nobody").pw_uid  # initdb asks for a uid that has an account
_PROGRAM = """
import json, os, sys
from pathlib import Path
import psycopg
from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.redis import EmbeddedRedis
home, uid = Path(sys.argv[1]), int(sys.argv[2])
if os.geteuid() == 0:  # root is given up for good here; the interpreter itself may lie where only root can start it
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
postgres, redis = EmbeddedPostgres(home, {"fsync": "off"}), EmbeddedRedis(home)
urls = postgres.start()
redis.start()
with psycopg.connect(urls.app) as connection:
    row = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
owners = [os.stat(f"/proc/{server.process.pid}").st_uid for server in (postgres, redis)]
redis.stop()
postgres.stop()
print(json.dumps({"owners": owners, "superuser": row[0], "me": os.geteuid()}), file=sys.stderr)
"""


def closed_to_others(path: Path) -> bool:
    """Say whether some folder on the way to `path` can only be entered by its owner."""
    return any(not folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


@pytest.fixture
def own_folder() -> Iterator[Path]:
    if os.geteuid() == 0 and closed_to_others(Path(sys.prefix)):
        pytest.skip("the checkout lies in a folder that only root can enter, so an ordinary user cannot read the servers' binaries")
    folder = Path(tempfile.mkdtemp(prefix="ytempire user "))
    if os.geteuid() == 0:
        os.chown(folder, _ORDINARY_UID, _ORDINARY_UID)
    yield folder
    shutil.rmtree(folder)


def run_as_user(home: Path) -> "subprocess.CompletedProcess[str]":
    env = {"PATH": os.defpath, "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-c", _PROGRAM, str(home), str(_ORDINARY_UID)]
    return subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False)


def test_an_ordinary_user_runs_both_servers_as_itself(own_folder: Path) -> None:
    done = run_as_user(own_folder / "home")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stderr.splitlines()[-1])
    assert seen["owners"] == [seen["me"], seen["me"]]
    assert seen["me"] != 0
    assert seen["superuser"] is False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else's")
def test_a_home_of_somebody_else_is_refused_by_name(own_folder: Path) -> None:
    home = own_folder / "home"
    (home / "services" / "postgres").mkdir(parents=True)
    for path in (home, home / "services"):
        os.chown(path, _ORDINARY_UID, _ORDINARY_UID)
    os.chown(home / "services" / "postgres", 65_431, 65_431)
    done = run_as_user(home)
    assert "belongs to uid 65431" in done.stderr
    assert "YTEMPIRE_HOME" in done.stderr
