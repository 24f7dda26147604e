"""The door: every request gets an id, hosts it does not answer for are refused, browsers are kept out of harm, and what was served is written down."""

import re
from collections.abc import Iterable
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import of_studio
from api.http.bodies import bounded
from api.http.metrics import RequestMetrics
from api.http.refusals import CodingUnknown, HostUnknown
from infra.errors import StudioError
from infra.ids import new_id
from infra.log import get_logger

REQUEST_SERVED = "request.served"
# A name or address, and a port.
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
# Asked every few seconds by machines, or in dozens by one page; their lines would bury all others.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/{console}"})


class AccessDoor:
    """Wraps the whole application; `hosts` are the names that it answers for, None for any."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics, hosts: Iterable[str] | None) -> None:
        self._app = app
        self._metrics = metrics
        self._log = get_logger("api").bind()  # once: it would be made anew for every line
        self._hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; what is no request (lifespan, sockets) goes through with an id and no more."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = headers.get("x-request-id", "")
        scope["ytempire.request_id"] = request_id = asked if REQUEST_ID.fullmatch(asked) else new_id("req")
        if scope["type"] == "websocket":
            if self._answers_for(headers):
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        begun, status = perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _finish(message, request_id)
            await send(message)

        self._metrics.begin()
        try:
            await self._within(scope, headers, receive, sending)
        finally:
            self._note(scope, status, perf_counter() - begun)

    async def _within(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        if (refused := self._refusal(headers)) is not None:
            await of_studio(scope, refused)(scope, receive, send)
            return
        await self._app(scope, bounded(scope, receive), send)

    def _refusal(self, headers: Headers) -> StudioError | None:
        if not self._answers_for(headers):
            return HostUnknown("host: this server does not answer for that name; add it to YTEMPIRE_HOSTS, or ask it by one it knows")
        coding = headers.get("content-encoding", "identity")
        if coding.strip().lower() != "identity":
            # Never unpacked, so that nothing can be packed to become larger than it says.
            return CodingUnknown(f"content-encoding: a packed body ({coding[:40]}) is not taken; send it as it is")
        return None

    def _answers_for(self, headers: Headers) -> bool:
        name = _HOST.fullmatch(headers.get("host", ""))
        return self._hosts is None or (name is not None and name.group(1).lower() in self._hosts)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = template_of(scope)
        self._metrics.end(scope["method"], route, status, seconds)
        if route in _QUIET and status < 400:
            return
        who = scope.get("ytempire.principal")
        about = {"user": who.user_id, "via": who.via} if who is not None else {}
        self._log.info(
            REQUEST_SERVED, request_id=scope["ytempire.request_id"], method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 2), **about
        )


def template_of(scope: Scope) -> str:
    """Return the template of the route that took the request (`/v1/channels/{channel_id}`): of these there are only so many."""
    route = scope.get("route")
    return str(getattr(route, "path", "unmatched")) if route is not None else "unmatched"


def _finish(message: Message, request_id: str) -> None:
    headers = MutableHeaders(raw=message.setdefault("headers", []))
    headers["x-request-id"] = request_id
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
