"""`/events`: the same events as server-sent events, for programs."""

import asyncio
from contextlib import AsyncExitStack

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.events.follower import Resync
from api.events.watcher import TRY_LATER, Beat, Ended, Watcher, first_of
from infra.log import get_logger

STREAM_CLOSED = "stream.closed"
_RETRY_MS = 2_000
_log = get_logger("events")


class EventStream(Response):
    """Sends events for as long as the client reads them; `stack` holds what ends with it."""

    media_type = "text/event-stream"

    def __init__(self, watcher: Watcher, missed: Resync | None, stack: AsyncExitStack) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._watcher = watcher
        self._missed = missed
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the shape of ASGI
        """Send until the client leaves or the server ends it."""
        self._sending = send
        async with self._stack:
            await first_of(self._tell(), _left(receive))

    async def _tell(self) -> None:
        await self._sending({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            await self._send(f"retry: {_RETRY_MS}\n\n")
            if self._missed is not None:
                await self._send(_resync(self._missed))
            while True:
                told = await self._watcher.turn()
                if isinstance(told, Beat):
                    await self._send(f": heartbeat\nid: {told.last}\n\n")
                elif isinstance(told, Resync):
                    await self._send(_resync(told))
                elif told:
                    await self._send("".join(f"id: {line.seq}\nevent: {line.kind}\ndata: {line.text}\n\n" for line in told))
        except Ended as end:
            _log.info(STREAM_CLOSED, code=end.code, reason=end.reason)
            await self._send(f"event: closed\ndata: {orjson.dumps({'code': end.code, 'reason': end.reason}).decode()}\n\n", more=False)

    async def _send(self, text: str, *, more: bool = True) -> None:
        limits = self._watcher.limits
        try:
            async with asyncio.timeout(limits.send_s):
                await self._sending({"type": "http.response.body", "body": text.encode(), "more_body": more})
        except TimeoutError:
            raise Ended(TRY_LATER, f"too slow: a message waited for {limits.send_s:g} s; read faster, or ask for less") from None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _resync(missed: Resync) -> str:
    return f"id: {missed.last}\nevent: resync\ndata: {orjson.dumps({'type': 'resync', 'last': missed.last, 'why': missed.why}).decode()}\n\n"
