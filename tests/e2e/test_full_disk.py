"""A whole production on a real file system that is full: refused before it starts, stopped in the middle, finished once there is room."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.chaos_home import COMMAND, PRODUCE, Home
from infra.processes import environment
from infra.settings import CHECKOUT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SIZE_MB = 700
_CHUNK = b"\0" * 262_144


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of its own, in memory, that holds 700 MB; the disk of the machine is never filled."""
    place = tmp_path_factory.mktemp("a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0755", "none", str(place)], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        shutil.rmtree(place)
        pytest.skip(f"a file system of a chosen size can be mounted by root alone: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


class Ballast:
    """What somebody else keeps on the same disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self, leave_mb: int = 0) -> None:
        """Write until only so much is free, or until not one more byte can be written."""
        with self.path.open("ab", buffering=0) as writer:
            while shutil.disk_usage(self.path).free > leave_mb * 1_000_000:
                try:
                    writer.write(_CHUNK)
                except OSError:
                    return

    def remove(self) -> None:
        """Give the room back."""
        self.path.unlink()


def start(home: Path, errors: Path) -> "subprocess.Popen[str]":
    env = environment(YTEMPIRE_HOME=str(home), YTEMPIRE_NETWORK="off", YTEMPIRE_WORKERS_IO="2")
    with errors.open("w") as told:
        return subprocess.Popen([COMMAND, *PRODUCE], cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, stderr=told, text=True)


def rendering(home: Path) -> bool:
    """Whether a worker has begun to write a film's segments."""
    return any(path.stat().st_size for path in (home / "scratch").glob("**/*.mp4") if path.exists()) if (home / "scratch").is_dir() else False


def unfinished_files(home: Path) -> list[str]:
    """Return what a reader could take for a finished thing and is none."""
    library = [path for path in (home / "library").rglob("*") if path.is_file() and path.stat().st_size == 0]
    return [str(path) for path in library] + [str(path) for path in (home / "media").rglob(".tmp_*")]


def test_a_production_is_refused_before_it_starts_and_nothing_is_written(disk: Path) -> None:
    home, ballast = Home(disk / "home"), Ballast(disk / "others")
    ballast.fill(leave_mb=60)
    for arguments, needs in ((PRODUCE, "a video of 10 s needs"), (("runs", "--json"), "the stack needs")):
        done = home.command(*arguments)
        error = json.loads(done.stdout)["error"]
        assert (done.returncode, error["code"]) == (2, "disk_full"), done.stderr[-2000:]
        assert f"the disk of {home.path} is full: 59 MB are free" in error["message"]
        assert needs in error["message"]
        assert "free some there, or set YTEMPIRE_HOME to a folder on another disk" in error["message"]
    assert [path for path in disk.rglob("*") if path.is_file()] == [ballast.path]
    ballast.remove()


def test_a_disk_that_fills_while_the_film_is_rendered_stops_the_run_and_resume_finishes_it(disk: Path, tmp_path: Path) -> None:
    home, ballast, errors = Home(disk / "home"), Ballast(disk / "others"), tmp_path / "errors.txt"
    with start(home.path, errors) as process:
        try:
            while process.poll() is None and not rendering(home.path):
                time.sleep(0.02)
            assert process.poll() is None, errors.read_text()
            while process.poll() is None:  # whatever the studio gives back, the others take as well
                ballast.fill()
                time.sleep(0.02)
            said = json.loads(process.communicate()[0])
        finally:
            process.kill()
    assert process.returncode == 2, said
    refused(said["error"], home)
    assert home.wait_gone() == []
    assert home.entries() == []
    ballast.remove()
    assert unfinished_files(home.path) == []
    resumed = home.command("resume", "--json")
    assert resumed.returncode == 0, resumed.stdout[-2000:] + resumed.stderr[-2000:]
    assert [run["status"] for run in json.loads(resumed.stdout)["runs"]] == ["published"]
    published_once(home)


def refused(error: dict[str, Any], home: Home) -> None:
    """Whatever failed first, the disk, what is free on it and the way out are named."""
    assert error["retryable"] is True
    for words in (str(home.path), "MB", "free some", "ytempire resume"):
        assert words in error["message"], error


def published_once(home: Home) -> None:
    """The database answers, and holds one publication made of jobs that were each completed once; the files are whole."""
    rows = home.rows()
    assert [(run.status, run.error) for run in rows.runs] == [("published", None)]
    assert [one.state for one in rows.publications] == ["verified"]
    assert [job.tool for job in rows.jobs if job.completions > 1] == []
    assert len(home.entries()) == 1
    assert os.listdir(home.path / "scratch") == []
