"""The keys that sign access tokens: on disk, sealed, changed with an overlap in which both the old and the new one are good."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from hmac import digest as hmac_digest
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import Unavailable
from infra.files import write_private
from infra.log import get_logger
from memory.vault import Vault, VaultLocked

BITS = 2048
# A new key is told for as long as others may keep the list, before anything is signed with it.
TOLD_BEFORE = timedelta(minutes=10)
# An old one is good for as long as anything that it signed may be.
GOOD_AFTER = timedelta(minutes=15)
EVERY = timedelta(days=30)
KEY_MADE = "signing_key.made"
_log = get_logger("identity")


@dataclass(frozen=True)
class SigningKey:
    """One key pair and from when on it signs."""

    kid: str
    signs_from: datetime
    private: RSAPrivateKey

    @cached_property
    def public(self) -> RSAPublicKey:
        """The half that everybody may have."""
        return self.private.public_key()

    @property
    def jwk(self) -> dict[str, str]:
        """The public half as RFC 7517 writes it."""
        numbers = self.public.public_numbers()
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": _number(numbers.n), "e": _number(numbers.e)}


class SigningKeys:
    """The keys of one home. `secrets_` are those that seal them, newest first; another process's new key is found by the folder's time."""

    def __init__(self, folder: Path, secrets_: Sequence[str], clock: Clock = SYSTEM_CLOCK) -> None:
        self._folder = folder
        self._vault = Vault(secrets_)
        self._clock = clock
        self._secrets = tuple(secrets_)
        self._read_at: int | None = None
        self._keys: dict[str, SigningKey] = {}

    def signing(self) -> SigningKey:
        """Return the key to sign with now; makes the first one, and the next one when the newest is 30 days old."""
        now = self._clock.now()
        keys = self._known()
        if not keys:
            self._make(now)
        elif now - max(one.signs_from for one in keys.values()) > EVERY:
            self._make(now + TOLD_BEFORE)
        ready = [one for one in self._known().values() if one.signs_from <= now]
        return max(ready, key=lambda one: one.signs_from) if ready else min(self._known().values(), key=lambda one: one.signs_from)

    def find(self, kid: str) -> RSAPublicKey | None:
        """Return the public half of a key that is still good; the id is only ever looked up, and never a place."""
        found = self._known().get(kid)
        return found.public if found is not None and self._is_good(found, self._clock.now()) else None

    def jwks(self) -> dict[str, Any]:
        """Return the public halves of every key that is good, or soon signs."""
        self.signing()
        now = self._clock.now()
        return {"keys": [one.jwk for one in sorted(self._known().values(), key=lambda one: one.signs_from) if self._is_good(one, now)]}

    def rotate(self) -> str:
        """Make a new key, which signs in ten minutes' time, and forget those that are good for nothing any more; return its id."""
        now = self._clock.now()
        for gone in [one for one in self._known().values() if not self._is_good(one, now)]:
            (self._folder / f"{gone.kid}.json").unlink(missing_ok=True)
        return self._make(now + TOLD_BEFORE if self._known() else now)

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Return a secret for each sealing key, newest first, that is good for one purpose only."""
        return tuple(hmac_digest(one.encode(), purpose.encode(), sha256) for one in self._secrets)

    def _is_good(self, key: SigningKey, now: datetime) -> bool:
        later = [one.signs_from for one in self._keys.values() if one.signs_from > key.signs_from]
        return not later or min(later) + GOOD_AFTER > now

    def _make(self, signs_from: datetime) -> str:
        private = generate_private_key(65537, BITS)
        kid = secrets.token_hex(8)
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        pem = private.private_bytes(encoding, form, serialization.NoEncryption()).decode()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        body = {"kid": kid, "signs_from": signs_from.isoformat(), "sealed": self._vault.seal(pem, kid)}
        write_private(self._folder / f"{kid}.json", json.dumps(body) + "\n")
        _log.info(KEY_MADE, kid=kid, signs_from=signs_from.isoformat())
        self._read_at = None
        return kid

    def _known(self) -> dict[str, SigningKey]:
        try:
            changed = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if changed != self._read_at:
            self._keys = {one.kid: one for one in map(self._read, sorted(self._folder.glob("*.json")))}
            self._read_at = changed
        return self._keys

    def _read(self, path: Path) -> SigningKey:
        if path.stem in self._keys:
            return self._keys[path.stem]
        try:
            body = json.loads(path.read_text("utf-8"))
            pem = self._vault.open(body["sealed"], path.stem)
            private = serialization.load_pem_private_key(pem.encode(), None)
        except (VaultLocked, ValueError, KeyError) as error:
            said = "move it away, and everybody signs in anew, or restore the file identity.keys (YTEMPIRE_IDENTITY_KEYS)"
            raise Unavailable(f"signing key {path}: it cannot be opened with this home's keys; {said}", file=str(path)) from error
        if not isinstance(private, RSAPrivateKey):
            raise Unavailable(f"signing key {path}: it is no RSA key; move it away, and everybody signs in anew", file=str(path))
        return SigningKey(path.stem, datetime.fromisoformat(body["signs_from"]), private)


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()
