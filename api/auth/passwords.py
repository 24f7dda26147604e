"""Passwords: what is long enough, and Argon2 with a bounded share of memory."""

import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from infra.errors import Invalid

SHORTEST, LONGEST = 12, 128
# OWASP's first choice (46 MiB, one lane), with one more pass.
_HASHER = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)
_FEWEST_LETTERS = 5


class PasswordWeak(Invalid):
    """The password is too short, too long or too easily guessed."""

    code = "password_weak"


class Passwords:
    """Hashes and compares; at most two at once, so that many who sign in cannot take the machine's memory."""

    def __init__(self, hasher: PasswordHasher = _HASHER) -> None:
        self._hasher = hasher
        self._nobodys = hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """Return the hash of a password."""
        with _AT_ONCE:
            return self._hasher.hash(_one_form(password))

    def matches(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the one of the hash; takes as long where there is none, so that nobody learns who has a user."""
        with _AT_ONCE:
            try:
                return self._hasher.verify(hashed or self._nobodys, _one_form(password)) and hashed is not None
            except (Argon2Error, InvalidHashError):
                return False

    def is_old(self, hashed: str) -> bool:
        """Whether a hash was made with other costs than are used now."""
        return self._hasher.check_needs_rehash(hashed)


def check_password(password: str, email: str) -> None:
    """Raise PasswordWeak, naming the limit, for a password that is not to be taken."""
    text = _one_form(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise PasswordWeak(f"password: must be {SHORTEST} to {LONGEST} characters, is {len(text)}; a few words with spaces between them are good")
    if len(set(text)) < _FEWEST_LETTERS:
        raise PasswordWeak(f"password: has fewer than {_FEWEST_LETTERS} different characters; take a few words with spaces between them")
    own = email.partition("@")[0].lower()
    if len(own) >= 4 and own in text.lower() and len(text) - len(own) < SHORTEST // 2:
        raise PasswordWeak("password: is little more than the address; take a few words with spaces between them")


def _one_form(password: str) -> str:
    # The same letters typed on another machine may come as other code points.
    return unicodedata.normalize("NFKC", password)
