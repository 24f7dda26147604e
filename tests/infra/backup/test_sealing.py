"""Sealed objects: what opens them, what does not, and that a place holds an object whole or not at all."""

import io
import os
import resource
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from infra.backup.key import BackupKey, KeyMissing, ensure_key, new_key, read_key, require_apart
from infra.backup.place import FolderPlace, ObjectMissing, PlaceFull, PlaceUnreachable, folder_place, shares_volume
from infra.backup.sealing import Damaged, WrongKey, seal, seal_bytes, unseal, unseal_bytes
from infra.errors import Conflict, Forbidden, Invalid

DATA = os.urandom(300_000) + b"words " * 100_000
NAME = "series/wal/000000010000000000000001"


@pytest.fixture(scope="module")
def key() -> BackupKey:
    return new_key()


@pytest.fixture(scope="module")
def sealed(key: BackupKey) -> bytes:
    return seal_bytes(key, NAME, DATA)


@pytest.mark.parametrize("data", [b"", b"x", DATA], ids=["nothing", "a byte", "much"])
def test_what_was_sealed_comes_back(key: BackupKey, data: bytes) -> None:
    out, plain = io.BytesIO(), io.BytesIO()
    wrote = seal(key, NAME, io.BytesIO(data), out)
    assert unseal(key, NAME, io.BytesIO(out.getvalue()), plain) == wrote
    assert plain.getvalue() == data
    assert wrote.bytes == len(out.getvalue())


def test_words_shrink(key: BackupKey) -> None:
    assert len(seal_bytes(key, NAME, b"words " * 100_000)) < 20_000


@pytest.mark.parametrize(
    "change",
    [lambda b: b[:-1], lambda b: b[: len(b) // 2], lambda b: b[:100], lambda b: b[:0], lambda b: b + b"x", lambda b: os.urandom(len(b))],
    ids=["cut by a byte", "cut in half", "only its head", "empty", "longer", "noise"],
)
def test_a_damaged_object_does_not_open(key: BackupKey, sealed: bytes, change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Damaged, match="damaged"):
        unseal_bytes(key, NAME, change(sealed))


def test_one_flipped_bit_anywhere_is_found(key: BackupKey, sealed: bytes) -> None:
    for at in range(0, len(sealed), len(sealed) // 40):
        with pytest.raises((Damaged, WrongKey)):
            unseal_bytes(key, NAME, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])


def test_an_object_in_anothers_place_does_not_open(key: BackupKey, sealed: bytes) -> None:
    with pytest.raises(Damaged, match="not written under this name"):
        unseal_bytes(key, "series/wal/000000010000000000000002", sealed)


def test_another_key_is_named_and_refused(sealed: bytes) -> None:
    other = new_key()
    with pytest.raises(WrongKey, match=f"{other.short_name} does not open .*--key"):
        unseal_bytes(other, NAME, sealed)


def test_memory_stays_small_whatever_the_length(key: BackupKey) -> None:
    class Zeros:
        left = 400_000_000

        def read(self, size: int = -1) -> bytes:
            taken = min(size, self.left)
            self.left -= taken
            return bytes(taken)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Path(os.devnull).open("wb") as nowhere:
        assert seal(key, NAME, Zeros(), nowhere).plain_bytes == 400_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "backup.key"
    made, fresh = ensure_key(path)
    assert fresh
    assert ensure_key(path) == (made, False)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "apart from this machine" in path.read_text()
    path.chmod(0o644)
    with pytest.raises(Forbidden, match="chmod 600"):
        read_key(path)


@pytest.mark.parametrize("content", ["", "AGE-SECRET-KEY-1NONSENSE\n", "hello"], ids=["empty", "no key", "words"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "backup.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(Invalid, match="is no key file"):
        read_key(path)
    with pytest.raises(KeyMissing, match="YTEMPIRE_BACKUP_KEY"):
        read_key(tmp_path / "nowhere")


def test_the_key_is_kept_apart(tmp_path: Path) -> None:
    require_apart(tmp_path / "keys" / "backup.key", tmp_path / "home")
    with pytest.raises(Conflict, match="kept apart"):
        require_apart(tmp_path / "home" / "backup.key", tmp_path / "home")


def put(place: FolderPlace, name: str, data: bytes) -> None:
    def write(file: BinaryIO) -> None:
        file.write(data)

    place.put(name, write)


def test_a_place_holds_objects_whole_or_not_at_all(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "place")
    put(place, "s/wal/2", b"two")
    put(place, "s/wal/1", b"one")
    put(place, "s/wal/1", b"one again")

    def dies(file: BinaryIO) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.put("s/wal/3", dies)
    assert list(place.list_("s/")) == ["s/wal/1", "s/wal/2"]
    assert list(place.list_("nothing/")) == []
    with place.open("s/wal/1") as file:
        assert file.read() == b"one again"
    place.delete("s/wal/1")
    place.delete("s/wal/1")
    with pytest.raises(ObjectMissing):
        place.open("s/wal/1")


def test_what_a_killed_writer_left_is_no_object_and_is_swept(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path)
    put(place, "s/a", b"a")
    (tmp_path / "s" / ".part_left").write_bytes(b"half")
    assert list(place.list_("s/")) == ["s/a"]
    assert place.sweep(before=0) == 0
    assert place.sweep(before=4e9) == 1


def test_a_disk_that_is_not_mounted_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PlaceUnreachable, match="mount its disk"):
        put(FolderPlace(tmp_path / "mnt" / "place"), "a", b"a")
    assert not (tmp_path / "mnt").exists()


@pytest.mark.parametrize(("to", "why"), [("relative/path", "absolute"), ("{tmp}/file", "is a file"), ("{tmp}/home/backups", "lies in the home")])
def test_a_place_that_cannot_be_one_is_refused(tmp_path: Path, to: str, why: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Invalid, match=why):
        folder_place(to.format(tmp=tmp_path), tmp_path / "home")
    assert shares_volume(tmp_path / "not" / "there", tmp_path)


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="a small file system is mounted by root only")
def test_a_full_place_says_so_and_keeps_nothing_half_written(tmp_path: Path, key: BackupKey) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        place = FolderPlace(small / "place")
        put(place, "s/a", b"a")
        with pytest.raises(PlaceFull, match="no room"):
            put(place, "s/b", seal_bytes(key, "s/b", DATA))
        assert list(place.list_("s/")) == ["s/a"]
        assert [path.name for path in small.rglob("*") if path.is_file()] == ["a"]
    finally:
        subprocess.run(["umount", small], check=True)
