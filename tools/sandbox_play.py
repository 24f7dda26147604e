"""How a stand-in plays a fault: answers made up in place of the service's own, and connections cut around its work."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tools.sandbox_faults import Fault

_HANG_UP = "sandbox.hang_up"
_BLOCK = b"x" * 65536
_ABOUT_WORK = frozenset({"delay", "late", "drop", "lost", "torn", "hang_up"})


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 whose application may end the connection at any moment, as a server that dies or a network that fails does."""

    def connection_made(self, transport: Any) -> None:
        """Give the application of this connection the means to end it."""
        super().connection_made(transport)
        served = self.app

        async def with_hang_up(scope: Any, receive: Any, send: Any) -> None:
            scope["extensions"] = {**scope.get("extensions", {}), _HANG_UP: transport}
            await served(scope, receive, send)

        self.app = with_hang_up


def replaces(fault: Fault) -> bool:
    """Say whether a fault answers in the place of the service; the others let it work, or cut the connection around its work."""
    return fault.kind not in _ABOUT_WORK


def made_up(fault: Fault) -> ASGIApp:
    """Return what answers in the place of the service, which never hears of the request."""

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await _PLAYERS[fault.kind](fault, send)

    return answer


def around(fault: Fault, app: ASGIApp, wait: Callable[[], Awaitable[None]]) -> ASGIApp:
    """Return the service with the fault around its work; `wait` is awaited where the fault says to wait."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        transport = scope["extensions"][_HANG_UP]
        if fault.kind in {"delay", "drop"}:
            await wait()
        if fault.kind == "drop":
            transport.abort()
            return
        answer = await _worked(app, scope, receive)
        if fault.kind in {"late", "lost"}:
            await wait()
        if fault.kind == "lost":
            transport.abort()
            return
        await _tell(_half(answer) if fault.kind == "torn" else answer, send)
        if fault.kind in {"torn", "hang_up"}:
            await wait()
            transport.close()  # what was written still goes out

    return serve


async def _worked(app: ASGIApp, scope: Scope, receive: Receive) -> list[MutableMapping[str, Any]]:
    answer: list[MutableMapping[str, Any]] = []

    async def collect(message: MutableMapping[str, Any]) -> None:
        answer.append(message)

    await app(scope, receive, collect)
    return answer


async def _tell(answer: list[MutableMapping[str, Any]], send: Send) -> None:
    for message in answer:
        await send(message)


def _half(answer: list[MutableMapping[str, Any]]) -> list[MutableMapping[str, Any]]:
    start, *rest = answer
    body = b"".join(message.get("body", b"") for message in rest)
    length = [(b"content-length", str(max(2, len(body))).encode())]
    headers = [one for one in start["headers"] if one[0].lower() != b"content-length"] + length
    return [{**start, "headers": headers}, {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}]


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
