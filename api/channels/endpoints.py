"""`/v1/channels`."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.channels.schemas import ChannelPage, ChannelView
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import State
from api.http.versions import answer
from memory.reads.channels import ChannelReads

router = APIRouter(prefix="/v1/channels", tags=["channels"])
ChannelId = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,64}$")]
Reader = Annotated[Principal, Require("channels:read")]


@router.get("", response_model=ChannelPage)
async def channels_list(request: Request, state: State, who: Reader, page: Paging) -> Response:
    """List the channels, newest first."""
    return answer(request, await ChannelReads(state.reads, who.tenant_id).list_(page))


@router.get("/{channel_id}", response_model=ChannelView, responses=problems(404))
async def channels_get(request: Request, state: State, who: Reader, channel_id: ChannelId) -> Response:
    """Return one channel."""
    return answer(request, await ChannelReads(state.reads, who.tenant_id).get(channel_id))
