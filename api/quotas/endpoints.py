"""`/v1/quotas`."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import ServiceState, State
from api.http.versions import answer
from api.quotas.schemas import AccountQuota, BucketView, ProjectQuota, QuotaList
from infra.errors import NotFound
from memory.quota import ZONE, next_reset, pacific_day
from memory.records.platform_channels import PlatformChannelRecord
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.quota_standing import BucketStanding, ChannelStanding, QuotaStandings

router = APIRouter(tags=["quotas"])
ProjectId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,200}$")]
Reader = Annotated[Principal, Require("quotas:read")]


class QuotaMissing(NotFound):
    """No channel of the asker is connected through that project."""

    code = "quota_missing"


@router.get("/v1/quotas", response_model=QuotaList)
def quotas_list(request: Request, state: State, who: Reader) -> Response:
    """List what the quota of every project holds today that the channels are connected through, or that is set where none is connected yet."""
    return answer(request, QuotaList(items=_standing(state, who)).model_dump_json().encode())


@router.get("/v1/quotas/{project}", response_model=ProjectQuota, responses=problems(404))
def quotas_get(request: Request, state: State, who: Reader, project: ProjectId) -> Response:
    """Return what the quota of one project holds today."""
    found = next((one for one in _standing(state, who) if one.project == project), None)
    if found is None:
        raise QuotaMissing(f"project: no channel of yours is connected through {project!r}; `GET /v1/quotas` lists those that are", project=project)
    return answer(request, found.model_dump_json().encode())


def _standing(state: ServiceState, who: Principal) -> list[ProjectQuota]:
    now = state.clock.now()
    with state.work(who) as session:
        accounts = PlatformChannelRepository(session).list_()
    projects = {one.project for one in accounts} | ({state.settings.youtube_client_id} if state.settings.youtube_client_id else set())
    # Books of the whole studio: a project's quota is shared by its channels, and of those only the asker's are told.
    with state.studio.unit_of_work() as session:
        book = QuotaStandings(session, now, state.settings.youtube_granted)
        return [_project(book, now, project, {one.channel_id: one for one in accounts if one.project == project}) for project in sorted(projects)]


def _project(book: QuotaStandings, now: datetime, project: str, accounts: dict[str, PlatformChannelRecord]) -> ProjectQuota:
    return ProjectQuota(
        platform="youtube",
        project=project,
        day=pacific_day(now),
        zone=ZONE,
        resets_at=next_reset(now),
        buckets=[_bucket(one) for one in book.buckets(project)],
        accounts=[_account(one, accounts[one.channel_id]) for one in book.channels(project, list(accounts))],
    )


def _bucket(one: BucketStanding) -> BucketView:
    until, reason = (one.closed.until, one.closed.reason) if one.closed else (None, "")
    return BucketView(bucket=one.bucket, limit=one.limit, spent=one.spent, reserved=one.reserved, left=one.left, closed_until=until, reason=reason)


def _account(one: ChannelStanding, account: PlatformChannelRecord) -> AccountQuota:
    until, reason = (one.closed.until, one.closed.reason) if one.closed else (None, "")
    about = {"channel": one.channel_id, "external_id": account.external_id, "title": account.title}
    return AccountQuota(**about, spent=one.spent, reserved=one.reserved, uploads_closed_until=until, reason=reason)
