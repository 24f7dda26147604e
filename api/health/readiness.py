"""Whether the service can do its work: real queries of the database, of Redis and of the schema's revision."""

import asyncio
from dataclasses import dataclass, field

from api.http.state import ServiceState
from infra.clock import SYSTEM_CLOCK
from infra.embedded.redis import require_redis
from infra.errors import StudioError
from infra.log import get_logger
from memory.repositories.census import CensusRepository
from memory.schema_revision import newest_revision

_FRESH_S = 1.0
NOT_READY = "service.not_ready"
_log = get_logger("api")


@dataclass
class Readiness:
    """Looks at most once a second, however many ask."""

    state: ServiceState
    _seen: dict[str, str] = field(default_factory=dict)
    _at: float = float("-inf")
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> dict[str, str]:
        """Return `ok` or what is wrong, by part."""
        async with self._one_at_a_time:
            if SYSTEM_CLOCK.monotonic() - self._at >= _FRESH_S:
                self._seen = {"database": await self._database(), "redis": await asyncio.to_thread(self._redis)}
                self._at = SYSTEM_CLOCK.monotonic()
                if any(word != "ok" for word in self._seen.values()):
                    _log.warning(NOT_READY, **self._seen)
            return self._seen

    async def _database(self) -> str:
        try:
            await self.state.reads.rows("", "select 1", {})
            found = await asyncio.to_thread(self._revision)
        except StudioError:
            return "does not answer"
        return "ok" if found == newest_revision() else f"has revision {found}, this code needs {newest_revision()}"

    def _revision(self) -> str:
        with self.state.studio.one_statement() as session:
            return CensusRepository(session).schema_revision() or "none"

    def _redis(self) -> str:
        try:
            require_redis(str(self.state.settings.redis_url))
        except StudioError:
            return "does not answer"
        return "ok"
