"""Writing small files so that readers see the old or the new content, never a part."""

import os
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
