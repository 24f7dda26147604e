"""Posts one signed body to one receiver: public addresses only, or origins that the operator named; no redirect is followed, no answer is read."""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpcore2
import httpx2

from infra.clock import SYSTEM_CLOCK, Clock
from infra.settings import Settings
from tools.fetch import NetworkOff, user_agent
from tools.fetch_guard import AddressForbidden, NotConnected, check_public, check_url, checked_addresses

_LOOKUP_S, _CONNECT_S = 2.5, 3.0
TOTAL_S = 10.0
Origins = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Posted:
    """What came of it: `status` is the receiver's, None when it gave none."""

    taken: bool
    status: int | None
    said: str
    took_ms: int


def private_origins(settings: Settings) -> Origins:
    """Return host and port of every receiver that may lie in the operator's own network."""
    return frozenset(_origin(httpx2.URL(one.strip())) for one in settings.webhook_private.split(",") if one.strip())


def check_receiver(url: str, private: Origins) -> None:
    """Raise `AddressForbidden` for an address that nothing would be posted to; what a name stands for is looked at again at every posting."""
    try:
        found = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise AddressForbidden(f"url: {url[:100]!r} is no address") from error
    if found.scheme in {"http", "https"} and found.host and _origin(found) in private:
        check_url(found, private)
        return
    check_public(str(found))
    if found.scheme != "https":
        raise AddressForbidden("url: events go over https://; an http:// receiver in your own network is named in YTEMPIRE_WEBHOOK_PRIVATE")


class WebhookPoster:
    """Posts until a deadline; as an asynchronous context. Several at a time are several connections."""

    def __init__(self, settings: Settings, clock: Clock = SYSTEM_CLOCK, total_s: float = TOTAL_S) -> None:
        self._off = settings.network == "off"
        self._private = private_origins(settings)
        self._clock = clock
        self._total_s = total_s
        self._agent = user_agent(settings.contact)

    async def __aenter__(self) -> Self:
        """Open the client."""
        self._client = httpx2.AsyncClient(
            transport=_Transport(self._private),
            headers={"user-agent": self._agent, "content-type": "application/json"},
            timeout=httpx2.Timeout(self._total_s, connect=_CONNECT_S),
            trust_env=False,
            follow_redirects=False,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        await self._client.aclose()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post and return what came of it: 2xx is taken, all else is not. Raises NetworkOff."""
        if self._off:
            raise NetworkOff("YTEMPIRE_NETWORK is off: nothing is posted")
        begun = self._clock.monotonic()
        status, said = await self._try(url, body, headers)
        taken = status is not None and 200 <= status < 300
        return Posted(taken, status, said or ("taken" if taken else f"the receiver answered {status}"), round((self._clock.monotonic() - begun) * 1000))

    async def _try(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int | None, str]:
        try:
            check_receiver(url, self._private)
            # The whole of it: a receiver that sends a byte now and then would keep a socket's own limits from ever ending it.
            async with asyncio.timeout(self._total_s), self._client.stream("POST", url, content=body, headers=dict(headers)) as answer:
                moved = " and redirects, which is not followed: name the address it leads to" if answer.is_redirect else ""
                return answer.status_code, f"the receiver answered {answer.status_code}{moved}" if moved else ""
        except (AddressForbidden, NotConnected) as error:
            return None, f"{error.code}: {error.message}"
        except TimeoutError:
            return None, f"no answer within {self._total_s:g} s"
        except (httpx2.HTTPError, httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError) as error:
            return None, f"the connection failed ({type(error).__name__})"


class _Backend(httpcore2.AsyncNetworkBackend):
    """Connects to the very address that was checked, so a second lookup cannot answer differently."""

    def __init__(self, private: Origins) -> None:
        self._plain = httpcore2.AnyIOBackend()
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Check every address of `host` and connect to the first."""
        (first, *_) = await asyncio.to_thread(checked_addresses, host, port, _LOOKUP_S, self._private, private=True)
        return await self._plain.connect_tcp(str(first), port, timeout, local_address, socket_options)


class _Transport(httpx2.AsyncHTTPTransport):
    """No proxies from the environment, checked addresses only, a connection for each posting."""

    def __init__(self, private: Origins) -> None:
        context = ssl.create_default_context()
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=context, max_connections=32, max_keepalive_connections=0, network_backend=_Backend(private))


def _origin(url: httpx2.URL) -> tuple[str, int]:
    return url.host, url.port or (443 if url.scheme == "https" else 80)
