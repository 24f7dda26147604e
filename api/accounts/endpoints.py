"""`/v1/accounts`."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import ServiceState, State
from api.http.versions import answer
from memory.artifacts import Provenance
from memory.records.platform_channels import PlatformChannelRecord
from memory.repositories.platform_channels import PlatformChannelRepository

router = APIRouter(tags=["accounts"])
Reader = Annotated[Principal, Require("accounts:read")]


class AccountView(BaseModel):
    """One channel of the platform, and how the consent of its owner stands. The consent itself is never told."""

    channel: str
    platform: str
    external_id: str
    title: str
    project: str
    provenance: Provenance
    scopes: list[str]
    state: str
    reason: str = Field(description="Why it cannot be used, where it cannot.")
    healthy: bool = Field(description="Whether the studio may publish through it now.")
    connected_at: datetime
    verified_at: datetime | None = Field(description="When the platform last honoured the consent.")
    consent_ends_at: datetime | None = Field(description="Known where consents of the project end by themselves (YOUTUBE_CONSENT_DAYS).")


class AccountList(BaseModel):
    """All that are connected, by channel. `ytempire channels connect` connects one."""

    items: list[AccountView]


@router.get("/v1/accounts", response_model=AccountList)
def accounts_list(request: Request, state: State, who: Reader) -> Response:
    """List the platform's channels that the studio may publish to, and how each consent stands."""
    with state.work(who) as session:
        found = [_view(one, state) for one in PlatformChannelRepository(session).list_()]
    return answer(request, AccountList(items=found).model_dump_json().encode())


@router.get("/v1/accounts/{channel_id}", response_model=AccountView, responses=problems(404))
def accounts_get(request: Request, state: State, who: Reader, channel_id: Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,64}$")]) -> Response:
    """Return the connection of one channel."""
    with state.work(who) as session:
        return answer(request, _view(PlatformChannelRepository(session).get(channel_id), state).model_dump_json().encode())


def _view(one: PlatformChannelRecord, state: ServiceState) -> AccountView:
    days = state.settings.youtube_consent_days
    ends = one.connected_at + timedelta(days=days) if days is not None else None
    names = ("external_id", "title", "project", "provenance", "scopes", "state", "reason", "connected_at", "verified_at")
    healthy = one.state == "active" and (ends is None or ends > state.clock.now())
    return AccountView(channel=one.channel_id, platform="youtube", healthy=healthy, consent_ends_at=ends, **{name: getattr(one, name) for name in names})
