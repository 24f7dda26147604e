"""A loopback server for stand-ins of outside services, with a script of faults that real services are known to show."""

import socket
import threading
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

import anyio
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.errors import Unavailable

FaultKind = Literal["status", "delay", "cut", "huge_body", "content_type", "slow_body", "gzip_bomb", "body", "redirect"]

_START_TIMEOUT_S = 10.0
_BLOCK = b"x" * 65536


class SandboxFailed(Unavailable):
    """The stand-in server did not start."""

    code = "sandbox_failed"


@dataclass(frozen=True)
class Fault:
    """One misbehaviour. `cite` is the address of the document or report that shows real services do this."""

    kind: FaultKind
    cite: str
    status: int = 200
    seconds: float = 0.0
    size: int = 0
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


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


@dataclass(frozen=True)
class SeenRequest:
    """A request as the stand-in received it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""


Observer = Callable[[SeenRequest, int, Fault | None], None]


@dataclass
class FaultScript:
    """Which faults to play next: `play` queues one-shot faults for a path prefix, `always` sets a lasting one (None clears)."""

    queued: dict[str, deque[Fault]] = field(default_factory=dict)
    lasting: dict[str, Fault] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def play(self, prefix: str, *faults: Fault) -> None:
        """Play each of `faults` once, in order, to requests whose path starts with `prefix`."""
        with self.lock:
            self.queued.setdefault(prefix, deque()).extend(faults)

    def always(self, prefix: str, fault: Fault | None) -> None:
        """Play `fault` to every request whose path starts with `prefix`, until cleared with None."""
        with self.lock:
            if fault is None:
                self.lasting.pop(prefix, None)
            else:
                self.lasting[prefix] = fault

    def next_for(self, path: str) -> Fault | None:
        """Return the fault to play for a request to `path`, if any."""
        with self.lock:
            for prefix, faults in self.queued.items():
                if path.startswith(prefix) and faults:
                    return faults.popleft()
            return next((fault for prefix, fault in self.lasting.items() if path.startswith(prefix)), None)


class Sandbox:
    """Serves an ASGI app on a loopback port (0: a free one) in a thread; `seen` lists the requests, `faults` is the script.

    `observe` is told every request with the status that was answered and the fault that was played, if any. Raises SandboxFailed when the
    port is taken.
    """

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0, observe: Observer | None = None) -> None:
        self.faults = FaultScript()
        self.seen: list[SeenRequest] = []
        self._app = app
        self._observe = observe
        try:
            self._socket = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        except OSError as error:
            raise SandboxFailed(f"sandbox: port {port} of {host} cannot be used ({error.strerror}); give another") from error
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        config = uvicorn.Config(self._serve, log_level="critical", lifespan="off", interface="asgi3", ws="none", loop="asyncio", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True, name="sandbox")

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
        fault = self.faults.next_for(scope["path"])
        if self._observe is not None:
            send = _observed(send, request, fault, self._observe)
        if fault is not None and fault.kind != "delay":
            await _PLAYERS[fault.kind](fault, send)
            return
        if fault is not None:
            await anyio.sleep(fault.seconds)
        await self._app(scope, replay, send)


def _observed(send: Send, request: SeenRequest, fault: Fault | None, observe: Observer) -> Send:
    async def watched(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            observe(request, int(message["status"]), fault)
        await send(message)

    return watched


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
    return SeenRequest(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body), replay


async def _start(send: Send, status: int, headers: tuple[tuple[str, str], ...]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(name.encode(), value.encode()) for name, value in headers]})


async def _send_whole(fault: Fault, send: Send) -> None:
    await _start(send, fault.status, fault.headers)
    await send({"type": "http.response.body", "body": fault.body})


async def _send_compressed(fault: Fault, send: Send) -> None:
    await _start(send, 200, (("content-type", "application/xml"), ("content-encoding", "gzip")))
    await send({"type": "http.response.body", "body": fault.body})


async def _send_part(fault: Fault, send: Send) -> None:
    await _start(send, 200, (("content-type", "application/xml"), ("content-length", str(fault.size + 100_000))))
    await send({"type": "http.response.body", "body": b"<" + _BLOCK[: max(0, fault.size - 1)], "more_body": True})


async def _send_much(fault: Fault, send: Send) -> None:
    await _start(send, 200, (("content-type", "application/xml"),))
    for _ in range(0, fault.size, len(_BLOCK)):
        await send({"type": "http.response.body", "body": _BLOCK, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_slowly(fault: Fault, send: Send) -> None:
    await _start(send, 200, (("content-type", "application/xml"),))
    for _ in range(int(fault.seconds / 0.05)):
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await anyio.sleep(0.05)
    await send({"type": "http.response.body", "body": b""})


_PLAYERS: dict[str, Callable[[Fault, Send], Awaitable[None]]] = {
    "status": _send_whole,
    "content_type": _send_whole,
    "body": _send_whole,
    "redirect": _send_whole,
    "gzip_bomb": _send_compressed,
    "cut": _send_part,
    "huge_body": _send_much,
    "slow_body": _send_slowly,
}
