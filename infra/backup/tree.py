"""The files of a home beside its database: media, library, configuration; each content is kept once, and a tree says which files hold it."""

import hashlib
import io
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from infra.backup.catalog import Part, to_lines
from infra.backup.key import BackupKey
from infra.backup.place import ObjectMissing, Place
from infra.backup.sealing import Damaged, seal, unseal, unseal_bytes
from infra.errors import NotFound, StudioError

# Rebuilt, transport, or of this machine only. The services' folder holds the database itself; of it only the roles' passwords are kept.
_LEFT_OUT = frozenset({"cache", "scratch", "logs", "run", "services", "backup"})
_PASSWORDS = "services/postgres.json"
_TEMPORARY = (".tmp_", ".part_")
MEDIA = "media/"
BESIDE = "beside-the-home/"


@dataclass(frozen=True)
class Item:
    """One file: its path in the restored home, and how to read it. `digest` is known without reading where the name says it."""

    path: str
    bytes: int
    stamp: int
    open: Callable[[], io.BufferedReader]
    mode: int = 0o600
    digest: str | None = None


@dataclass
class Shipped:
    """What one look at the files brought to the place."""

    part: Part | None = None
    files: int = 0
    bytes: int = 0
    new: int = 0
    new_bytes: int = 0
    skipped: list[str] = field(default_factory=list)


def home_items(home: Path, beside: Iterable[Path] = ()) -> Iterator[Item]:
    """Yield the files of a home that a backup keeps, then those of other places that belong to its configuration, in order."""
    for entry in sorted(home.iterdir()) if home.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink() and entry.name not in _LEFT_OUT:
            for parent, folders, names in os.walk(entry):
                folders.sort()
                yield from _items(home, (Path(parent, name) for name in sorted(names)))
        else:
            yield from _items(home, [entry])
    yield from _items(home, [home / _PASSWORDS])
    for path in beside:
        yield from (Item(f"{BESIDE}{path.name}", one.bytes, one.stamp, one.open, one.mode) for one in _items(path.parent, [path]))


def folder_items(root: Path, prefix: str) -> Iterator[Item]:
    """Yield the files of a folder elsewhere, as the restored home has them below `prefix`."""
    for parent, folders, names in os.walk(root):
        folders.sort()
        for one in _items(root, (Path(parent, name) for name in sorted(names))):
            digest = Path(one.path).name if prefix == MEDIA and len(Path(one.path).name) == 64 else None
            yield replace(one, path=prefix + one.path, digest=digest)


def _items(home: Path, paths: Iterable[Path]) -> Iterator[Item]:
    for path in paths:
        with suppress(FileNotFoundError):  # gone meanwhile
            found = path.lstat()
            if stat.S_ISREG(found.st_mode) and not path.name.startswith(_TEMPORARY) and not path.name.endswith(".part"):
                name = path.relative_to(home).as_posix()
                digest = path.name if name.startswith(MEDIA) and len(path.name) == 64 else None
                yield Item(name, found.st_size, found.st_mtime_ns, _opener(path), stat.S_IMODE(found.st_mode), digest)


def _opener(path: Path) -> Callable[[], io.BufferedReader]:
    return lambda: path.open("rb")


class TreeKeeper:
    """Brings a home's files to a series, each content once. Digests of files that did not change are remembered from look to look."""

    def __init__(self, place: Place, key: BackupKey, series: str) -> None:
        self._place, self._key, self._series = place, key, series
        self._known: dict[tuple[str, int, int], str] = {}
        self._have: set[str] | None = None
        self._last = ""

    def ship(self, name: str, items: Iterable[Item], *, always: bool = True) -> Shipped:
        """Write what is new, then the tree as object `<series>/trees/<name>`; unless `always`, only when anything changed since the last look."""
        found, shipped, rows, known = list(items), Shipped(), [], dict[tuple[str, int, int], str]()
        look = hashlib.sha256(repr([(one.path, one.bytes, one.stamp) for one in found]).encode()).hexdigest()
        if look == self._last and not always:
            return shipped
        for item in found:
            try:
                digest = self._bring(item, shipped)
            except (FileNotFoundError, NotFound):
                continue  # gone meanwhile
            if digest is not None:
                known[(item.path, item.bytes, item.stamp)] = digest
                rows.append({"path": item.path, "sha256": digest, "bytes": item.bytes, "mode": item.mode, "stamp": item.stamp})
                shipped.files += 1
                shipped.bytes += item.bytes
        self._known = known
        shipped.part = self._write_tree(f"{self._series}/trees/{name}", to_lines(rows))
        self._last = look
        return shipped

    def _bring(self, item: Item, shipped: Shipped) -> str | None:
        """Return the digest of a file whose content is at the place; None, with a word why, for one that is not what it should be."""
        digest = item.digest or self._known.get((item.path, item.bytes, item.stamp)) or _digest(item)
        name = blob_name(self._key, self._series, digest)
        if name in self._blobs():
            return digest
        try:
            size = self._put(name, item, digest)
        except _Changed:
            shipped.skipped.append(f"{item.path}: its bytes are not those of its name" if item.digest else f"{item.path}: it was being written")
            return None
        self._blobs().add(name)
        shipped.new += 1
        shipped.new_bytes += size
        return digest

    def _put(self, name: str, item: Item, digest: str) -> int:
        written: list[int] = []

        def write(file: BinaryIO) -> None:
            with item.open() as source:
                sealed = seal(self._key, name, source, file)
            if sealed.plain_sha256 != digest:
                raise _Changed(item.path)
            written.append(sealed.bytes)

        self._place.put(name, write)
        return written[0]

    def _blobs(self) -> set[str]:
        if self._have is None:
            self._have = set(self._place.list_(f"{self._series}/blobs/"))
        return self._have

    def _write_tree(self, name: str, data: bytes) -> Part:
        parts: list[Part] = []

        def write(file: BinaryIO) -> None:
            with tempfile.SpooledTemporaryFile(max_size=1 << 22) as plain:
                plain.write(data)
                plain.seek(0)
                sealed = seal(self._key, name, plain, file)
            parts.append(Part(name=name, bytes=sealed.bytes, sha256=sealed.sha256, plain_bytes=sealed.plain_bytes))

        self._place.put(name, write)
        return parts[0]

    def drop_unneeded(self, trees: Iterable[str]) -> int:
        """Remove contents that none of the trees of these names needs; return how many. Call it only while nothing is brought."""
        needed = {blob_name(self._key, self._series, str(row["sha256"])) for tree in trees for row in read_tree(self._place, self._key, tree)}
        unneeded = sorted(self._blobs() - needed)
        for name in unneeded:
            self._place.delete(name)
        self._blobs().difference_update(unneeded)
        return len(unneeded)


class _Changed(StudioError):
    """A file changed while it was read, or is not what its name says."""


def blob_name(key: BackupKey, series: str, digest: str) -> str:
    """Return the object that holds a content; its name says nothing of the content to whoever has no key."""
    tag = key.tag(f"blob {digest}")
    return f"{series}/blobs/{tag[:2]}/{tag}"


def read_tree(place: Place, key: BackupKey, name: str) -> list[dict[str, str | int]]:
    """Return the rows of a tree; raises Damaged, WrongKey and ObjectMissing."""
    with place.open(name) as file:
        return [json.loads(line) for line in unseal_bytes(key, name, file.read()).splitlines()]


def fetch_blob(place: Place, key: BackupKey, series: str, digest: str, target: Path) -> int:
    """Write a content to a file and return its length; raises Damaged when it is missing or not the one of that digest."""
    name = blob_name(key, series, digest)
    try:
        with place.open(name) as source, target.open("wb") as file:
            read = unseal(key, name, source, file)
    except ObjectMissing as error:
        raise Damaged(f"backup content {digest[:12]}: it is missing at {place.label}; use another copy of the place") from error
    if read.plain_sha256 != digest:
        raise Damaged(f"backup content {digest[:12]}: it holds other bytes; use another copy of the place")
    return read.plain_bytes


def restore_tree(place: Place, key: BackupKey, series: str, rows: Iterable[dict[str, str | int]], home: Path) -> tuple[int, int]:
    """Write the files of a tree under a new home, verified; return how many and their bytes."""
    count = size = 0
    for row in rows:
        target = home / str(row["path"])
        if not target.resolve().is_relative_to(home.resolve()):
            raise Damaged(f"backup tree: {row['path']} leads out of the home; use another backup")
        target.parent.mkdir(parents=True, exist_ok=True)
        size += fetch_blob(place, key, series, str(row["sha256"]), target)
        target.chmod(int(row["mode"]))
        os.utime(target, ns=(int(row["stamp"]), int(row["stamp"])))
        count += 1
    return count, size


def _digest(item: Item) -> str:
    with item.open() as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
