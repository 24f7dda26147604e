"""Refresh tokens: a session, a number, and a seal over both that only this home can make; nothing of them is kept, so nothing of them can leak."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from api.http.refusals import Unauthenticated

_FORM = re.compile(r"(session_[0-9a-f]{32})\.(\d{1,9})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class RefreshToken:
    """A token as it was presented; nothing of it is believed before `seals` said so."""

    session_id: str
    number: int
    seal: bytes


def read_refresh_token(text: str) -> RefreshToken:
    """Return the parts of a token; raises Unauthenticated for what is none."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise Unauthenticated("cookie: no refresh token; sign in")
    try:
        return RefreshToken(found[1], int(found[2]), base64.urlsafe_b64decode(found[3] + "="))
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated("cookie: no refresh token; sign in") from error


class RefreshSeals:
    """Makes and checks the seals with secrets that lie outside the database, newest first; each session's salt makes them its own."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._secrets = tuple(secrets)

    def token(self, session_id: str, number: int, salt: str) -> str:
        """Return the token of that number; the same every time, so that an answer that was lost can be given again."""
        seal = _seal(self._secrets[0], session_id, number, salt)
        return f"{session_id}.{number}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"

    def holds(self, token: RefreshToken, salt: str) -> bool:
        """Whether this home made the token."""
        seals = [_seal(one, token.session_id, token.number, salt) for one in self._secrets]
        return any(hmac.compare_digest(one, token.seal) for one in seals)


def _seal(secret: bytes, session_id: str, number: int, salt: str) -> bytes:
    return hmac.digest(secret, f"{session_id}.{number}.{salt}".encode(), hashlib.sha256)
