"""Base backups: the server's files, streamed from `pg_basebackup` into one sealed object, and unpacked and verified again."""

import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from infra.backup.catalog import Part, put_bytes, read_object
from infra.backup.key import BackupKey
from infra.backup.manifest import NAME, Manifest, read_manifest, verify_files
from infra.backup.place import ObjectMissing, Place
from infra.backup.programs import Programs
from infra.backup.sealing import Damaged, Reader, Sealed, seal, seal_bytes, unseal, unseal_bytes
from infra.errors import Unavailable

_BLOCK = 512
# The log from the backup's begin to its end travels in it, so that every backup can be restored by itself.
_OPTIONS = ("-D", "-", "-F", "tar", "-X", "fetch", "-c", "fast", "--manifest-checksums=SHA256", "--no-sync")


@dataclass(frozen=True)
class Base:
    """A base backup as it was written."""

    part: Part
    manifest: Manifest


def take_base(programs: Programs, place: Place, key: BackupKey, folder: str, parent: str | None = None) -> Base:
    """Write the objects `<folder>/base` and `<folder>/manifest`; with `parent`, the folder of a full backup, only what changed since that one.

    Nothing is kept on this machine's disk, and memory stays bounded but for the manifest. Raises Unavailable with what `pg_basebackup` said.
    """
    name, kept = f"{folder}/base", list[tuple[Sealed, bytes]]()

    def write(file: BinaryIO) -> None:
        with tempfile.NamedTemporaryFile(prefix="ytempire-manifest-") as before:
            if parent is not None:
                before.write(unseal_bytes(key, f"{parent}/manifest", read_object(place, f"{parent}/manifest")))
                before.flush()
            since = (f"--incremental={before.name}",) if parent is not None else ()
            with programs.streaming("pg_basebackup", *_OPTIONS, *since) as process:
                assert process.stdout is not None
                watched = _Watched(process.stdout)
                kept.append((seal(key, name, watched, file), watched.manifest()))

    place.put(name, write)
    sealed, told = kept[0]
    put_bytes(place, f"{folder}/manifest", seal_bytes(key, f"{folder}/manifest", told))
    return Base(Part(name=name, bytes=sealed.bytes, sha256=sealed.sha256, plain_bytes=sealed.plain_bytes), read_manifest(told))


def unpack_base(place: Place, key: BackupKey, part: Part, target: Path) -> Manifest:
    """Unpack a base backup into a new folder and verify every file of it; raises Damaged, WrongKey and ObjectMissing's family."""
    with tempfile.TemporaryFile(dir=target.parent) as plain:
        try:
            with place.open(part.name) as file:
                read = unseal(key, part.name, file, plain)
        except ObjectMissing as error:
            raise Damaged(f"backup object {part.name}: it is missing at {place.label}; use another backup (--at), or another copy of the place") from error
        if (read.bytes, read.sha256) != (part.bytes, part.sha256):
            raise Damaged(f"backup object {part.name}: it is not the one its entry names; use another backup (--at), or another copy of the place")
        plain.seek(0)
        target.mkdir(mode=0o700)
        try:
            with tarfile.open(fileobj=plain, mode="r:") as archive:
                archive.extractall(target, filter="data")
        except tarfile.TarError as error:
            raise Damaged(f"backup object {part.name}: it cannot be unpacked ({error}); use another backup (--at)") from error
    manifest = read_manifest((target / NAME).read_bytes())
    verify_files(target, manifest)
    return manifest


class _Watched:
    """A tar stream on its way, of which the member `backup_manifest` is kept; the program can write it nowhere else when it writes to a pipe."""

    def __init__(self, source: Reader) -> None:
        self._source = source
        self._buffer = bytearray()
        self._left = 0
        self._keep: int | None = None
        self._kept = bytearray()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes as they are."""
        data = self._source.read(size)
        self._buffer += data
        while self._step():
            pass
        return data

    def manifest(self) -> bytes:
        """Return the manifest; raises Unavailable when the stream held none."""
        if not self._kept:
            raise Unavailable("pg_basebackup sent no manifest; try again")
        return bytes(self._kept)

    def _step(self) -> bool:
        if self._left:
            taken = self._buffer[: self._left]
            if self._keep is not None:
                self._kept += taken[: self._keep - len(self._kept)]
            del self._buffer[: len(taken)]
            self._left -= len(taken)
            return bool(taken)
        if len(self._buffer) < _BLOCK:
            return False
        header = bytes(self._buffer[:_BLOCK])
        del self._buffer[:_BLOCK]
        if any(header):
            member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            self._left = -(-member.size // _BLOCK) * _BLOCK if member.isreg() else 0
            self._keep = member.size if member.name == NAME else None
        return True
