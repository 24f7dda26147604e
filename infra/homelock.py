"""One stack per home: a lock that the kernel releases when its holder ends, however it ends."""

import fcntl
import json
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.clock import SYSTEM_CLOCK
from infra.errors import Conflict


class HomeLock:
    """An exclusive lock on one file of a home; the file says who holds it."""

    def __init__(self, home: Path, name: str = "run/lock") -> None:
        self.home = home.resolve()
        self.path = self.home / name
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock, or raise Conflict that names the holder's pid, command, home and the way out."""
        if self._descriptor is not None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(descriptor)
            os.close(descriptor)
            raise self._busy(holder) from None
        os.ftruncate(descriptor, 0)
        holder = {"pid": os.getpid(), "command": " ".join(sys.argv) or "python", "since": SYSTEM_CLOCK.now().isoformat(timespec="seconds")}
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        self._descriptor = descriptor

    def is_held(self) -> bool:
        """Say whether anybody holds the lock now."""
        if self._descriptor is not None:
            return True
        try:
            self.acquire()
        except Conflict:
            return True
        self.release()
        return False

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _busy(self, holder: dict[str, object]) -> Conflict:
        who = f"pid {holder.get('pid', '?')} (`{holder.get('command', '?')}`, since {holder.get('since', '?')})"
        message = f"home {self.home} is in use by {who}; wait until it ends, or set YTEMPIRE_HOME to another folder"
        return Conflict(message, home=str(self.home), **holder)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


def _read(descriptor: int) -> dict[str, object]:
    try:
        found = json.loads(os.pread(descriptor, 4096, 0))
    except ValueError:  # the holder is writing it at this moment
        return {}
    return found if isinstance(found, dict) else {}
