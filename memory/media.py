"""Content-addressed media store: the name of a file is the SHA-256 of its bytes."""

import errno
import hashlib
import os
import shutil
import threading
from pathlib import Path

from infra.errors import NotFound, Unavailable
from infra.ids import json_digest

_CHUNK = 1 << 20


class ArtifactMissing(NotFound):
    """The store holds no file of that digest."""

    code = "artifact_missing"


class ArtifactCorrupt(Unavailable):
    """A stored file no longer has the bytes its name promises; it was set aside."""

    code = "artifact_corrupt"
    retryable = False


class DiskFull(Unavailable):
    """The disk has no room for the file; nothing was kept half-written."""

    code = "disk_full"


class MediaStore:
    """Files under `<root>/<2 hex>/<64 hex>`; written through a temporary file, fsync and an atomic rename."""

    def __init__(self, root: Path, keys: Path | None = None) -> None:
        self.root = root
        self.keys = keys or root.parent / "cache" / "keys"

    def put_bytes(self, data: bytes) -> str:
        """Store `data` and return its digest; storing equal bytes twice keeps one file."""
        digest = hashlib.sha256(data).hexdigest()
        target = self._target(digest)
        if target.exists():
            return digest
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._replace(target, data)
        except OSError as error:
            raise _disk_error(error, len(data)) from error
        return digest

    def put_file(self, source: Path) -> str:
        """Copy a file into the store and return its digest."""
        digest = _file_digest(source)
        target = self._target(digest)
        if target.exists():
            return digest
        temporary = _temporary(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, temporary)
            _sync(temporary)
            temporary.replace(target)
            _sync(target.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise _disk_error(error, source.stat().st_size) from error
        return digest

    def path(self, digest: str) -> Path:
        """Return the path of a stored file after verifying its bytes."""
        target = self._target(digest)
        if not target.is_file():
            raise ArtifactMissing(f"artifact {digest} is not in the media store {self.root}", digest=digest)
        if _file_digest(target) != digest:
            aside = target.with_suffix(".corrupt")
            target.replace(aside)
            raise ArtifactCorrupt(f"artifact {digest} is corrupt; set aside as {aside.name}; make it again", digest=digest)
        return target

    def read(self, digest: str) -> bytes:
        """Return a stored file's bytes after verifying them."""
        return self.path(digest).read_bytes()

    def has(self, digest: str) -> bool:
        """Say whether a file of that digest is present (its bytes are not verified)."""
        return self._target(digest).is_file()

    def remember(self, namespace: str, key: object, digest: str) -> None:
        """Remember that the JSON value `key` in `namespace` was made into `digest`: a rebuildable cache."""
        entry = self._key_path(namespace, key)
        try:
            entry.parent.mkdir(parents=True, exist_ok=True)
            self._replace(entry, digest.encode())
        except OSError as error:
            raise _disk_error(error, 64) from error

    def remembered(self, namespace: str, key: object) -> str | None:
        """Return the digest remembered for `key` while its file is still present."""
        entry = self._key_path(namespace, key)
        if not entry.is_file():
            return None
        digest = entry.read_text("ascii")
        return digest if self.has(digest) else None

    def _target(self, digest: str) -> Path:
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise ArtifactMissing(f"{digest!r} is not an artifact name (64 hex digits)", digest=digest)
        return self.root / digest[:2] / digest

    def _key_path(self, namespace: str, key: object) -> Path:
        return self.keys / namespace / json_digest(key)

    @staticmethod
    def _replace(target: Path, data: bytes) -> None:
        temporary = _temporary(target)
        try:
            with temporary.open("wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
            temporary.replace(target)
            _sync(target.parent)
        finally:
            temporary.unlink(missing_ok=True)


def _file_digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _disk_error(error: OSError, size: int) -> Exception:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return DiskFull(f"media store: no room for {size} bytes ({os.strerror(error.errno)}); free some disk and resume", bytes=size)
    return error


def _temporary(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}")
