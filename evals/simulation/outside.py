"""The platform inside the process: the real client speaks to the stand-in without a socket, one request at a time."""

import http.client
import io
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import httplib2
from starlette.types import ASGIApp

from tools.vendors.youtube.transport import answered_inside

ROOT = "http://127.0.0.1:9/"


class WorkerKilled(BaseException):
    """The worker died between two requests: nothing after this point happened."""


@dataclass
class Line:
    """The way to the platform. `dies_at` counts requests down: at 1 the worker dies before the request, at -1 after it was served."""

    app: ASGIApp
    requests: int = 0
    cut: bool = False
    dies_at: int = 0
    seen: list[str] = field(default_factory=list)

    def ask(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> bytes:
        """Return the whole answer as bytes of HTTP/1.1; raises ConnectionResetError while the line is cut."""
        if self._dies(before=True):
            raise WorkerKilled
        if self.cut:
            raise ConnectionResetError("the platform does not answer")
        self.requests += 1
        answer = _served(self.app, (method, target, body, headers))
        if self._dies(before=False):
            raise WorkerKilled
        return answer

    def _dies(self, *, before: bool) -> bool:
        """Count down; a positive count is used up before requests, a negative one after them."""
        if self.dies_at == 0 or (self.dies_at > 0) != before:
            return False
        self.dies_at -= 1 if before else -1
        return self.dies_at == 0


@contextmanager
def connected(line: Line) -> Iterator[None]:
    """Send every request for `ROOT` over the line inside the block."""

    class Connection(httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
        """A connection of httplib2 that ends inside the process."""

        sock: bool | None = None

        def connect(self) -> None:
            """Be connected."""
            self.sock = True

        def request(self, method: str, url: str, body: Any = None, headers: Any = None, **_: Any) -> None:
            """Keep what is asked."""
            self._asked = (method, url, _bytes(body), {str(name).lower(): str(value) for name, value in (headers or {}).items()})

        def getresponse(self) -> http.client.HTTPResponse:
            """Ask it, and read the answer as from a socket."""
            answer = http.client.HTTPResponse(_Wire(line.ask(*self._asked)), method=self._asked[0])  # type: ignore[arg-type]
            answer.begin()
            return answer

        def close(self) -> None:
            """Be closed."""
            self.sock = None

    with answered_inside(ROOT, Connection):
        yield


class _Wire:
    """What `http.client` reads an answer from."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        """Return the bytes as a file."""
        return io.BytesIO(self._data)


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body.read()) if hasattr(body, "read") else bytes(body)


def _served(app: ASGIApp, asked: tuple[str, str, bytes, dict[str, str]]) -> bytes:
    method, target, body, headers = asked
    address = urlsplit(target)
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        **{"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "root_path": ""},
        **{"path": unquote(address.path), "raw_path": address.path.encode(), "query_string": address.query.encode()},
        "headers": [(b"host", urlsplit(ROOT).netloc.encode()), *((name.encode(), value.encode()) for name, value in headers.items() if name != "host")],
        **{"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 9)},
    }
    _finish(app(scope, receive, send))
    status = sent[0]["status"]
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, '')}".encode()]
    lines += [name + b": " + value for name, value in sent[0]["headers"]]
    return b"\r\n".join(lines) + b"\r\n\r\n" + b"".join(part.get("body", b"") for part in sent[1:])


def _finish(work: Awaitable[None]) -> None:
    """Run a coroutine that waits for nothing to its end; one that would wait is a bug of the stand-in."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration:
        return
    raise RuntimeError("the stand-in waits for something: inside the process it must answer at once")


Observer = Callable[[str], None]
