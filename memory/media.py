"""Content-addressed media store: the name of a file is the SHA-256 of its bytes."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from infra.errors import Forbidden, NotFound, Unavailable
from infra.ids import json_digest, new_id
from infra.log import get_logger
from infra.room import FULL
from infra.room import DiskFull as DiskFull

_CHUNK = 1 << 20
_TEMPORARY = ".tmp_"
ARTIFACT_SET_ASIDE = "artifact.set_aside"
_log = get_logger("media")


class ArtifactMissing(NotFound):
    """The store holds no file of that digest."""

    code = "artifact_missing"


class ArtifactCorrupt(Unavailable):
    """A stored file no longer has the bytes its name promises; it was set aside."""

    code = "artifact_corrupt"
    retryable = False


class MediaStore:
    """Files under `<root>/<2 hex>/<64 hex>`; written through a temporary file, fsync and an atomic rename.

    Any number of processes may write and read at once. A kill at any instant leaves either the whole file or none; what it may leave
    is a temporary file that no reader sees and `sweep` removes.
    """

    def __init__(self, root: Path, keys: Path | None = None) -> None:
        self.root = root
        self.keys = keys or root.parent / "cache" / "keys"

    @property
    def place(self) -> str:
        """Where the artifacts are, for messages."""
        return str(self.root)

    def put_bytes(self, data: bytes) -> str:
        """Store `data` and return its digest; storing equal bytes twice keeps one file. Raises DiskFull."""
        digest = hashlib.sha256(data).hexdigest()
        if not self._holds(digest, len(data)):
            with self._room_for(len(data)):
                self._keep_bytes(data, digest)
        return digest

    def put_file(self, source: Path) -> str:
        """Copy a file into the store and return the digest of what was copied. Raises DiskFull."""
        size = source.stat().st_size
        with self._room_for(size):
            self.root.mkdir(parents=True, exist_ok=True)
            draft = self._draft(self.root / "copy")
            try:
                # Hashed while it is copied: a source that changes meanwhile cannot get a name that its copy does not have.
                digest, size = _copy(source, draft)
                if not self._holds(digest, size):
                    self._keep(draft, digest)
            finally:
                draft.unlink(missing_ok=True)
        return digest

    def path(self, digest: str) -> Path:
        """Return the path of a stored file after verifying its bytes; raises ArtifactMissing and ArtifactCorrupt."""
        target = self._target(digest)
        try:
            with target.open("rb") as handle:
                found = hashlib.file_digest(handle, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise self._missing(digest) from error
        if found != digest:
            raise self._set_aside(target)
        return target

    def read(self, digest: str) -> bytes:
        """Return a stored file's bytes after verifying them; raises ArtifactMissing and ArtifactCorrupt."""
        target = self._target(digest)
        try:
            data = target.read_bytes()
        except FileNotFoundError as error:
            raise self._missing(digest) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise self._set_aside(target)
        return data

    def has(self, digest: str) -> bool:
        """Say whether a file of that digest is present (its bytes are not verified)."""
        return self._target(digest).is_file()

    def bring(self, _digests: Iterable[str]) -> None:
        """Have these artifacts under `root`, for a process that is given only the folder; there they are, where the store is a folder."""

    def probe(self) -> None:
        """Write something small, read it back and remove it; raises Forbidden or Unavailable, naming the place, when that cannot be done."""
        draft = self._draft(self.root / "probe")
        try:
            with self._room_for(1):
                self.root.mkdir(parents=True, exist_ok=True)
                draft.write_bytes(b"!")
                draft.read_bytes()
        except OSError as error:
            message = f"media store {self.root} cannot be written ({error.strerror}); make it writable for this user, or correct YTEMPIRE_MEDIA"
            raise Forbidden(message, place=self.place) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def remember(self, namespace: str, key: object, digest: str) -> None:
        """Remember that the JSON value `key` in `namespace` was made into `digest`: a rebuildable cache. Raises DiskFull."""
        entry = self._key_path(namespace, key)
        with self._room_for(len(digest)):
            entry.parent.mkdir(parents=True, exist_ok=True)
            draft = self._draft(entry)
            try:
                draft.write_bytes(digest.encode())
                draft.replace(entry)
            finally:
                draft.unlink(missing_ok=True)

    def remembered(self, namespace: str, key: object) -> str | None:
        """Return the digest remembered for `key` while its file is still present."""
        try:
            digest = self._key_path(namespace, key).read_text("ascii", errors="replace")
        except FileNotFoundError:
            return None
        # Entries are not synced to the disk: after a power cut one may be empty or cut short, and counts as forgotten.
        return digest if _is_digest(digest) and self.has(digest) else None

    def sweep(self, before: datetime) -> int:
        """Remove temporary files last written before then (left by killed writers) and return how many there were."""
        count = 0
        for folder in (self.root, self.keys):
            for path in folder.rglob(f"{_TEMPORARY}*"):
                with suppress(FileNotFoundError):  # its writer finished meanwhile
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        count += 1
        return count

    @contextmanager
    def _room_for(self, size: int) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise DiskFull(f"media store: no room for {size} bytes ({os.strerror(error.errno)}); free some disk and resume", bytes=size) from error

    def _holds(self, digest: str, size: int) -> bool:
        """Say whether a file of that name and size is there; one cut short by a failing disk is written again."""
        try:
            return self._target(digest).stat().st_size == size
        except FileNotFoundError:
            return False

    def _keep_bytes(self, data: bytes, digest: str) -> None:
        target = self._target(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = self._draft(target)
        try:
            with draft.open("wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
            self._keep(draft, digest)
        finally:
            draft.unlink(missing_ok=True)

    def _keep(self, draft: Path, digest: str) -> None:
        """Give a finished temporary file its name, for good."""
        target = self._target(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(target)
        _sync(target.parent)

    def _draft(self, target: Path) -> Path:
        """Return the name of a temporary file beside `target` that no reader looks for."""
        return target.with_name(f"{_TEMPORARY}{new_id(target.name[:12])}")

    def _target(self, digest: str) -> Path:
        if not _is_digest(digest):
            raise ArtifactMissing(f"{digest!r} is not an artifact name (64 hex digits)", digest=digest)
        return self.root / digest[:2] / digest

    def _key_path(self, namespace: str, key: object) -> Path:
        return self.keys / namespace / json_digest(key)

    def _missing(self, digest: str) -> ArtifactMissing:
        return ArtifactMissing(f"artifact {digest} is not in the media store (YTEMPIRE_MEDIA)", digest=digest)

    def _set_aside(self, target: Path) -> ArtifactCorrupt:
        aside = target.with_suffix(".corrupt")
        with suppress(FileNotFoundError):  # another reader found it corrupt at the same time
            target.replace(aside)
        _log.error(ARTIFACT_SET_ASIDE, digest=target.name, path=str(aside))
        return ArtifactCorrupt(f"artifact {target.name} is corrupt; set aside as {aside.name}; make it again", digest=target.name)


def _is_digest(digest: str) -> bool:
    return len(digest) == 64 and set(digest) <= set("0123456789abcdef")


def _copy(source: Path, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(_CHUNK):
            writer.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest(), size


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
