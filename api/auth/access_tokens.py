"""Access tokens: short-lived, signed with RS256, checked for everything that a token can lie about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from api.auth.keys import SigningKeys
from api.http.refusals import Unauthenticated
from infra.clock import SYSTEM_CLOCK, Clock
from infra.ids import new_id

LIFE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=10)
ISSUER, AUDIENCE, TYPE = "ytempire", "ytempire-api", "at+jwt"
LONGEST = 4096
_REQUIRED = ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"]


@dataclass(frozen=True)
class Claims:
    """What a token that holds says: whose session it belongs to, until when it is good, and when its person last showed their password."""

    user_id: str
    session_id: str
    expires_at: datetime
    confirmed_at: datetime


class AccessTokens:
    """Issues and reads tokens."""

    def __init__(self, keys: SigningKeys, clock: Clock = SYSTEM_CLOCK) -> None:
        self._keys = keys
        self._clock = clock

    def issue(self, user_id: str, session_id: str, confirmed_at: datetime | None = None) -> str:
        """Return a token for a session, good for ten minutes; `confirmed_at` is when its person last showed their password, None for never."""
        key, now = self._keys.signing(), self._clock.now()
        about = {"iss": ISSUER, "aud": AUDIENCE, "sub": user_id, "sid": session_id, "jti": new_id("at")}
        times = {"iat": _seconds(now), "nbf": _seconds(now), "exp": _seconds(now + LIFE), "auth_time": _seconds(confirmed_at) if confirmed_at else 0}
        return jwt.encode(about | times, key.private, algorithm="RS256", headers={"kid": key.kid, "typ": TYPE})

    def read(self, token: str) -> Claims:
        """Return what a token says; raises Unauthenticated, which names no more than it must."""
        if len(token) > LONGEST:
            raise _refused("is too long to be one of ours")
        try:
            claims = self._decoded(token)
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise _refused("is not one of ours, or was altered") from error
        return self._within_its_time(claims)

    def _decoded(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        # Only what we issue ourselves: whatever else a header names (`jku`, `jwk`, `x5u`) is not looked at.
        if header.get("alg") != "RS256" or header.get("typ") != TYPE or not isinstance(header.get("kid"), str):
            raise jwt.InvalidTokenError("not a form that is issued here")
        key = self._keys.find(header["kid"])
        if key is None:
            raise jwt.InvalidTokenError("signed with a key that is not known here")
        # Times are compared below, by the studio's own clock.
        checks: Any = {"require": _REQUIRED, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
        return jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER, options=checks)

    def _within_its_time(self, claims: dict[str, Any]) -> Claims:
        now = self._clock.now()
        try:
            times = (claims["nbf"], claims["exp"], claims.get("auth_time", 0))
            begins, ends, confirmed = (datetime.fromtimestamp(one, tz=now.tzinfo) for one in times)
        except (TypeError, ValueError, OverflowError, OSError) as error:
            raise _refused("has no times that can be read") from error
        if ends <= now - LEEWAY:
            raise _refused("has expired; refresh it")
        if begins > now + LEEWAY or ends > now + LIFE + LEEWAY:
            raise _refused("is of a later time; set the clocks")
        return Claims(str(claims["sub"]), str(claims["sid"]), ends, confirmed)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated(f"authorization: the access token {why}")
