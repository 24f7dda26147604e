"""The media store: whole files or none, whoever is killed, races or runs out of disk."""

import errno
import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from memory.media import ARTIFACT_SET_ASIDE, ArtifactCorrupt, ArtifactMissing, DiskFull, MediaStore

DATA = b"a wave breaks" * 1000
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def _files(store: MediaStore) -> list[str]:
    return sorted(path.name for path in store.root.rglob("*") if path.is_file())


def _in_process(store: MediaStore, body: str) -> subprocess.CompletedProcess[str]:
    lines = ["import os, resource, signal, sys", "from pathlib import Path", "from memory.media import DiskFull, MediaStore"]
    code = "\n".join([*lines, "store, DATA = MediaStore(Path(sys.argv[1])), b'a wave breaks' * 1000", textwrap.dedent(body)])
    return subprocess.run([sys.executable, "-c", code, str(store.root)], capture_output=True, text=True, check=False, timeout=60)


def test_equal_bytes_are_one_file_named_by_their_digest(store: MediaStore, tmp_path: Path) -> None:
    source = tmp_path / "wave.bin"
    source.write_bytes(DATA)
    assert store.put_bytes(DATA) == store.put_file(source) == store.put_bytes(DATA) == DIGEST
    assert _files(store) == [DIGEST]
    assert store.read(DIGEST) == store.path(DIGEST).read_bytes() == DATA


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "G" * 64, DIGEST.upper()])
def test_a_name_that_is_not_there_is_missing(store: MediaStore, name: str) -> None:
    for read in (store.read, store.path):
        with pytest.raises(ArtifactMissing):
            read(name)


@pytest.mark.parametrize("reader", ["read", "path"])
def test_a_corrupt_file_is_set_aside_reported_and_can_be_made_again(store: MediaStore, reader: str) -> None:
    store.put_bytes(DATA)
    target = store.path(DIGEST)
    target.write_bytes(DATA[:-1] + b"!")
    with capture_logs() as logs, pytest.raises(ArtifactCorrupt, match="make it again"):
        getattr(store, reader)(DIGEST)
    assert [entry["event"] for entry in logs] == [ARTIFACT_SET_ASIDE]
    assert _files(store) == [f"{DIGEST}.corrupt"]
    with pytest.raises(ArtifactMissing):
        store.read(DIGEST)
    assert store.read(store.put_bytes(DATA)) == DATA


def test_a_file_cut_short_is_replaced_when_it_is_stored_again(store: MediaStore) -> None:
    store.put_bytes(DATA)
    os.truncate(store.path(DIGEST), 10)
    store.put_bytes(DATA)
    assert store.read(DIGEST) == DATA


@pytest.mark.parametrize("put", ["store.put_bytes(DATA)", "store.put_file(Path(sys.argv[1]).parent / 'source')"])
def test_a_kill_between_write_and_rename_leaves_nothing_that_anyone_reads(store: MediaStore, put: str) -> None:
    (store.root.parent / "source").write_bytes(DATA)
    killed = _in_process(store, f"Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n{put}")
    assert killed.returncode == -signal.SIGKILL
    assert not store.has(DIGEST)
    with pytest.raises(ArtifactMissing):
        store.read(DIGEST)
    (left,) = _files(store)
    assert left.startswith(".tmp_")
    now = datetime.fromtimestamp(next(store.root.rglob(left)).stat().st_mtime, UTC)
    assert store.sweep(now - timedelta(hours=1)) == 0
    assert store.sweep(now + timedelta(hours=1)) == 1
    assert _files(store) == []
    assert store.put_bytes(DATA) == DIGEST


def test_many_writers_of_the_same_bytes_leave_one_whole_file(store: MediaStore, tmp_path: Path) -> None:
    source = tmp_path / "wave.bin"
    source.write_bytes(DATA * 20)
    start, digests = threading.Barrier(16), []

    def write(number: int) -> None:
        start.wait()
        digests.append(store.put_file(source) if number % 2 else store.put_bytes(DATA * 20))
        assert store.read(digests[-1]) == DATA * 20

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(digests) == 16
    assert _files(store) == [digests[0]]


@pytest.mark.parametrize("put", ["store.put_bytes(DATA)", "store.put_file(Path(sys.argv[1]).parent / 'source')"])
def test_a_file_beyond_the_size_limit_is_disk_full_and_leaves_nothing(store: MediaStore, put: str) -> None:
    (store.root.parent / "source").write_bytes(DATA)
    done = _in_process(
        store,
        f"""
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            {put}
        except DiskFull as error:
            sys.exit(error.message)
        """,
    )
    assert done.returncode == 1
    assert "no room for 13000 bytes" in done.stderr
    assert _files(store) == []


def test_a_full_disk_is_disk_full_and_leaves_nothing(store: MediaStore) -> None:
    store.root.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(store.root)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this user may not mount a small file system")
    try:
        with pytest.raises(DiskFull) as full:
            [store.put_bytes(bytes([number]) * 10_000) for number in range(100)]
        assert getattr(full.value.__cause__, "errno", None) == errno.ENOSPC
        kept = _files(store)
        assert 0 < len(kept) < 10
        assert all(store.read(name) for name in kept)
    finally:
        subprocess.run(["umount", str(store.root)], check=True)


def test_what_was_made_before_is_remembered_while_its_file_is_there(store: MediaStore) -> None:
    key = {"text": "tide", "voice": 1}
    assert store.remembered("speech", key) is None
    store.remember("speech", key, store.put_bytes(DATA))
    assert store.remembered("speech", {"voice": 1, "text": "tide"}) == DIGEST
    assert store.remembered("pictures", key) is None
    store.path(DIGEST).unlink()
    assert store.remembered("speech", key) is None


@pytest.mark.parametrize("garbage", [b"", b"abc", b"\xff" * 64, b"../" * 22])
def test_a_broken_cache_entry_counts_as_forgotten(store: MediaStore, garbage: bytes) -> None:
    store.remember("speech", "tide", store.put_bytes(DATA))
    (entry,) = (store.keys / "speech").iterdir()
    entry.write_bytes(garbage)
    assert store.remembered("speech", "tide") is None
