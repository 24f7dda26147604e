"""What sockets and streams have in common: whoever watches, for how long they may, and what they are told next."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from api.auth.authenticator import Known
from api.auth.identity import Identity
from api.events.feed import Feed
from api.events.follower import Follower, Resync
from infra.clock import SYSTEM_CLOCK
from infra.database import Database, DatabaseUnavailable
from infra.events import Event
from memory.reads.events import EventLine
from memory.repositories.api_tokens import ApiTokenRepository
from memory.repositories.sessions import SessionRepository

SIGNED_OUT, RESTARTING, TRY_LATER = 1008, 1012, 1013
_LOOKED_AGAIN_S, _PAUSE_S = 300.0, 0.5


@dataclass(frozen=True)
class Limits:
    """How much a watcher may ask of the server."""

    authenticate_s: float = 10.0
    heartbeat_s: float = 20.0
    send_s: float = 10.0
    most_behind: int = 1_000
    behind_s: float = 30.0
    messages: int = 60
    messages_within_s: float = 10.0
    of_one_user: int = 20
    of_all: int = 1_000


class Ended(Exception):
    """The server ends it: with a code of RFC 6455 and a reason that says what to do."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Beat:
    """Nothing happened for a while; the newest number is `last`."""

    last: int


@dataclass
class Room:
    """How many watch, in all and by user."""

    limits: Limits = field(default_factory=Limits)
    by_user: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def entered(self, user_id: str) -> Iterator[None]:
        """Count one more inside the block; raises Ended when there are too many."""
        if self.by_user[user_id] >= self.limits.of_one_user:
            raise Ended(TRY_LATER, f"one user may watch {self.limits.of_one_user} times at once; close one first")
        if self.by_user.total() >= self.limits.of_all:
            raise Ended(TRY_LATER, f"{self.limits.of_all} watch already; try again later")
        self.by_user[user_id] += 1
        try:
            yield
        finally:
            self.by_user[user_id] -= 1
            self.by_user += Counter()  # without those at zero


@dataclass
class Guest:
    """Whoever watches, for as long as their session or token is good: its end is heard of, and looked for when something may have been missed."""

    known: Known
    identity: Identity
    studio: Database
    is_gone: bool = False

    @contextmanager
    def heard(self, wake: asyncio.Event) -> Iterator[None]:
        """Listen inside the block for the end of the session, the token or the user."""
        ids = {self.known.session_id, self.known.api_token_id, self.known.principal.user_id}

        def listen(event: Event) -> None:
            if event.subject in ids:
                self.is_gone = True
                wake.set()

        self._seen, self._looked_at = self.identity.authenticator.ear.hears, SYSTEM_CLOCK.monotonic()
        end = self.identity.authenticator.ear.subscribe(listen)
        try:
            yield
        finally:
            end()

    async def ensure_welcome(self) -> None:
        """Raise Ended when they may not watch any more."""
        hears, now = self.identity.authenticator.ear.hears, SYSTEM_CLOCK.monotonic()
        if not self.is_gone and (hears != self._seen or now - self._looked_at > _LOOKED_AGAIN_S):
            self.is_gone = not await asyncio.to_thread(self._is_good)
            self._seen, self._looked_at = hears, now
        if self.is_gone:
            raise Ended(SIGNED_OUT, "the session or token ended, or what it may do changed; sign in and open another")

    def _is_good(self) -> bool:
        with self.studio.unit_of_work() as session:
            if self.known.session_id is not None:
                return SessionRepository(session).holder(self.known.session_id) is not None
            return self.known.api_token_id is not None and ApiTokenRepository(session).holder_of(self.known.api_token_id) is not None


@dataclass
class Watcher:
    """One who watches: `await watcher.turn()` returns what to send next."""

    feed: Feed
    follower: Follower
    guest: Guest
    limits: Limits

    async def turn(self) -> list[EventLine] | Resync | Beat:
        """Return events, or nothing because something else woke it; raises Ended. While Postgres is away there is nothing."""
        self.follower.wake.clear()
        try:
            await self.guest.ensure_welcome()
            if self.feed.closing:
                raise Ended(RESTARTING, f"the server restarts; open another and resume from {self.follower.cursor}")
            if self.follower.is_slow(self.limits.behind_s):
                raise Ended(TRY_LATER, f"too slow: more than {self.limits.most_behind} events wait; resume from {self.follower.cursor}, or ask for less")
            if told := await self.follower.next():
                return told
            async with asyncio.timeout(self.limits.heartbeat_s):
                await self.follower.wake.wait()
        except TimeoutError:
            return Beat(self.follower.cursor)
        except DatabaseUnavailable:
            await asyncio.sleep(_PAUSE_S)
        return []


async def first_of(*halves: Coroutine[Any, Any, None]) -> None:
    """Run both halves of a conversation until one ends, and raise what it raised."""
    tasks = [asyncio.create_task(half) for half in halves]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
