"""The key of the backups: an age identity in a file of its own, outside the home and outside the place it opens."""

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyrage import IdentityError, x25519

from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.files import write_private

_PREFIX = "AGE-SECRET-KEY-1"
_OPEN_TO_OTHERS = 0o077
_NOTE = """# The key of YTEMPIRE's backups (an age identity, https://age-encryption.org).
# Keep a copy apart from this machine and apart from the backups: on paper, or in a password manager.
# Without it nobody can read the backups, you included. With it anybody who has them can.
# To restore: ytempire restore --from PLACE --key THIS_FILE --into NEW_HOME
"""


class KeyMissing(NotFound):
    """The file of the backups' key is not there."""

    code = "backup_key_missing"


@dataclass(frozen=True)
class BackupKey:
    """One key: seals and opens objects, names them without betraying what they hold, and proves who wrote them."""

    secret: str

    @cached_property
    def identity(self) -> x25519.Identity:
        """The age identity."""
        return x25519.Identity.from_str(self.secret)

    @cached_property
    def _tag_key(self) -> bytes:
        return HKDF(SHA256(), 32, None, b"ytempire backup tag").derive(self.secret.encode())

    @property
    def short_name(self) -> str:
        """Eight digits by which people tell keys apart; they betray nothing of the key."""
        return self.tag("name")[:8]

    def tag(self, text: str) -> str:
        """Return 64 hex digits that only a holder of the key can make of `text`."""
        return hmac.new(self._tag_key, text.encode(), hashlib.sha256).hexdigest()


def new_key() -> BackupKey:
    """Return a fresh key."""
    return BackupKey(str(x25519.Identity.generate()))


def read_key(path: Path) -> BackupKey:
    """Return the key of a file; raises KeyMissing, Forbidden when others may read it, and Invalid when it holds no single key."""
    try:
        lines, mode = path.read_text("utf-8").split("\n"), path.stat().st_mode
    except FileNotFoundError as error:
        message = f"backup key: there is no file {path}; put the copy you kept there, or name it with --key or YTEMPIRE_BACKUP_KEY"
        raise KeyMissing(message, path=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"backup key: {path} cannot be read ({error}); name the file of the key with --key or YTEMPIRE_BACKUP_KEY", path=str(path)) from error
    if mode & _OPEN_TO_OTHERS:
        raise Forbidden(f"backup key: {path} can be read by others than its owner; run chmod 600 on it", path=str(path))
    found = [line.strip() for line in lines if line.strip().startswith(_PREFIX)]
    try:
        if len(found) != 1:
            raise IdentityError(f"it holds {len(found)} keys")
        x25519.Identity.from_str(found[0])
    except IdentityError as error:
        raise Invalid(f"backup key: {path} is no key file ({error}); one line of it begins with {_PREFIX}", path=str(path)) from error
    return BackupKey(found[0])


def ensure_key(path: Path) -> tuple[BackupKey, bool]:
    """Return the key of a file and whether it was made just now, because there was none."""
    if path.is_file():
        return read_key(path), False
    key = new_key()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, f"{_NOTE}# Name: {key.short_name}\n{key.secret}\n")
    return key, True


def require_apart(path: Path, *folders: Path) -> None:
    """Raise Conflict when the key's file lies in one of the folders it must not be lost, or found, together with."""
    real = path.resolve()
    for folder in folders:
        if real.is_relative_to(folder.resolve()):
            message = f"backup key: {path} lies in {folder}, which it is to be kept apart from; set YTEMPIRE_BACKUP_KEY to a file elsewhere"
            raise Conflict(message, path=str(path), folder=str(folder))
