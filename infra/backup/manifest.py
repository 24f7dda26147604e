"""The manifest of a base backup, verified by ourselves: the bundled `pg_verifybackup` ends with a segmentation fault."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.backup.sealing import Damaged
from infra.errors import Invalid

NAME = "backup_manifest"
_CHECKSUM_LINE = b'"Manifest-Checksum"'
# Written after the manifest was: what tells a server how to begin.
_BESIDE = frozenset({NAME, "postgresql.auto.conf", "recovery.signal", "standby.signal"})
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a base backup holds: the length and SHA-256 of each file, the server it came from, and the log it needs."""

    system_identifier: int
    files: dict[str, tuple[int, str]]
    timeline: int
    start_lsn: int
    stop_lsn: int

    @property
    def bytes(self) -> int:
        """The length of all files together."""
        return sum(size for size, _ in self.files.values())


def read_manifest(data: bytes) -> Manifest:
    """Return a manifest after checking its own checksum; raises Damaged."""
    try:
        told = json.loads(data)
        at = data.rindex(_CHECKSUM_LINE)
        if hashlib.sha256(data[:at]).hexdigest() != told["Manifest-Checksum"]:
            raise _damaged("its own checksum differs")
        ranges = told["WAL-Ranges"]
        return Manifest(
            system_identifier=int(told["System-Identifier"]),
            files={_name(entry): (int(entry["Size"]), _checksum(entry)) for entry in told["Files"]},
            timeline=max(int(one["Timeline"]) for one in ranges),
            start_lsn=min(lsn(one["Start-LSN"]) for one in ranges),
            stop_lsn=max(lsn(one["End-LSN"]) for one in ranges),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(f"{type(error).__name__}: {error}") from error


def verify_files(folder: Path, manifest: Manifest) -> int:
    """Compare every file of an unpacked base backup with its manifest and return how many there are; raises Damaged naming the first that differs.

    The log that `pg_combinebackup` copies carries no checksum there, but one in each of its records.
    """
    for name, (size, checksum) in manifest.files.items():
        if not checksum:
            continue
        path = folder / name
        if not path.is_file():
            raise _damaged(f"{name} is missing")
        if path.stat().st_size != size:
            raise _damaged(f"{name} has {path.stat().st_size} bytes, not {size}")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != checksum:
                raise _damaged(f"{name} has other bytes")
    beyond = next((name for name in _walk(folder) if name not in manifest.files and name not in _BESIDE and not name.startswith("pg_wal/")), None)
    if beyond is not None:
        raise _damaged(f"{beyond} is not in the manifest")
    return len(manifest.files)


def lsn(text: str) -> int:
    """Return a position in the log, `0/2000028` as PostgreSQL writes it, as a number; raises ValueError."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def _walk(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _name(entry: dict[str, Any]) -> str:
    name = entry["Path"] if "Path" in entry else bytes.fromhex(entry["Encoded-Path"]).decode("utf-8", "surrogateescape")
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"{name!r} leads out of the backup")
    return str(name)


def _checksum(entry: dict[str, Any]) -> str:
    if "Checksum" not in entry and str(entry.get("Path")).startswith("pg_wal/"):
        return ""
    if entry.get("Checksum-Algorithm") != "SHA256":
        raise Invalid(f"backup manifest: {entry.get('Path')} has no SHA-256 checksum")
    return str(entry["Checksum"])


def _damaged(why: str) -> Damaged:
    return Damaged(f"database backup: it is damaged ({why}); restore another backup (ytempire restore --at), or from another copy of the place")
