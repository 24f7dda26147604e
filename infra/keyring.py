"""The studio's own key file: made once, readable by its owner only, handed on to those processes that need it."""

import base64
import secrets
from pathlib import Path

from infra.files import write_private

KEY_BYTES = 32


def new_key() -> str:
    """Return a fresh 256-bit key as URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def read_keys(path: Path) -> tuple[str, ...]:
    """Return the keys of a file, newest first; none when there is no file."""
    return tuple(path.read_text("utf-8").split()) if path.is_file() else ()


def ensure_keys(path: Path) -> tuple[str, ...]:
    """Return the keys of a file, making the file with one key the first time."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, new_key() + "\n")
    return read_keys(path)


def add_key(path: Path) -> tuple[str, ...]:
    """Put a fresh key before the others, which still open what they sealed; return them all."""
    keys = (new_key(), *read_keys(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, "\n".join(keys) + "\n")
    return keys
