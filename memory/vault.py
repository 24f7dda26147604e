"""Envelope encryption of secrets at rest: each has a data key of its own, wrapped by a key that lies outside the database and can be changed."""

import base64
import binascii
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.errors import Forbidden, Invalid
from infra.ids import content_digest
from infra.keyring import KEY_BYTES

_NONCE_BYTES = 12
_VERSION = "v1"


class VaultLocked(Forbidden):
    """This process does not hold the key that the secret was sealed with, or the secret was altered or moved."""

    code = "vault_locked"


class Vault:
    """Seals and opens with AES-256-GCM. The first key seals; the others still open what they sealed. `about` binds a secret to its place."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise VaultLocked("token key: none is set; set YTEMPIRE_TOKEN_KEYS, or let the publish worker of `ytempire up` do it")
        self._keys = {_key_id(key): key for key in map(_decoded, keys)}
        self._current = _key_id(_decoded(keys[0]))

    def seal(self, secret: str, about: str) -> str:
        """Return the secret as `v1.<key id>.<wrapped data key>.<ciphertext>`."""
        data_key = secrets.token_bytes(KEY_BYTES)
        return f"{self._wrap(data_key, about)}.{_encrypt(data_key, secret.encode(), about)}"

    def open(self, sealed: str, about: str) -> str:
        """Return the secret; raises VaultLocked when the key is not here, or the text was altered or belongs to another place."""
        key_id, wrapped, text = _parts(sealed)
        return _decrypt(_decrypt(self._key(key_id), wrapped, about), text, about).decode()

    def rewrap(self, sealed: str, about: str) -> str:
        """Return the secret under the current key; the ciphertext itself stays as it is."""
        key_id, wrapped, text = _parts(sealed)
        return f"{self._wrap(_decrypt(self._key(key_id), wrapped, about), about)}.{text}"

    def is_current(self, sealed: str) -> bool:
        """Whether the secret is sealed with the current key."""
        return _parts(sealed)[0] == self._current

    def _wrap(self, data_key: bytes, about: str) -> str:
        return f"{_VERSION}.{self._current}.{_encrypt(self._keys[self._current], data_key, about)}"

    def _key(self, key_id: str) -> bytes:
        if key_id not in self._keys:
            raise VaultLocked(f"token key: the secret was sealed with key {key_id}, which this process does not hold", key=key_id)
        return self._keys[key_id]


def _decoded(key: str) -> bytes:
    try:
        found = base64.urlsafe_b64decode(key.strip())
    except (binascii.Error, ValueError) as error:
        raise Invalid("token key: not URL-safe base64 of 32 bytes") from error
    if len(found) != KEY_BYTES:
        raise Invalid(f"token key: must be {KEY_BYTES} bytes of URL-safe base64, is {len(found)}")
    return found


def _key_id(key: bytes) -> str:
    return content_digest(b"key id\x00" + key)[:12]


def _parts(sealed: str) -> tuple[str, str, str]:
    parts = sealed.split(".")
    if len(parts) != 4 or parts[0] != _VERSION:
        raise VaultLocked("the sealed secret has an unknown form; restore it from a backup")
    return parts[1], parts[2], parts[3]


def _encrypt(key: bytes, plain: bytes, about: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, plain, about.encode())).decode()


def _decrypt(key: bytes, text: str, about: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text)
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise VaultLocked("the sealed secret was altered, or belongs to another channel") from error
