"""`/v1/quotas`."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.http.principal import Principal, Require
from api.http.state import State
from api.http.versions import answer
from memory.quota import next_reset, pacific_day, tariff_on
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.quota import QuotaLedger

router = APIRouter(tags=["quotas"])
Reader = Annotated[Principal, Require("quotas:read")]


class Bucket(BaseModel):
    """One bucket of the platform's daily quota."""

    bucket: str
    limit: int
    left: int


class Quotas(BaseModel):
    """What a project of the platform holds today: by the platform's day, which ends at `resets_at`."""

    project: str
    resets_at: datetime
    buckets: list[Bucket]


class QuotaList(BaseModel):
    """By project."""

    items: list[Quotas]


@router.get("/v1/quotas", response_model=QuotaList)
def quotas_list(request: Request, state: State, who: Reader) -> Response:
    """Return what is left of today's quota of every project that the channels are connected through."""
    now = state.clock.now()
    limits = {**tariff_on(pacific_day(now)).limits, **state.settings.youtube_granted}
    with state.work(who) as session:
        projects = {one.project for one in PlatformChannelRepository(session).list_()} or {state.settings.youtube_client_id or ""}
        ledger = QuotaLedger(session, now, state.settings.youtube_granted)
        found = [
            Quotas(
                project=project,
                resets_at=next_reset(now),
                buckets=[Bucket(bucket=name, limit=limits[name], left=left) for name, left in ledger.summary(project).items()],
            )
            for project in sorted(projects)
        ]
    return answer(request, QuotaList(items=found).model_dump_json().encode())
