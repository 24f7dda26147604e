"""Whom a session speaks for, kept for all processes of the service until it ends, its user changes, or nobody can be sure."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import orjson

from infra.cache import Cache
from infra.cache_near import USER_SESSIONS, Asked
from infra.clock import Clock
from infra.database import Database
from memory.repositories.sessions import Holder, SessionRepository

# In the place of a tenant, which is not known before: sessions have ids of their own.
IDENTITY = "identity"


@dataclass(frozen=True)
class KeptSessions:
    """Looks sessions up; without a cache each time in the database."""

    studio: Database
    cache: Cache | None
    clock: Clock

    async def holder(self, session_id: str, user_id: str, *, heard: bool = True) -> Holder | None:
        """Return whom a session speaks for; None when it is over. `user_id` is whose it should be; unless changes are `heard` of it is read anew."""
        asked = Asked(USER_SESSIONS, IDENTITY, f"session {session_id} {user_id}", (session_id, user_id))
        cache = self.cache if heard else None
        found = orjson.loads(await (self._load(session_id) if cache is None else cache.read(asked, lambda: self._load(session_id))))
        if found is None or datetime.fromisoformat(found["ends"]) <= self.clock.now():
            return None
        return Holder(found["user"], found["tenant"], found["role"])

    def forget(self, about: str) -> None:
        """Drop what is kept of a session or of a user's sessions: it was heard that they changed."""
        if self.cache is not None:
            self.cache.changed(IDENTITY, about)

    async def _load(self, session_id: str) -> bytes:
        return await asyncio.to_thread(self._read, session_id)

    def _read(self, session_id: str) -> bytes:
        with self.studio.unit_of_work() as session:
            found = SessionRepository(session).standing(session_id)
        if found is None:
            return b"null"
        holder, ends = found
        return orjson.dumps({"user": holder.user_id, "tenant": holder.tenant_id, "role": holder.role, "ends": ends.isoformat()})
