"""`/ws` and `/events`."""

import asyncio
from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.websockets import WebSocket

from api.auth.authenticator import known_of
from api.auth.identity import IdentityParts
from api.events.follower import Follower
from api.events.socket import Socket
from api.events.stream import EventStream
from api.events.topics import MOST_TOPICS, PERMISSION, TENANT, Topic
from api.events.watcher import Ended, Guest, Room, Watcher
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.refusals import TooOften
from api.http.state import ServiceState, State

router = APIRouter(tags=["events"])
Watching = Annotated[Principal, Require(PERMISSION)]
# Each event of the stream, as readers of server-sent events take it apart.
_FIELDS = {"id": "What to resume after.", "event": "Its kind.", "data": "The event as JSON, as the socket sends it."}
_EVENT = {"type": "object", "properties": {name: {"type": "string", "description": told} for name, told in _FIELDS.items()}}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events, one after the other, until the client leaves.", "content": {"text/event-stream": {"schema": _EVENT}}}
}


@router.websocket("/ws")
async def events_socket(socket: WebSocket) -> None:
    """Tell of events over a socket: `authenticate` with a ticket, `subscribe`, and be told."""
    state: ServiceState = socket.app.state.service
    await Socket(socket, state, socket.app.state.identity, socket.app.state.room).serve()


@router.get("/events", response_class=Response, responses={**_STREAM, **problems(404, 429)})
async def events_watch(  # noqa: PLR0913 - one a header, and the parts
    request: Request,
    state: State,
    identity: IdentityParts,
    who: Watching,
    topics: Annotated[str, Query(max_length=MOST_TOPICS * 90, description="With commas between them: tenant, system:alerts, run:ID, channel:ID.")] = TENANT,
    last_event_id: Annotated[
        str | None, Header(pattern=r"^[0-9]{1,18}$", description="The last event that was seen: what came after it is told first.")
    ] = None,
) -> Response:
    """Tell of events as server-sent events; `resync` says that some are not there any more, and everything is to be read again."""
    room: Room = request.app.state.room
    wake = asyncio.Event()
    async with AsyncExitStack() as stack:
        guest = Guest(known_of(request), identity, state.studio)
        try:
            stack.enter_context(room.entered(who.user_id))
        except Ended as end:
            raise TooOften(f"events: {end.reason}") from None
        stack.enter_context(guest.heard(wake))
        stream = await stack.enter_async_context(state.feed.watched(who.tenant_id, wake))
        follower = Follower(stream, who.scopes, wake, room.limits.most_behind)
        for name in topics.split(","):
            await follower.add(Topic.of(name.strip()))
        missed = await follower.begin(None if last_event_id is None else int(last_event_id))
        return EventStream(Watcher(state.feed, follower, guest, room.limits), missed, stack.pop_all())
    raise AssertionError("the block above returns or raises")
