"""Where a request comes from: the address behind proxies that are trusted, whether it is encrypted, and that a page of ours sent it."""

from starlette.requests import HTTPConnection

from api.http.refusals import NotAllowed
from infra.settings import Settings
from memory.repositories.sessions import SignIn


def address_of(request: HTTPConnection, settings: Settings) -> str:
    """Return the client's address: of the connection, or the nearest in `X-Forwarded-For` that is no proxy of ours (YTEMPIRE_PROXIES)."""
    peer = request.client.host if request.client is not None else ""
    if peer not in settings.trusted_proxies:
        return peer
    told = [one.strip() for one in request.headers.get("x-forwarded-for", "").split(",") if one.strip()]
    return next((one for one in reversed(told) if one not in settings.trusted_proxies), peer)[:64]


def is_secure(request: HTTPConnection, settings: Settings) -> bool:
    """Whether the browser's own connection is encrypted, as a trusted proxy says of it."""
    peer = request.client.host if request.client is not None else ""
    told = request.headers.get("x-forwarded-proto", "") if peer in settings.trusted_proxies else ""
    return (told or request.url.scheme) in {"https", "wss"}


def sign_in_of(request: HTTPConnection, settings: Settings) -> SignIn:
    """Return what is kept of where somebody signed in."""
    return SignIn(address_of(request, settings), request.headers.get("user-agent", ""))


def ensure_ours(request: HTTPConnection, settings: Settings) -> None:
    """Raise NotAllowed when a page of another origin sent the request: a cookie would speak for somebody who knows nothing of it."""
    origin, host = request.headers.get("origin"), request.headers.get("host", "")
    if origin is not None:
        allowed = origin.partition("://")[2] == host or origin in settings.cors
    else:
        allowed = request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
    if not allowed:
        raise NotAllowed("origin: a page of another origin sent this; open the console itself, or add its origin to YTEMPIRE_CORS_ORIGINS")
