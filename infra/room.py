"""Room on the disk of the studio's home: asked for before work begins, and named when it has run out."""

import errno
import shutil
from pathlib import Path

from infra.errors import Unavailable

# What the kernel answers when there is no room for a write.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Below this, servers and tools fail of the disk, whatever they say they failed of.
SCARCE_BYTES = 32_000_000
_WAY_OUT = "free some there, or set YTEMPIRE_HOME to a folder on another disk"
_MB = 1_000_000


class DiskFull(Unavailable):
    """The disk has no room for the file; nothing was kept half-written."""

    code = "disk_full"


def free_bytes(folder: Path) -> int:
    """Return the bytes that this user may still write to the disk of a folder, which need not exist yet."""
    return shutil.disk_usage(_nearest(folder)).free


def size_bytes(folder: Path) -> int:
    """Return the size of the disk of a folder, which need not exist yet."""
    return shutil.disk_usage(_nearest(folder)).total


def require_room(home: Path, needed: int, what: str) -> None:
    """Raise DiskFull, before anything is written, when the home's disk has less than `needed` bytes for `what`."""
    if (free := free_bytes(home)) < needed:
        message = f"the disk of {home} is full: {free // _MB} MB are free, {what} needs {-(-needed // _MB)} MB; {_WAY_OUT}"
        raise DiskFull(message, home=str(home), free_bytes=free, needed_bytes=needed)


def out_of_room(error: OSError, home: Path) -> DiskFull | None:
    """Return what to tell a person of an error of the kernel's when it was a full disk, else None."""
    if error.errno not in FULL:
        return None
    where = error.filename or home
    free = free_bytes(home)
    return DiskFull(f"no room for {where}: the disk of {home} has {free // _MB} MB free; {_WAY_OUT}", home=str(home), free_bytes=free)


def scarcity(home: Path) -> DiskFull | None:
    """Return what to tell a person when the home's disk is nearly full: whatever fails then, failed of that. Else None."""
    free = free_bytes(home)
    if free >= SCARCE_BYTES:
        return None
    return DiskFull(f"the disk of {home} is full: {free // _MB} MB are free; {_WAY_OUT}", home=str(home), free_bytes=free)


def with_room(message: str, home: Path) -> str:
    """Return the message of a failure, with the state of the home's disk added when that is nearly full and not named yet."""
    full = scarcity(home)
    return message if full is None or f"the disk of {home}" in message else f"{message} ({full.message}, then `ytempire resume`)"


def _nearest(folder: Path) -> Path:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    return there
