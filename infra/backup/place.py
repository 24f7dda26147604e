"""Where backups go: a folder on another disk, or a bucket; an object is there whole or not at all."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from infra.errors import Invalid, NotFound, Unavailable
from infra.ids import new_id
from infra.room import FULL

_PART = ".part_"


class ObjectMissing(NotFound):
    """The place holds no object of that name."""

    code = "backup_object_missing"


class PlaceUnreachable(Unavailable):
    """The place does not answer, or does not take what is written."""

    code = "backup_place_unreachable"


class PlaceFull(PlaceUnreachable):
    """The place has no room."""

    code = "backup_place_full"


class Place(Protocol):
    """A flat set of named objects (`series/kind/name`)."""

    @property
    def label(self) -> str:
        """What a person calls it: a path or a URL, without secrets."""
        ...

    def put(self, name: str, write: Callable[[BinaryIO], None]) -> None:
        """Let `write` make the object; afterwards it is there whole, in place of an older one. Raises PlaceFull and PlaceUnreachable."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Return the object to be read; raises ObjectMissing and PlaceUnreachable."""
        ...

    def list_(self, prefix: str) -> Iterator[str]:
        """Yield the names of the objects below a prefix that ends with a slash, in order."""
        ...

    def delete(self, name: str) -> None:
        """Remove an object; without effect when it is not there."""
        ...


class FolderPlace:
    """Objects as files of a folder; written beside their name, synced and renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def label(self) -> str:
        """The folder."""
        return str(self.root)

    def put(self, name: str, write: Callable[[BinaryIO], None]) -> None:
        """Write the object beside its name, sync it, and give it the name."""
        target = self.root / name
        temporary = target.with_name(f"{_PART}{new_id(target.name[:24])}")
        with self._answers():
            self._require_root()
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with temporary.open("wb") as file:
                    write(file)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(target)
                _sync(target.parent)
            finally:
                temporary.unlink(missing_ok=True)

    def open(self, name: str) -> BinaryIO:
        """Open the object's file."""
        try:
            with self._answers():
                return (self.root / name).open("rb")
        except FileNotFoundError as error:
            raise ObjectMissing(f"backup object {name}: it is not at {self.root}", object=name) from error

    def list_(self, prefix: str) -> Iterator[str]:
        """Walk the folder of the prefix; files that a killed writer left are not objects."""
        folder = self.root / prefix
        with self._answers():
            found = [Path(parent, name) for parent, _, names in os.walk(folder, onerror=_unless_missing) for name in names if not name.startswith(_PART)]
        yield from sorted(path.relative_to(self.root).as_posix() for path in found)

    def delete(self, name: str) -> None:
        """Remove the file."""
        with self._answers(), suppress(FileNotFoundError):
            (self.root / name).unlink()

    def sweep(self, before: float) -> int:
        """Remove what killed writers left before that time (seconds since 1970); return how many files."""
        count = 0
        with self._answers():
            for path in self.root.rglob(f"{_PART}*"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before:
                        path.unlink()
                        count += 1
        return count

    def _require_root(self) -> None:
        """Make the folder itself, but no folder above it: that would be the mount point of a disk that is not there."""
        if not self.root.parent.is_dir():
            raise PlaceUnreachable(f"backup place: {self.root.parent} is not there; mount its disk, or correct YTEMPIRE_BACKUP_TO", place=str(self.root))
        self.root.mkdir(mode=0o700, exist_ok=True)

    @contextmanager
    def _answers(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in FULL:
                message = (
                    f"backup place: {self.root} has no room ({os.strerror(error.errno or 0)}); free some there, or set YTEMPIRE_BACKUP_TO to another place"
                )
                raise PlaceFull(message, place=str(self.root)) from error
            message = f"backup place: {self.root} does not answer ({error.strerror or error}); mount or mend it, or set YTEMPIRE_BACKUP_TO to another place"
            raise PlaceUnreachable(message, place=str(self.root)) from error


def folder_place(to: str, home: Path) -> FolderPlace:
    """Return the folder that a person named as the place of backups; raises Invalid when it is relative, a file, or inside the home."""
    root = Path(to).expanduser()
    if not root.is_absolute():
        raise Invalid(f"backup place: {to!r} is not an absolute path and no s3:// address; give one of these (YTEMPIRE_BACKUP_TO or --to)")
    if root.exists() and not root.is_dir():
        raise Invalid(f"backup place: {root} is a file; name a folder (YTEMPIRE_BACKUP_TO or --to)")
    if root.resolve().is_relative_to(home.resolve()):
        raise Invalid(f"backup place: {root} lies in the home {home}, which it is to outlive; name a folder on another disk (YTEMPIRE_BACKUP_TO or --to)")
    return FolderPlace(root)


def shares_volume(root: Path, home: Path) -> bool:
    """Say whether two folders, which need not exist yet, lie on one volume, so that one broken disk takes both."""
    return _device(root) == _device(home)


def _device(folder: Path) -> int:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    return there.stat().st_dev


def _unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
