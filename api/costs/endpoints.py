"""`/v1/costs`, `/v1/cost-alerts` and `/v1/cost-limits`."""

from dataclasses import asdict, dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.auth.confirming import RequireConfirmed
from api.costs.schemas import CostAlerts, Costs, Grouping, LimitChange, Limits, VideoCosts
from api.costs.telling import circuit_told, row_told, usd, video_cost_told
from api.http.fields import Asked, Day
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import ServiceState, State
from api.http.versions import Version, answer, versioned
from api.settings.desk import ensure_of_the_studio
from infra.database import UnitOfWork
from infra.errors import Invalid
from infra.ids import canonical_json
from memory.cost_alerts import CostAlerts as AlertBook
from memory.cost_report import CostReport
from memory.repositories.audit import AuditRepository
from memory.repositories.circuits import CircuitRepository
from memory.repositories.keyset import MAX_PAGE
from memory.repositories.settings import LIMITS, SettingRepository

router = APIRouter(tags=["costs"])
Reader = Annotated[Principal, Require("costs:read")]
Limiter = Annotated[Principal, RequireConfirmed("costs:limit")]
_NAMES = {limit: name for name, limit in LIMITS.items()}


@dataclass(frozen=True)
class Wanted:
    """Which costs, and one row for what."""

    by: Annotated[Grouping, Query(description="What there is a row for.")] = "video"
    since: Annotated[Day | None, Query(description="First UTC day.")] = None
    until: Annotated[Day | None, Query(description="Last UTC day.")] = None
    rehearsed: Annotated[bool, Query(description="The play money of rehearsals instead of real money.")] = False


@dataclass(frozen=True)
class WantedVideos:
    """Which videos' costs."""

    channel: Annotated[str | None, Query(pattern=r"^[a-z0-9_-]{1,64}$", description="Of this channel only.")] = None
    limit: Annotated[int, Query(ge=1, le=100, description="How many of the newest at most.")] = 20
    rehearsed: Annotated[bool, Query(description="The play money of rehearsals instead of real money.")] = False


@router.get("/v1/costs", response_model=Costs)
def costs_get(request: Request, state: State, who: Reader, wanted: Annotated[Wanted, Asked(Wanted)]) -> Response:
    """Return what was spent, on what, and what may still be charged."""
    if wanted.since is not None and wanted.until is not None and wanted.since > wanted.until:
        raise Invalid(f"since: {wanted.since} is after until, {wanted.until}; give the earlier day first")
    with state.work(who) as session:
        report = CostReport(session, wanted.since, wanted.until, rehearsed=wanted.rehearsed)
        told = {**asdict(wanted), "total": row_told(report.total()), "rows": [row_told(row) for row in report.rows(wanted.by)]}
    return answer(request, orjson.dumps(told))


@router.get("/v1/costs/videos", response_model=VideoCosts)
def costs_videos(request: Request, state: State, who: Reader, wanted: Annotated[WantedVideos, Asked(WantedVideos)]) -> Response:
    """Return what each of the newest videos came to, by provider."""
    with state.work(who) as session:
        report = CostReport(session, rehearsed=wanted.rehearsed)
        items = [video_cost_told(one) for one in report.videos(wanted.limit, wanted.channel)]
    return answer(request, orjson.dumps({"rehearsed": wanted.rehearsed, "items": items}))


@router.get("/v1/cost-alerts", response_model=CostAlerts)
def cost_alerts_get(
    request: Request,
    state: State,
    who: Reader,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many at most.")] = 50,
    cursor: Annotated[str | None, Query(max_length=300, description="`next` of the page before.")] = None,
) -> Response:
    """Return alerts of limits, newest first, and the providers that are left alone for a while."""
    with state.work(who) as session:
        page = AlertBook(session).page(cursor, limit)
        names = ("scope", "key", "percent", "hard", "raised_at")
        alerts = [
            {**{name: getattr(one, name) for name in names}, "limit_usd": usd(one.limit_microusd), "counted_usd": usd(one.counted_microusd)}
            for one in page.items
        ]
        told = {"alerts": alerts, "next": page.next, "held_back": [circuit_told(one) for one in CircuitRepository(session).list_held_back()]}
    return answer(request, orjson.dumps(told))


@router.get("/v1/cost-limits", response_model=Limits)
def cost_limits_get(request: Request, state: State, who: Reader) -> Response:
    """Return the studio's limits, and where each is set."""
    with state.work(who) as session:
        return answer(request, _limits(session, state))


@router.patch("/v1/cost-limits", response_model=Limits, responses=problems(412, 428))
def cost_limits_edit(state: State, who: Limiter, version: Version, asked: LimitChange) -> Response:
    """Set limits: they hold from the next call on, and outlive a restart."""
    ensure_of_the_studio(who, "costs:limit")
    with state.work(who) as session:
        version.check(_limits(session, state))
        for limit in sorted(asked.model_fields_set):
            wanted = getattr(asked, limit)
            if wanted is None:
                SettingRepository(session).unset(_NAMES[limit])
            else:
                SettingRepository(session).set(_NAMES[limit], wanted, who.user_id)
        AuditRepository(session).append(who.user_id, "limits.changed", "studio", asked.model_dump(exclude_unset=True))
        return versioned(_limits(session, state))


def _limits(session: UnitOfWork, state: ServiceState) -> bytes:
    changed, items = SettingRepository(session).list_(), []
    for name, limit in LIMITS.items():
        row, given = changed.get(name), getattr(state.settings, name.removeprefix("YTEMPIRE_").lower())
        whose = {"source": "set", "changed_by": row.changed_by, "changed_at": row.changed_at.isoformat()} if row else {"source": "environment"}
        items.append({"limit": limit, "usd": row.value if row else given, "changed_by": None, "changed_at": None, **whose})
    return canonical_json({"items": items})
