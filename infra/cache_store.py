"""Where answers that several processes share are kept: Redis, through the one door to the caching library."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from cashews import Cache as Cashews
from cashews import register_backend
from cashews.backends.redis import Redis
from cashews.backends.redis.client import Redis as Client
from cashews.exceptions import CacheBackendInteractionError

from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import Unavailable

# A request is not to wait for a Redis that hangs: after a failure it is left alone for a while.
_SILENT_S, _AWAY_S = 0.5, 2.0
_CONNECTIONS = 10


class _Backend(Redis):
    """The library's Redis, closed in the way that the client of today asks for."""

    async def close(self) -> None:
        """Close the connections."""
        if self.is_init and isinstance(self._client, Client):
            await self._client.aclose(close_connection_pool=True)


# The library knows Redis at addresses with a port only, and would unpickle what lies there.
for _scheme in ("unix", "redis", "rediss"):
    register_backend(_scheme, _Backend, pass_uri=True)


class CacheAway(Unavailable):
    """Redis does not answer; what it holds must be read from Postgres."""

    code = "cache_away"


class Store(Protocol):
    """Keeps bytes for a time, under tags; every method raises CacheAway."""

    async def get(self, key: str) -> bytes | None:
        """Return what is kept."""
        ...

    async def put(self, key: str, value: bytes, ttl_s: float, tags: Sequence[str]) -> None:
        """Keep a value, under tags."""
        ...

    async def claim(self, key: str, ttl_s: float) -> bool:
        """Take a claim that ends by itself; False while somebody else has it."""
        ...

    async def release(self, key: str) -> None:
        """Give a claim back."""
        ...

    async def drop(self, tags: Sequence[str]) -> None:
        """Drop every value under the tags."""
        ...


class RedisStore:
    """The store in Redis. Values are plain bytes and are never unpickled: whoever can write to Redis must not be able to run code here."""

    def __init__(self, url: str, clock: Clock = SYSTEM_CLOCK) -> None:
        waits: dict[str, Any] = {"socket_timeout": _SILENT_S, "socket_connect_timeout": _SILENT_S, "wait_for_connection_timeout": _SILENT_S}
        self._cashews = Cashews(name="ytempire")
        self._cashews.setup(url, pickle_type="null", check_repr=False, suppress=False, max_connections=_CONNECTIONS, **waits)
        self._clock = clock
        self._away_until = float("-inf")

    async def get(self, key: str) -> bytes | None:
        """Return what is kept; raises CacheAway."""
        found = await self._try(lambda: self._cashews.get(key))
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes, ttl_s: float, tags: Sequence[str]) -> None:
        """Keep a value, under tags; raises CacheAway."""
        await self._try(lambda: self._cashews.set(key, value, expire=ttl_s, tags=tags))

    async def claim(self, key: str, ttl_s: float) -> bool:
        """Take a claim that ends by itself; raises CacheAway."""
        return bool(await self._try(lambda: self._cashews.set_lock(key, "1", expire=ttl_s)))

    async def release(self, key: str) -> None:
        """Give a claim back; raises CacheAway."""
        await self._try(lambda: self._cashews.delete(key))

    async def drop(self, tags: Sequence[str]) -> None:
        """Drop every value under the tags; raises CacheAway."""
        await self._try(lambda: self._cashews.delete_tags(*tags))

    async def close(self) -> None:
        """Close the connections."""
        await self._cashews.close()

    async def _try(self, call: Callable[[], Awaitable[object]]) -> object:
        if self._clock.monotonic() < self._away_until:
            raise CacheAway("Redis did not answer a moment ago")
        try:
            return await call()
        except (CacheBackendInteractionError, OSError) as error:
            self._away_until = self._clock.monotonic() + _AWAY_S
            raise CacheAway(f"Redis did not answer: {error.__cause__ or error}") from error
