"""Which addresses a fetch may reach: every answer of one name lookup must be a public address, and that answer is dialled."""

import ipaddress
import queue
import re
import socket
import ssl
import threading
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from infra.errors import Forbidden, Unavailable

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
# No top-level domain is a number: what ends in one is an IPv4 address in a form that resolvers read and nobody should write.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PUBLIC_PORTS = frozenset({80, 443})
_DIALLED = 2
# Names that lead nowhere outside (RFC 6761, RFC 6762, RFC 8375 and what internal networks use).
_INTERNAL = frozenset({"localhost", "local", "internal", "lan", "home", "arpa", "test", "invalid", "localdomain", "svc", "intranet", "corp"})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressForbidden(Forbidden):
    """The URL leads to an address, port or scheme that must not be fetched."""

    code = "address_forbidden"


class SourceUnreachable(Unavailable):
    """The other side could not be reached, or broke off."""

    code = "source_unreachable"


class NotConnected(SourceUnreachable):
    """No connection stood: the name was not found or nobody answered there."""

    code = "not_connected"


class NameNotFound(NotConnected):
    """The host name could not be looked up."""

    code = "name_not_found"


def is_public(address: Address) -> bool:
    """Say whether `address` is a public unicast address, looking inside IPv6 forms that carry an IPv4 address.

    Method: the "globally reachable" column of the IANA special-purpose registries, as `ipaddress.is_global` keeps it.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return is_public(inner)
        if address in _LOCAL_NAT64 or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def check_url(url: httpx2.URL, loopback: frozenset[tuple[str, int]]) -> None:
    """Raise `AddressForbidden` unless `url` is plain http(s) without a password, on a public port or an allowed loopback origin."""
    if url.scheme not in {"http", "https"}:
        raise AddressForbidden(f"url {_shown(url)}: scheme {url.scheme or 'none'!r} is not http or https")
    if not url.host:
        raise AddressForbidden(f"url {_shown(url)}: it names no host")
    if not _HOST.fullmatch(url.host):
        raise AddressForbidden(f"url {_shown(url)}: {url.host[:80]!r} is not a host name")
    if url.userinfo:
        raise AddressForbidden(f"url {_shown(url)}: a user name or password in a URL is not accepted")
    port = (443 if url.scheme == "https" else 80) if url.port is None else url.port
    if port not in _PUBLIC_PORTS and (url.host, port) not in loopback:
        raise AddressForbidden(f"url {_shown(url)}: port {port} is not 80 or 443")


def check_public(place: str) -> None:
    """Raise `AddressForbidden` for what no fetch would reach, as far as the address itself tells; names are looked up when it is fetched."""
    try:
        url = httpx2.URL(place)
    except httpx2.InvalidURL as error:
        raise AddressForbidden(f"url {place[:200]!r}: {error}") from error
    check_url(url, frozenset())
    try:
        address = ipaddress.ip_address(url.host)
    except ValueError:
        last = url.host.rstrip(".").lower().rsplit(".", 1)[-1]
        if last in _INTERNAL or _NUMBER.fullmatch(last) or "." not in url.host.rstrip("."):
            raise AddressForbidden(f"url {_shown(url)}: {url.host[:80]!r} is no public host name") from None
        return
    if not is_public(address):
        raise AddressForbidden(f"url {_shown(url)}: {address} is not a public address")


def _shown(url: httpx2.URL) -> str:
    return str(url.copy_with(username=None, password=None))[:200]


def look_up(host: str, port: int, timeout_s: float) -> tuple[Address, ...]:
    """Return every address of `host`; raises `NameNotFound` when there is none or the lookup takes longer than `timeout_s`.

    The lookup runs in a daemon thread, since the system's resolver offers no deadline.
    """
    answers: queue.Queue[tuple[Address, ...] | OSError | UnicodeError] = queue.Queue(1)

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(tuple(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="name-lookup").start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise NameNotFound(f"host {host}: the name lookup took longer than {timeout_s:g} s", host=host) from None
    if isinstance(answer, Exception):
        raise NameNotFound(f"host {host}: the name lookup failed ({answer})", host=host) from answer
    return answer


def checked_addresses(host: str, port: int, timeout_s: float, loopback: frozenset[tuple[str, int]], *, private: bool = False) -> tuple[Address, ...]:
    """Look `host` up once and return its addresses; raises `AddressForbidden` when any of them is not public.

    With `private`, the origins of `loopback` may lie in the operator's own network too.
    """
    addresses = look_up(host, port, timeout_s)
    allowed_here = (host, port) in loopback
    for address in addresses:
        if not is_public(address) and not (allowed_here and (address.is_loopback or (private and address.is_private))):
            raise AddressForbidden(f"host {host}: it resolves to {address}, which is not a public address", host=host, address=str(address))
    return addresses


class PinnedBackend(httpcore2.NetworkBackend):
    """Connects to the very address that was checked, so a second lookup cannot answer differently (DNS rebinding)."""

    def __init__(self, lookup_timeout_s: float, loopback: frozenset[tuple[str, int]]) -> None:
        self._plain = httpcore2.SyncBackend()
        self._lookup_timeout_s = lookup_timeout_s
        self._loopback = loopback

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Check the addresses of `host` and connect to one of the first two."""
        addresses = checked_addresses(host, port, self._lookup_timeout_s, self._loopback)[:_DIALLED]
        for address in addresses[:-1]:
            try:
                return self._plain.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._plain.connect_tcp(str(addresses[-1]), port, timeout, local_address, socket_options)


class PinnedTransport(httpx2.HTTPTransport):
    """The HTTP transport of every fetch: checked addresses only, no proxies from the environment."""

    def __init__(self, lookup_timeout_s: float, loopback: frozenset[tuple[str, int]]) -> None:
        context = ssl.create_default_context()
        super().__init__(verify=context, trust_env=False)
        self._pool.close()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_connections=16,
            max_keepalive_connections=8,
            keepalive_expiry=5.0,
            network_backend=PinnedBackend(lookup_timeout_s, loopback),
        )
