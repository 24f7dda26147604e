"""A loopback server for stand-ins of outside services, with a script of faults that real services are known to show."""

import socket
import threading
from collections.abc import Callable, MutableMapping
from types import TracebackType
from typing import Any, Protocol

import anyio
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.errors import Unavailable
from tools.sandbox_faults import Fault, FaultKind, FaultScript, SeenRequest
from tools.sandbox_play import CuttableProtocol, around, made_up, replaces

__all__ = [
    "Fault",
    "FaultKind",
    "FaultScript",
    "Sandbox",
    "SandboxFailed",
    "SeenRequest",
    "Watcher",
    "cut_connection",
    "delayed",
    "gone",
    "gzip_bomb",
    "huge_body",
    "not_modified",
    "other_body",
    "rate_limited",
    "redirect",
    "server_error",
    "slow_body",
    "wrong_content_type",
]

_START_TIMEOUT_S = 10.0


class SandboxFailed(Unavailable):
    """The stand-in server did not start."""

    code = "sandbox_failed"


def rate_limited(retry_after: str = "1") -> Fault:
    """Answer 429 with a Retry-After of seconds or an HTTP date."""
    return Fault("status", "https://www.rfc-editor.org/rfc/rfc6585#section-4", status=429, headers=(("retry-after", retry_after),))


def server_error(status: int = 503) -> Fault:
    """Answer a 5xx status with a short body."""
    return Fault("status", "https://www.rfc-editor.org/rfc/rfc9110#section-15.6", status=status)


def gone(status: int = 410) -> Fault:
    """Answer that the resource is gone (410) or was never there (404)."""
    return Fault("status", "https://www.rfc-editor.org/rfc/rfc9110#section-15.5", status=status)


def not_modified() -> Fault:
    """Answer 304 whatever was asked."""
    return Fault("status", "https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5", status=304)


def delayed(seconds: float) -> Fault:
    """Wait before answering normally."""
    return Fault("delay", "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.5", seconds=seconds)


def cut_connection(after: int = 100) -> Fault:
    """Promise a long body, send `after` bytes and close the connection."""
    return Fault("cut", "https://www.rfc-editor.org/rfc/rfc9112#section-8", size=after)


def huge_body(size: int) -> Fault:
    """Send `size` bytes without announcing a length."""
    return Fault("huge_body", "https://owasp.org/API-Security/editions/2023/en/0xaa-unsafe-consumption-of-apis/", size=size)


def slow_body(seconds: float) -> Fault:
    """Send a byte at a time for `seconds`."""
    return Fault("slow_body", "https://www.cloudflare.com/learning/ddos/ddos-low-and-slow-attack/", seconds=seconds)


def gzip_bomb(body: bytes) -> Fault:
    """Send `body` (already compressed) as a gzip content coding."""
    return Fault("gzip_bomb", "https://cwe.mitre.org/data/definitions/409.html", body=body)


def wrong_content_type(body: bytes = b"<html><body>Please log in</body></html>", content_type: str = "text/html") -> Fault:
    """Answer 200 with a page of another type, as captive portals and consent walls do."""
    return Fault("content_type", "https://www.rfc-editor.org/rfc/rfc6585#section-6", body=body, headers=(("content-type", content_type),))


def other_body(body: bytes, content_type: str, cite: str) -> Fault:
    """Answer 200 with exactly `body`."""
    return Fault("body", cite, body=body, headers=(("content-type", content_type),))


def redirect(location: str, status: int = 302) -> Fault:
    """Send the client elsewhere."""
    return Fault("redirect", "https://owasp.org/www-community/attacks/Server_Side_Request_Forgery", status=status, headers=(("location", location),))


Observer = Callable[[SeenRequest, int, Fault | None], None]


class Watcher(Protocol):
    """Is told when a request begins to wait for its fault's `seconds`, at the moment that they begin."""

    def __call__(self, request: SeenRequest, fault: Fault) -> None:
        """Take notice; the request waits only after this returned."""
        ...


class Sandbox:
    """Serves an ASGI app on a loopback port (0: a free one) in a thread; `seen` lists the requests, `faults` is the script.

    `observe` is told every request with the status that was answered (0: the service never heard of it) and the fault that was played, if any;
    `held` every request that a fault makes wait. Raises SandboxFailed when the port is taken.
    """

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0, observe: Observer | None = None, held: Watcher | None = None) -> None:
        self.faults = FaultScript()
        self.seen: list[SeenRequest] = []
        self._app = app
        self._observe = observe
        self._held = held
        try:
            self._socket = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        except OSError as error:
            raise SandboxFailed(f"sandbox: port {port} of {host} cannot be used ({error.strerror}); give another") from error
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        config = uvicorn.Config(
            self._serve, log_level="critical", lifespan="off", interface="asgi3", ws="none", http=CuttableProtocol, loop="asyncio", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True, name="sandbox")

    def watch(self, held: Watcher) -> None:
        """Tell `held` from now on of every request that a fault makes wait."""
        self._held = held

    def __enter__(self) -> "Sandbox":
        self._thread.start()
        waiter = threading.Event()
        waited = 0.0
        while not self._server.started:
            if waited > _START_TIMEOUT_S or not self._thread.is_alive():
                raise SandboxFailed(f"sandbox: the server on {self.url} did not start within {_START_TIMEOUT_S:g} s")
            waiter.wait(0.01)
            waited += 0.01
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request, replay = await _take(scope, receive)
        self.seen.append(request)
        fault = self.faults.next_for(scope["method"], scope["path"])
        app = self._app
        if fault is not None and replaces(fault):
            app = made_up(fault)
        if self._observe is not None:
            app = _observed(app, request, fault, self._observe)
        if fault is not None and not replaces(fault):
            if fault.kind == "drop" and self._observe is not None:
                self._observe(request, 0, fault)
            app = around(fault, app, lambda: self._wait(request, fault))
        await app(scope, replay, send)

    async def _wait(self, request: SeenRequest, fault: Fault) -> None:
        if fault.seconds and self._held is not None:
            self._held(request, fault)
        await anyio.sleep(fault.seconds)


def _observed(app: ASGIApp, request: SeenRequest, fault: Fault | None, observe: Observer) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                observe(request, int(message["status"]), fault)
            await send(message)

        await app(scope, receive, watched)

    return serve


async def _take(scope: Scope, receive: Receive) -> tuple[SeenRequest, Receive]:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    done = False

    async def replay() -> MutableMapping[str, Any]:
        nonlocal done
        if done:
            return await receive()
        done = True
        return {"type": "http.request", "body": body, "more_body": False}

    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return SeenRequest(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body, (scope.get("client") or ("", 0))[1]), replay
