"""Folders and waiting for the tests of real processes."""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from infra.embedded.postgres import EmbeddedPostgres
from tests.fixtures.services import make_quick_place

Until = Callable[[Callable[[], object], float], None]


@pytest.fixture
def short_home() -> Iterator[Path]:
    """A home with a space in its path, under a folder that everybody may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="ytempire home "))
    folder.chmod(0o711)
    yield folder / "studio"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def pristine() -> Iterator[Path]:
    """A home whose database cluster has just been made; tests that do not test its making copy it."""
    folder = make_quick_place()
    server = EmbeddedPostgres(folder / "home", {"fsync": "off"})
    server.start()
    server.stop()
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def made_home(pristine: Path) -> Iterator[Path]:
    """A home of the test's own in which a database cluster exists, with a space in its path."""
    folder = make_quick_place(" home")
    shutil.copytree(pristine, folder / "studio")
    yield folder / "studio"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def until() -> Until:
    """A function that waits until a condition holds, or fails after so many seconds."""

    def wait(condition: Callable[[], object], seconds: float) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, f"not within {seconds} s"
            time.sleep(0.02)

    return wait


@pytest.fixture
def alive() -> Callable[[int], bool]:
    """Whether a process runs; one that only waits to be reaped does not."""

    def look(pid: int) -> bool:
        try:
            return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    return look


@pytest.fixture
def parent_modes() -> Callable[[Path], dict[Path, int]]:
    """The permissions of every folder above a path."""
    return lambda path: {parent: stat.S_IMODE(os.stat(parent).st_mode) for parent in path.resolve().parents if parent.exists()}
