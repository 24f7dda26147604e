"""Sealed objects: a header that binds name and writer, then gzip, all inside one age file; read and written as streams.

An object is what `age -d -i KEY OBJECT | tail -n +2 | gunzip` gives back. The header is `ytempire-backup/1 NAME TAG`; the tag can be made only with
the key, and nobody without it ever sees one, so an object that was forged, or put in another's place, does not open. age itself authenticates
every chunk and the end: a cut or changed object fails before its last byte was believed.
"""

import hashlib
import hmac
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import pyrage

from infra.backup.key import BackupKey
from infra.errors import Forbidden, Unavailable

_MAGIC = "ytempire-backup/1"
_CHUNK = 1 << 16
_GZIP = 31
_WORTH_IT = 0.95


class WrongKey(Forbidden):
    """The key does not open the object."""

    code = "backup_key_wrong"


class Damaged(Unavailable):
    """An object is not what was written under its name: cut, changed, forged or swapped."""

    code = "backup_damaged"
    retryable = False


class Reader(Protocol):
    """Something that bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, nothing at the end."""
        ...


class Writer(Protocol):
    """Something that bytes are written to."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""
        ...


@dataclass(frozen=True)
class Sealed:
    """What went into an object: its plain length and digest, and the length and digest of the sealed bytes."""

    plain_bytes: int
    plain_sha256: str
    bytes: int
    sha256: str


def seal(key: BackupKey, name: str, source: Reader, target: Writer) -> Sealed:
    """Write `source` to `target` as the sealed object `name`; memory stays bounded whatever the length."""
    plain = _Plain(_header(key, name), source)
    out = _Counted(target)
    _run(lambda: pyrage.encrypt_io(plain, out, [key.identity.to_public()]), plain.failure, out.failure)
    return Sealed(plain.size, plain.digest.hexdigest(), out.size, out.digest.hexdigest())


def unseal(key: BackupKey, name: str, source: Reader, target: Writer) -> Sealed:
    """Write what the sealed object `name` holds to `target`. Raises WrongKey, and Damaged, before which part of it may have been written."""
    out = _Opened(_header(key, name), target, name)
    read = _Counted(None, source)
    try:
        _run(lambda: pyrage.decrypt_io(read, out, [key.identity]), read.failure, out.failure)
    except pyrage.DecryptError as error:
        raise _said(name, key, str(error)) from error
    except OSError as error:
        if error in (read.failure.error, out.failure.error):
            raise
        raise _damaged(name, str(error)) from error
    out.end()
    return Sealed(out.size, out.digest.hexdigest(), read.size, read.digest.hexdigest())


def seal_bytes(key: BackupKey, name: str, data: bytes) -> bytes:
    """Return a small object sealed."""
    target = io.BytesIO()
    seal(key, name, io.BytesIO(data), target)
    return target.getvalue()


def unseal_bytes(key: BackupKey, name: str, data: bytes) -> bytes:
    """Return what a small sealed object holds; raises as `unseal`."""
    target = io.BytesIO()
    unseal(key, name, io.BytesIO(data), target)
    return target.getvalue()


def _header(key: BackupKey, name: str) -> bytes:
    return f"{_MAGIC} {name} {key.tag(f'object {name}')}\n".encode()


def _said(name: str, key: BackupKey, why: str) -> WrongKey | Damaged:
    if "no matching keys" in why.lower():
        return WrongKey(
            f"backup key: {key.short_name} does not open {name}; name the file of the key it was made with (--key or YTEMPIRE_BACKUP_KEY)", object=name
        )
    return _damaged(name, why)


def _damaged(name: str, why: str) -> Damaged:
    return Damaged(f"backup object {name}: it is damaged ({why}); use another backup, or another copy of the place", object=name)


class _Failure:
    """Keeps the error of our own code that a native loop between us and us would turn into text."""

    error: BaseException | None = None

    def __enter__(self) -> None:
        """Begin one step of our own."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.error = error or self.error


def _run(work: Callable[[], None], source: _Failure, target: _Failure) -> None:
    try:
        work()
    finally:
        if (ours := source.error or target.error) is not None:
            raise ours


class _Plain:
    """The header and the gzip of a source, to be read; what does not shrink is stored as it is."""

    def __init__(self, header: bytes, source: Reader) -> None:
        self.size, self.digest, self.failure = 0, hashlib.sha256(), _Failure()
        self._source = source
        self._ready = bytearray(header)
        self._packer: zlib._Compress | None = None
        self._over = False

    def read(self, size: int = -1) -> bytes:
        with self.failure:
            while not self._over and (size < 0 or len(self._ready) < size):
                self._fill()
        taken = bytes(self._ready if size < 0 else self._ready[:size])
        del self._ready[: len(taken)]
        return taken

    def _fill(self) -> None:
        data = self._source.read(_CHUNK)
        if self._packer is None:
            shrinks = len(zlib.compress(data, 1)) < _WORTH_IT * len(data)
            self._packer = zlib.compressobj(1 if shrinks else 0, zlib.DEFLATED, _GZIP)
        if not data:
            self._over = True
            self._ready += self._packer.flush()
            return
        self.size += len(data)
        self.digest.update(data)
        self._ready += self._packer.compress(data)


class _Counted:
    """Sealed bytes on their way, counted and hashed."""

    def __init__(self, target: Writer | None = None, source: Reader | None = None) -> None:
        self.size, self.digest, self.failure = 0, hashlib.sha256(), _Failure()
        self._target, self._source = target, source

    def read(self, size: int = -1) -> bytes:
        with self.failure:
            data = self._source.read(size) if self._source is not None else b""
        self._count(data)
        return data

    def write(self, data: bytes) -> int:
        with self.failure:
            if self._target is not None:
                self._target.write(data)
        self._count(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def _count(self, data: bytes) -> None:
        self.size += len(data)
        self.digest.update(data)


class _Opened:
    """Takes opened bytes: checks the header, unpacks the rest, and hands it on."""

    def __init__(self, header: bytes, target: Writer, name: str) -> None:
        self.size, self.digest, self.failure = 0, hashlib.sha256(), _Failure()
        self._header, self._target, self._name = header, target, name
        self._first: bytearray | None = bytearray()
        self._unpacker = zlib.decompressobj(_GZIP)

    def write(self, data: bytes) -> int:
        with self.failure:
            try:
                self._take(bytes(data))
            except zlib.error as error:
                raise _damaged(self._name, str(error)) from error
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def end(self) -> None:
        """Raise Damaged unless the object ended where it should."""
        if self._first is not None or not self._unpacker.eof:
            raise _damaged(self._name, "it ends too early")

    def _take(self, data: bytes) -> None:
        if self._first is not None:
            self._first += data
            if len(self._first) < len(self._header):
                return
            begun, data = bytes(self._first[: len(self._header)]), bytes(self._first[len(self._header) :])
            if not hmac.compare_digest(begun, self._header):
                raise _damaged(self._name, "it was not written under this name by a holder of the key")
            self._first = None
        while data:
            plain = self._unpacker.decompress(data, _CHUNK * 16)
            data = self._unpacker.unconsumed_tail
            if not plain and not data:
                return
            self.size += len(plain)
            self.digest.update(plain)
            self._target.write(plain)
            if self._unpacker.eof:
                return
