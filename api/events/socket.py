"""`/ws`: one conversation. First a ticket; then topics; then events until either side ends it."""

import asyncio
from collections import deque
from contextlib import AsyncExitStack

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api.auth.client import address_of, ensure_ours
from api.auth.identity import Identity
from api.events.follower import Follower, Resync
from api.events.messages import Authenticate, Ping, Subscribe, Unsubscribe, read, refusal, write
from api.events.topics import PERMISSION, Topic
from api.events.watcher import SIGNED_OUT, TRY_LATER, Beat, Ended, Guest, Limits, Room, Watcher, first_of
from api.http.state import ServiceState
from infra.clock import SYSTEM_CLOCK
from infra.errors import Invalid, StudioError
from infra.log import get_logger

SOCKET_CLOSED = "socket.closed"
_UNREADABLE = 1003
_log = get_logger("events")


class Socket:
    """Serves one socket: `await Socket(...).serve()` returns when it is closed."""

    def __init__(self, socket: WebSocket, state: ServiceState, identity: Identity | None, room: Room) -> None:
        self._socket = socket
        self._state = state
        self._identity = identity
        self._room = room
        self._limits: Limits = room.limits
        self._wake = asyncio.Event()
        self._said: deque[Subscribe | Unsubscribe | Ping] = deque()
        self._heard_at: deque[float] = deque()

    async def serve(self) -> None:
        """Serve it; whoever breaks a limit is told which with the code and the reason of the close."""
        await self._socket.accept()
        try:
            async with AsyncExitStack() as stack:
                watcher = await self._enter(stack)
                await first_of(self._listen(), self._talk(watcher))
        except Ended as end:
            await self._close(end.code, end.reason)
        except WebSocketDisconnect:
            pass
        except StudioError as error:
            await self._close(TRY_LATER if error.retryable else SIGNED_OUT, error.message)

    async def _enter(self, stack: AsyncExitStack) -> Watcher:
        """Let in whoever brings a ticket; raises Ended, StudioError."""
        ensure_ours(self._socket, self._state.settings)
        if self._identity is None:
            raise Ended(TRY_LATER, "this service was opened without identity; nobody can sign in")
        try:
            async with asyncio.timeout(self._limits.authenticate_s):
                said = await self._hear()
        except TimeoutError:
            raise Ended(SIGNED_OUT, f"no ticket within {self._limits.authenticate_s:g} s; send authenticate first") from None
        if not isinstance(said, Authenticate):
            raise Ended(SIGNED_OUT, f"{said.type} before authenticate; send a ticket first (POST /v1/me/socket-tickets)")
        address = address_of(self._socket, self._state.settings)
        known = await asyncio.to_thread(self._identity.tickets.redeem, said.ticket, address)
        known.principal.ensure_may(PERMISSION)
        guest = Guest(known, self._identity, self._state.studio)
        stack.enter_context(self._room.entered(known.principal.user_id))
        stack.enter_context(guest.heard(self._wake))
        stream = await stack.enter_async_context(self._state.feed.watched(known.principal.tenant_id, self._wake))
        follower = Follower(stream, known.principal.scopes, self._wake, self._limits.most_behind)
        await follower.begin(None)
        await self._send(write("ready", last=follower.cursor, heartbeat_s=self._limits.heartbeat_s))
        return Watcher(self._state.feed, follower, guest, self._limits)

    async def _listen(self) -> None:
        """Take what the client says, for the other half to do between two events."""
        while True:
            try:
                said = await self._hear()
            except Invalid as error:
                await self._send(refusal(error))
                continue
            if isinstance(said, Authenticate):
                raise Ended(SIGNED_OUT, "authenticate came twice; a ticket is for one socket")
            self._said.append(said)
            self._wake.set()

    async def _talk(self, watcher: Watcher) -> None:
        while True:
            while self._said:
                await self._do(watcher.follower, self._said.popleft())
            told = await watcher.turn()
            if isinstance(told, Beat):
                await self._send(write("heartbeat", at=SYSTEM_CLOCK.now().isoformat(), last=told.last))
            elif isinstance(told, Resync):
                await self._send(write("resync", last=told.last, why=told.why))
            else:
                for line in told:
                    await self._send(line.text)

    async def _do(self, follower: Follower, said: Subscribe | Unsubscribe | Ping) -> None:
        try:
            if isinstance(said, Subscribe):
                await self._subscribe(follower, said)
            elif isinstance(said, Unsubscribe):
                follower.topics -= {Topic.of(name) for name in said.topics}
                await self._send(write("unsubscribed", topics=_names(follower), last=follower.cursor))
            else:
                await self._send(write("pong", last=follower.cursor))
        except StudioError as error:
            await self._send(refusal(error))

    async def _subscribe(self, follower: Follower, said: Subscribe) -> None:
        if said.after is not None and follower.topics:
            raise Invalid("after: events were sent already; give it in the first subscribe of a socket")
        before = set(follower.topics)
        try:
            for name in said.topics:
                await follower.add(Topic.of(name))
            missed = await follower.begin(said.after) if said.after is not None else None
        except StudioError:
            follower.topics = before  # all of them or none
            raise
        await self._send(write("subscribed", topics=_names(follower), last=follower.cursor))
        if missed is not None:
            await self._send(write("resync", last=missed.last, why=missed.why))

    async def _hear(self) -> Authenticate | Subscribe | Unsubscribe | Ping:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        now = SYSTEM_CLOCK.monotonic()
        self._heard_at.append(now)
        while now - self._heard_at[0] > self._limits.messages_within_s:
            self._heard_at.popleft()
        if len(self._heard_at) > self._limits.messages:
            raise Ended(SIGNED_OUT, f"more than {self._limits.messages} messages within {self._limits.messages_within_s:g} s; send fewer")
        if message.get("text") is None:
            raise Ended(_UNREADABLE, "messages are JSON as text")
        return read(message["text"])

    async def _send(self, text: str) -> None:
        try:
            async with asyncio.timeout(self._limits.send_s):
                await self._socket.send_text(text)
        except TimeoutError:
            raise Ended(TRY_LATER, f"too slow: a message waited for {self._limits.send_s:g} s; read faster, or ask for less") from None

    async def _close(self, code: int, reason: str) -> None:
        _log.info(SOCKET_CLOSED, code=code, reason=reason, request_id=self._socket.scope.get("ytempire.request_id"))
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                async with asyncio.timeout(self._limits.send_s):
                    await self._socket.close(code, reason.encode()[:123].decode(errors="ignore"))
            except (TimeoutError, RuntimeError, WebSocketDisconnect):
                pass  # gone already, or not reading: the protocol cuts it off by its own pings


def _names(follower: Follower) -> list[str]:
    return sorted(topic.name for topic in follower.topics)
