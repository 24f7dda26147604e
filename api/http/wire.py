"""HTTP at the socket: what a request's head may weigh, how slowly it may come, and how a connection that keeps to neither is ended."""

from asyncio import TimerHandle, Transport
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from api.http.problems import MEDIA_TYPE, title_of

MOST_HEAD_BYTES, MOST_HEADERS = 32_768, 100
# Connections at once; beyond it a request is answered 503. Below what a process may usually have open.
MOST_CONNECTIONS = 800


_VERSIONS = frozenset({"1.0", "1.1"})
_TOO_LARGE = f"head: more than {MOST_HEAD_BYTES} bytes of address and headers, or more than {MOST_HEADERS} headers; send less"


class GuardedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol with limits that it has not.

    A head must be whole within `head_s` of the connection or of its own first byte. A body must come at `body_rate` bytes a second after
    `grace_s`, unless it is this side that does not read. An answer must be taken: one that stands still for `stall_s` is given up.
    """

    head_s, grace_s, stall_s = 15.0, 20.0, 60.0
    body_rate = 1_000

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._in_head, self._head_bytes, self._head_count, self._raw_bytes = False, 0, 0, 0
        self._body_bytes, self._body_begun = 0, 0.0
        self._stalled: TimerHandle | None = None
        self._body_timer: TimerHandle | None = None
        self._head_timer: TimerHandle | None = self.loop.call_later(self.head_s, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let all timers go."""
        for timer in (self._head_timer, self._body_timer, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and look at what is not whole yet."""
        was_in_head = self._in_head
        super().data_received(data)
        if self.transport.is_closing() or self.parser is None:
            return
        if self._in_head:
            self._raw_bytes += len(data)
            if self._is_too_large():
                self._refuse(431, "head_too_large", _TOO_LARGE)
            elif not was_in_head and self._head_timer is None:
                self._head_timer = self.loop.call_later(self.head_s, self._too_slow)
        elif (cycle := self._current()) is not None and cycle.more_body and not cycle.response_complete:
            self._body_bytes += len(data)
            if self._body_timer is None:
                self._body_begun = self.loop.time()
                self._body_timer = self.loop.call_later(self.grace_s, self._check_body)

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head, self._head_bytes, self._head_count, self._raw_bytes = True, 0, 0, 0
        self._body_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Count it."""
        self._head_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count it."""
        self._head_count += 1
        self._head_bytes += len(name) + len(value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End the head, and let the application answer it unless it is too large or names several hosts."""
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if self._is_too_large() or self.parser.get_http_version() not in _VERSIONS or sum(name == b"host" for name, _ in self.headers) > 1:
            raise ValueError("the head is refused")
        self._in_head = False
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection on; from here on the socket's own limits hold."""
        self._cancel_stall()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the library's own signature
        """Refuse what is no request, or one that is too large, as the problem that every refusal is."""
        if self._is_too_large():
            self._refuse(431, "head_too_large", _TOO_LARGE)
        else:
            self._refuse(400, "unreadable", "the request is not HTTP/1.1 as this server takes it; one `Host`, one length, and no spaces before colons")

    def pause_writing(self) -> None:
        """Begin to wait for whoever does not take the answer."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.stall_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._cancel_stall()

    def _cancel_stall(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _current(self) -> RequestResponseCycle | None:
        return self.cycle  # None before the first request, whatever its type says

    def _is_too_large(self) -> bool:
        # The parser says nothing of a header before its end, so what came is counted as well.
        return max(self._head_bytes, self._raw_bytes) > MOST_HEAD_BYTES or self._head_count > MOST_HEADERS

    def _too_slow(self) -> None:
        self._head_timer = None
        if self._in_head:
            self._refuse(408, "too_slow", f"head: it was not whole within {self.head_s:g} s")
        elif self._current() is None:
            self.transport.close()  # not one byte came

    def _check_body(self) -> None:
        """Give up on a body that comes too slowly; one that this side does not read now has time."""
        self._body_timer = None
        cycle = self._current()
        if cycle is None or not cycle.more_body or cycle.response_complete or self.transport.is_closing():
            return
        late_s = self.loop.time() - self._body_begun
        if not self.flow.read_paused and self._body_bytes < late_s * self.body_rate:
            self._refuse(408, "too_slow", f"body: less than {self.body_rate} bytes a second came")
            return
        self._body_timer = self.loop.call_later(self.grace_s, self._check_body)

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer instead of the application and end the connection; only end it where another answer is awaited or on its way."""
        cycle = self._current()
        if not self.transport.is_closing() and (cycle is None or cycle.response_complete or not (self._in_head or cycle.response_started)):
            body = orjson.dumps(_problem(status, code, detail))
            about = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + about.encode() + body)
        self.transport.close()


def _problem(status: int, code: str, detail: str) -> dict[str, Any]:
    about = {"type": f"urn:ytempire:problem:{code}", "title": title_of(status), "status": status, "detail": detail, "code": code}
    return {**about, "request_id": "", "retryable": status == 408, "errors": []}
