"""`/v1/channels`."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from api.auth.confirming import RequireSometimesConfirmed
from api.channels import desk
from api.channels.schemas import ChannelChange, ChannelPage, ChannelView, NewChannel, Sameness, Schedule
from api.http.kept import Question, tell
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import State
from api.http.versions import Version, answer, versioned
from infra.database import UnitOfWork
from memory.artifacts import Provenance
from memory.reads.channels import ChannelReads, channel_json
from memory.sameness_standing import standing_of

router = APIRouter(tags=["channels"])
ChannelId = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,64}$")]
Reader = Annotated[Principal, Require("channels:read")]
Creator = Annotated[Principal, Require("channels:create")]
Editor = Annotated[Principal, RequireSometimesConfirmed("channels:edit")]


@router.get("/v1/channels", response_model=ChannelPage)
async def channels_list(request: Request, state: State, who: Reader, page: Paging) -> Response:
    """List the channels, newest first."""
    words = f"channels {page.limit}" if page.is_first else ""
    return await tell(request, state, who, Question(lambda tenant: ChannelReads(state.reads, tenant).list_(page), words, ("channels",)))


@router.post("/v1/channels", status_code=201, response_model=ChannelView, responses=problems(404, 409))
def channels_create(state: State, who: Creator, once: Repetition, new: NewChannel) -> Response:
    """Create a channel from a personality; it bears that one's id, with a mark of the tenant's for every tenant but the studio's first."""

    def effect(session: UnitOfWork) -> Answer:
        made = desk.create(session, who, new)
        return Answer(channel_json(session, who.tenant_id, made), 201, f"/v1/channels/{made}")

    return once.run(state, who, effect)


@router.get("/v1/channels/{channel_id}", response_model=ChannelView, responses=problems(404))
async def channels_get(request: Request, state: State, who: Reader, channel_id: ChannelId) -> Response:
    """Return one channel."""
    return await tell(request, state, who, Question(lambda tenant: ChannelReads(state.reads, tenant).get(channel_id)))


@router.patch("/v1/channels/{channel_id}", response_model=ChannelView, responses=problems(404, 412, 428))
def channels_edit(state: State, who: Editor, channel_id: ChannelId, version: Version, asked: ChannelChange) -> Response:
    """Pause or resume a channel, set its budget of a day or its degree of human control.

    A higher budget or none needs the password, lately shown, and so does letting one person accept where two had to, which is an admin's.
    """
    with state.work(who) as session:
        version.check(channel_json(session, who.tenant_id, channel_id, lock=True))
        desk.ensure_may_change(session, state, who, channel_id, asked)
        desk.change(session, who, channel_id, asked)
        return versioned(channel_json(session, who.tenant_id, channel_id))


@router.get("/v1/channels/{channel_id}/schedule", response_model=Schedule, responses=problems(404))
def channels_schedule(request: Request, state: State, who: Reader, channel_id: ChannelId) -> Response:
    """Return when a channel publishes."""
    with state.work(who) as session:
        channel_json(session, who.tenant_id, channel_id)
        return answer(request, desk.schedule_of(session, channel_id))


@router.put("/v1/channels/{channel_id}/schedule", response_model=Schedule, responses=problems(404, 409, 412, 428))
def channels_set_schedule(state: State, who: Editor, channel_id: ChannelId, version: Version, asked: Schedule) -> Response:
    """Set when a channel publishes, from the next planning on."""
    with state.work(who) as session:
        channel_json(session, who.tenant_id, channel_id, lock=True)
        version.check(desk.schedule_of(session, channel_id))
        desk.set_schedule(session, who, channel_id, asked)
        return versioned(desk.schedule_of(session, channel_id))


@router.get("/v1/channels/{channel_id}/sameness", response_model=Sameness, responses=problems(404))
def channels_sameness(
    request: Request,
    state: State,
    who: Reader,
    channel_id: ChannelId,
    provenance: Annotated[Provenance | None, Query(description="That of its newest measurement when left out.")] = None,
) -> Response:
    """Return how near a channel comes to the others, and to its own earlier videos."""
    with state.work(who) as session:
        channel_json(session, who.tenant_id, channel_id)
        return answer(request, orjson.dumps(desk.sameness_told(channel_id, standing_of(session, channel_id, provenance))))
