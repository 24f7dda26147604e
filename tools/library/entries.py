"""Entries of the local library: where one is, what its record says, and whether its files are those that were published."""

import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from infra.errors import Invalid
from infra.ids import canonical_json

RECORD = "publication.json"
FileState = Literal["ok", "missing", "changed"]


class RecordUnreadable(Invalid):
    """An entry's record is missing or is no JSON object of the expected form."""

    code = "record_unreadable"


def find_entry(root: Path, key: str) -> Path | None:
    """Return the entry of a publication's key, if there is one. The folder name ends in the key, so the title may not decide identity."""
    found = sorted(root.glob(f"*/*--{key}"))
    return found[0] if found else None


def read_record(entry: Path) -> dict[str, Any]:
    """Return an entry's record; raises RecordUnreadable."""
    try:
        record = json.loads((entry / RECORD).read_text("utf-8"))
    except (FileNotFoundError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RecordUnreadable(f"{entry / RECORD} cannot be read: {error}", entry=str(entry)) from error
    if not isinstance(record, dict) or not {"key", "manifest", "privacy"} <= record.keys():
        raise RecordUnreadable(f"{entry / RECORD} has no key, manifest or privacy", entry=str(entry))
    return record


def write_record(entry: Path, record: Mapping[str, Any]) -> None:
    """Replace an entry's record as a whole: a reader sees the old one or the new one."""
    temporary = entry / f".{RECORD}.new"
    temporary.write_bytes(canonical_json(dict(record)))
    temporary.replace(entry / RECORD)


def compare_file(path: Path, digest: str) -> FileState:
    """Say whether a file has the bytes that `digest` (SHA-256, hex) names."""
    try:
        with path.open("rb") as handle:
            return "ok" if hashlib.file_digest(handle, "sha256").hexdigest() == digest else "changed"
    except FileNotFoundError:
        return "missing"


@contextmanager
def one_writer(root: Path) -> Iterator[None]:
    """Hold the library's lock, so that a record and the pages made from it change together."""
    with (root / ".entries.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
