"""Who sends a request: its access token or a program's token, looked up once and remembered until somebody says otherwise."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from starlette.requests import HTTPConnection

from api.auth.access_tokens import AccessTokens
from api.auth.kept_sessions import KeptSessions
from api.auth.keys import SigningKeys
from api.auth.permissions import permissions_of, permissions_of_token
from api.http.principal import Principal
from api.http.refusals import Unauthenticated
from infra.cache import Cache
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.events import Event
from infra.ids import content_digest
from memory.repositories.api_tokens import ApiTokenRepository

CHANNEL = "identity"
TOKEN_PREFIX = "ytp_"  # noqa: S105 - how a program's token begins, so that scanners of leaked secrets know it  # nosec B105
# What is remembered is read again after this time even when nothing was heard: a connection may be dead and not know it.
REMEMBERED_S = 30.0
_MOST = 10_000
# Reads of a video's files may bring the access token this way, and nothing else may: a page's player and pictures can send no header.
FILES_COOKIE = "ytempire_files"
_FILES = re.compile(r"/v1/videos/[^/]+/files/[0-9a-f]{64}")
_SIGN_IN = "authorization: sign in, or send `Bearer` and a token"


class Ear(Protocol):
    """Hears what ends sessions and tokens; `hears` changes when something may have been missed, and is 0 while nothing is heard."""

    hears: int

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event."""
        ...


@dataclass(frozen=True)
class Known:
    """Somebody who was looked up: who it is, by which session or token, when that was, and when the person last showed their password."""

    principal: Principal
    session_id: str | None
    api_token_id: str | None
    at: float
    hears: int
    token_ends: datetime | None = None
    confirmed_at: datetime | None = None


@dataclass
class Authenticator:
    """Is given to `create_app`: `await authenticator(request)` returns the Principal or raises Unauthenticated."""

    studio: Database
    keys: SigningKeys
    ear: Ear
    clock: Clock = SYSTEM_CLOCK
    cache: Cache | None = None
    _known: "OrderedDict[str, Known]" = field(default_factory=OrderedDict)
    _changes: int = 0

    def __post_init__(self) -> None:
        """Begin to listen."""
        self._tokens = AccessTokens(self.keys, self.clock)
        self.sessions = KeptSessions(self.studio, self.cache, self.clock)
        self.ear.subscribe(self._forget)

    async def __call__(self, request: HTTPConnection) -> Principal:
        """Return who sends the request, and leave by which session or token in its scope."""
        token = _token_of(request)
        known = await self.known(token)
        request.scope["ytempire.known"] = known
        return known.principal

    async def known(self, token: str) -> Known:
        """Return whose token it is; raises Unauthenticated."""
        key = content_digest(token.encode("utf-8", "replace"))
        found = self._known.get(key)
        if found is not None and self._is_fresh(found):
            return found
        changes, hears = self._changes, self.ear.hears
        found = await self._look_up(token, hears)
        # Not kept when something ended while it was being read: it may be this.
        if hears and changes == self._changes and hears == self.ear.hears:
            self._known[key] = found
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return found

    def _is_fresh(self, found: Known) -> bool:
        if found.token_ends is not None and found.token_ends <= self.clock.now():
            return False
        return found.hears == self.ear.hears and self.clock.monotonic() - found.at < REMEMBERED_S

    async def _look_up(self, token: str, hears: int) -> Known:
        at = self.clock.monotonic()
        if token.startswith(TOKEN_PREFIX):
            return await asyncio.to_thread(self._look_up_program, token, at, hears)
        claims = await asyncio.to_thread(self._tokens.read, token)
        holder = await self.sessions.holder(claims.session_id, claims.user_id, heard=bool(hears))
        if holder is None or holder.user_id != claims.user_id:
            raise Unauthenticated("authorization: the session is over; sign in")
        principal = Principal(holder.user_id, holder.tenant_id, holder.role, permissions_of(holder.role), "session")
        return Known(principal, claims.session_id, None, at, hears, claims.expires_at, claims.confirmed_at)

    def _look_up_program(self, token: str, at: float, hears: int) -> Known:
        with self.studio.unit_of_work() as session:
            row = ApiTokenRepository(session).holder(token)
        if row is None:
            raise Unauthenticated("authorization: the token was revoked, is too old, or was never made; make one in your account")
        token_id, who, scopes = row
        principal = Principal(who.user_id, who.tenant_id, who.role, permissions_of_token(who.role, scopes), "token")
        return Known(principal, None, token_id, at, hears)

    def _forget(self, event: Event) -> None:
        """Forget whom an event is about: `ID sessions`, `ID api_tokens` or `ID users`."""
        self._changes += 1
        about = event.subject
        self.sessions.forget(about)
        for key in [key for key, one in self._known.items() if about in {one.session_id, one.api_token_id, one.principal.user_id}]:
            del self._known[key]


def _token_of(request: HTTPConnection) -> str:
    given = request.headers.get("authorization")
    if given is None and request.scope.get("method") in {"GET", "HEAD"} and _FILES.fullmatch(request.scope["path"]):
        given = f"Bearer {request.cookies.get(FILES_COOKIE, '')}"
    scheme, _, token = (given or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated(_SIGN_IN)
    return token


def known_of(request: HTTPConnection) -> Known:
    """Return what is known of who sends a request that was authenticated."""
    found: Known = request.scope["ytempire.known"]
    return found
