"""The one guarded fetcher: every byte that comes from a web address comes through here."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Literal

import httpx2

from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import Invalid, NotFound, Unavailable
from infra.settings import Settings
from tools.fetch_body import read_body
from tools.fetch_guard import AddressForbidden, NotConnected, PinnedTransport, SourceUnreachable, check_url
from tools.fetch_pace import HostPacer, NetworkWatch, RateLimited

VERSION = "0.1"
_WAIT_STATUSES = frozenset({429, 503})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 409, 425})


class NetworkOff(Unavailable):
    """The operator switched the network off, so nothing outside is tried."""

    code = "network_off"
    retryable = False


class NetworkDown(SourceUnreachable):
    """This machine seems to have no network: several hosts in a row could not be reached."""

    code = "network_down"


class SourceRefused(Invalid):
    """The other side answered with an error that will not pass by itself."""

    code = "source_refused"


class SourceGone(NotFound):
    """The other side says the address no longer exists (404 or 410)."""

    code = "source_gone"


class TooManyRedirects(Invalid):
    """The address kept sending us elsewhere."""

    code = "too_many_redirects"


@dataclass(frozen=True)
class FetchLimits:
    """What one fetch may cost: times in seconds, sizes in decoded bytes."""

    max_bytes: int = 5_000_000
    max_ratio: float = 200.0
    max_redirects: int = 3
    lookup_s: float = 2.5
    connect_s: float = 3.0
    read_s: float = 8.0
    total_s: float = 20.0


@dataclass(frozen=True)
class Credential:
    """A key sent as a header or a query parameter of that name: to the origin first asked only, and never named in an error."""

    name: str
    secret: str = field(repr=False)
    place: Literal["header", "query"] = "header"


@dataclass(frozen=True)
class FetchRequest:
    """What to fetch. `etag` and `last_modified` are the validators of an earlier answer, for a conditional GET."""

    url: str
    etag: str = ""
    last_modified: str = ""
    accept: str = "*/*"
    max_bytes: int | None = None
    total_s: float | None = None
    credential: Credential | None = None


@dataclass(frozen=True)
class Fetched:
    """An answer: `body` is decoded and empty when `not_modified`; `url` is where it came from after redirects."""

    url: str
    status: int
    body: bytes
    content_type: str
    charset: str
    etag: str
    last_modified: str
    not_modified: bool = False


def user_agent(contact: str) -> str:
    """Return the honest name under which we fetch, with the operator's contact where one is set."""
    return f"YTEMPIRE/{VERSION} (self-hosted video studio; {contact or 'operator contact not set'})"


PACER = HostPacer()
WATCH = NetworkWatch()


class Fetcher:
    """Fetches over http(s) from public addresses only, within `limits`, politely, without proxies from the environment.

    Loopback is refused except for the origins of configured stand-ins (`settings.sources_sandbox_url` and base URLs) and those in
    `loopback` (host and port), which exist for stand-ins in tests and rehearsals. One instance may be used by several threads.
    """

    def __init__(
        self,
        settings: Settings,
        limits: FetchLimits | None = None,
        clock: Clock = SYSTEM_CLOCK,
        loopback: tuple[str, ...] = (),
        pacer: HostPacer = PACER,
    ) -> None:
        self.limits = limits or FetchLimits()
        self.watch = WATCH if pacer is PACER else NetworkWatch(clock=clock)
        self._off = settings.network == "off"
        self._clock = clock
        self._pacer = pacer
        stand_ins = (settings.sources_sandbox_url, settings.pexels_base_url, settings.pixabay_base_url)
        urls = (*loopback, *(url for url in stand_ins if url))
        self._loopback = frozenset(_origin(httpx2.URL(url)) for url in urls)
        self._tally: dict[str, list[int]] = {}
        self._tallying = threading.Lock()
        self._client = httpx2.Client(
            transport=PinnedTransport(self.limits.lookup_s, self._loopback),
            headers={"user-agent": user_agent(settings.contact), "accept-encoding": "gzip, deflate"},
            timeout=httpx2.Timeout(self.limits.read_s, connect=self.limits.connect_s),
            trust_env=False,
            follow_redirects=False,
        )

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def tally(self) -> dict[str, dict[str, int]]:
        """Return how many requests each host was sent and how many decoded bytes it answered with."""
        with self._tallying:
            return {host: {"requests": requests, "bytes": size} for host, (requests, size) in sorted(self._tally.items())}

    def _count(self, host: str, requests: int, size: int) -> None:
        with self._tallying:
            counted = self._tally.setdefault(host, [0, 0])
            counted[0] += requests
            counted[1] += size

    def get(self, request: FetchRequest | str, before: Callable[[], None] | None = None) -> Fetched:
        """Fetch an address.

        `before` is called ahead of each outside request (a lease check, say). Raises `NetworkOff`, `NetworkDown`, `AddressForbidden`,
        `SourceUnreachable`, `RateLimited`, `SourceRefused`, `SourceGone`, `TooManyRedirects`, `BodyTooLarge`, `CompressionBomb` or
        `BodyUnreadable`. Nothing is retried here: retries live in the job.
        """
        asked = FetchRequest(request) if isinstance(request, str) else request
        if self._off:
            raise NetworkOff(f"network is off (YTEMPIRE_NETWORK=off): {asked.url[:200]} was not fetched")
        deadline = self._clock.monotonic() + (asked.total_s or self.limits.total_s)
        url = _parsed(asked.url)
        for _ in range(self.limits.max_redirects + 1):
            if before is not None:
                before()
            answer = self._step(replace(asked, url=str(url)), url, deadline)
            if isinstance(answer, Fetched):
                return answer
            if _origin(answer) != _origin(url) or answer.scheme != url.scheme:
                asked = replace(asked, credential=None)
            url = answer
        raise TooManyRedirects(f"url {asked.url[:200]}: more than {self.limits.max_redirects} redirects")

    def _step(self, asked: FetchRequest, url: httpx2.URL, deadline: float) -> Fetched | httpx2.URL:
        check_url(url, self._loopback)
        if _origin(url) in self._loopback:
            return self._send(asked, url, deadline, f"{url.host}:{url.port}")
        if self.watch.down:
            raise NetworkDown(f"no network: {url.host} was not tried, since several hosts in a row could not be reached", host=url.host)
        self._pacer.enter(url.host, deadline)
        try:
            return self._send(asked, url, deadline, url.host)
        except NotConnected:
            self.watch.missed(url.host)
            raise
        finally:
            self._pacer.leave(url.host)

    def _send(self, asked: FetchRequest, url: httpx2.URL, deadline: float, place: str) -> Fetched | httpx2.URL:
        self._pacer.check(place)
        key = asked.credential
        sent = url.copy_merge_params({key.name: key.secret}) if key is not None and key.place == "query" else url
        self._count(url.host, 1, 0)
        try:
            with self._client.stream("GET", sent, headers=_headers(asked)) as response:
                self.watch.reached()
                return self._answer(asked, response, deadline, place)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise NotConnected(f"host {url.host}: no connection ({str(error)[:200] or type(error).__name__})", host=url.host) from error
        except httpx2.TimeoutException as error:
            raise SourceUnreachable(f"host {url.host}: no answer within {self.limits.read_s:g} s", host=url.host) from error
        except httpx2.HTTPError as error:
            raise SourceUnreachable(f"host {url.host}: {type(error).__name__} ({str(error)[:200] or 'no detail'})", host=url.host) from error

    def _answer(self, asked: FetchRequest, response: httpx2.Response, deadline: float, place: str) -> Fetched | httpx2.URL:
        status = response.status_code
        if status in _REDIRECTS and response.headers.get("location"):
            return _parsed(response.headers["location"], httpx2.URL(asked.url))
        self._refuse_errors(asked, response, place)
        body = b""
        if status != httpx2.codes.NOT_MODIFIED:
            body = read_body(response, self._clock, deadline, asked.max_bytes or self.limits.max_bytes, self.limits.max_ratio)
            self._count(response.url.host, 0, len(body))
        kind, _, rest = response.headers.get("content-type", "").partition(";")
        return Fetched(
            url=asked.url,
            status=status,
            body=body,
            content_type=kind.strip().lower(),
            charset=rest.partition("charset=")[2].strip(" \"'").lower(),
            etag=response.headers.get("etag", ""),
            last_modified=response.headers.get("last-modified", ""),
            not_modified=status == httpx2.codes.NOT_MODIFIED,
        )

    def _refuse_errors(self, asked: FetchRequest, response: httpx2.Response, place: str) -> None:
        status, host = response.status_code, response.url.host
        if status in _WAIT_STATUSES and (status == httpx2.codes.TOO_MANY_REQUESTS or "retry-after" in response.headers):
            wait_s = self._pacer.silence(place, response.headers.get("retry-after", ""))
            raise RateLimited(f"host {host}: it answered {status} and asked us to wait {wait_s:.0f} s", after_s=wait_s, host=host)
        if status in {404, 410}:
            raise SourceGone(f"url {asked.url[:200]}: the host answered {status}", status=status)
        if status >= httpx2.codes.INTERNAL_SERVER_ERROR or status in _PASSING:
            raise SourceUnreachable(f"host {host}: it answered {status}", host=host, status=status)
        if not (httpx2.codes.OK <= status < httpx2.codes.MULTIPLE_CHOICES or status == httpx2.codes.NOT_MODIFIED):
            raise SourceRefused(f"url {asked.url[:200]}: the host answered {status}", status=status)


def _parsed(url: str, base: httpx2.URL | None = None) -> httpx2.URL:
    try:
        return httpx2.URL(url.strip()) if base is None else base.join(url.strip())
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise AddressForbidden(f"url {url[:200]!r} is not a valid address ({error})") from error


def _origin(url: httpx2.URL) -> tuple[str, int]:
    return url.host, url.port or (443 if url.scheme == "https" else 80)


def _headers(asked: FetchRequest) -> dict[str, str]:
    headers = {"accept": asked.accept}
    if asked.etag:
        headers["if-none-match"] = asked.etag
    if asked.last_modified:
        headers["if-modified-since"] = asked.last_modified
    if asked.credential is not None and asked.credential.place == "header":
        headers[asked.credential.name] = asked.credential.secret
    return headers
