"""Small files that readers see whole or not at all, and log files that never grow beyond a limit."""

import os
import shutil
from pathlib import Path


def write_private(path: Path, content: str) -> None:
    """Replace a text file atomically; only its owner can ever read it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def cap_log(path: Path, limit_bytes: int) -> bool:
    """Move what a log file holds to `<name>.1` once it is longer than `limit_bytes`; say whether that happened.

    The writer keeps its descriptor (opened for appending), so the file is copied and cut, not renamed.
    """
    if not path.exists() or path.stat().st_size <= limit_bytes:
        return False
    shutil.copyfile(path, path.with_name(path.name + ".1"))
    os.truncate(path, 0)
    return True


def tail(path: Path, length: int = 2000) -> str:
    """Return the last `length` characters of a text file, or nothing when there is no such file."""
    return path.read_text(errors="replace")[-length:] if path.exists() else ""
