"""`/v1/analytics` of the studio itself: how productions end, what waits, how long faults last, and what comes of forecasts."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.analytics.reading import Fresh, question
from api.http.fields import Asked
from api.http.kept import tell
from api.http.principal import Principal, Require
from api.http.state import State
from infra.database import UnitOfWork
from memory.analytics_reads import Freshness
from memory.artifacts import Provenance
from memory.studio_figures import MOST_FAULTS, MOST_FORECASTS, Fault, Span, StudioFigures

router = APIRouter(tags=["analytics"])
Reader = Annotated[Principal, Require("analytics:read")]
Channel = Annotated[str | None, Query(pattern=r"^[a-z0-9_-]{1,64}$", description="Of this channel only.")]
Days = Annotated[int, Query(ge=1, le=90, description="How many UTC days; the last is today.")]


class DayEnded(BaseModel):
    """How many productions ended each way on one UTC day."""

    day: date
    published: int
    refused: int
    rejected: int
    failed: int


class ProductionDays(BaseModel):
    """Each day, oldest first; days on which nothing ended too."""

    days: list[DayEnded]
    freshness: Fresh


class WaitedAt(BaseModel):
    """What waited at one moment: calls by queue (queues that none waited in are left out), approvals, and for how long the oldest of these had."""

    at: datetime
    queues: dict[str, int]
    approvals: int
    oldest_approval_s: float


class WaitedOver(BaseModel):
    """Moments that are evenly apart, oldest first; what came and went between two of them is not seen. A call waits until it is first taken."""

    moments: list[WaitedAt]
    freshness: Fresh


class RecoveryView(BaseModel):
    """One fault: `seconds` later what it stopped was done. Null: it `lasts`, or what it stopped was given up.

    `what` is the tool or the kind of incident, `said` the code of the error or the severity of the incident.
    """

    at: datetime
    fault: Fault
    what: str
    said: str
    id: str
    seconds: float | None
    lasts: bool


class Recoveries(BaseModel):
    """The newest faults, newest first."""

    items: list[RecoveryView] = Field(description=f"{MOST_FAULTS} at most.")
    freshness: Fresh


class ForecastView(BaseModel):
    """What was expected of the topic of one publication and what was measured: growth of attention over 48 hours (0.25 is a quarter more).

    `why` says why one of them is not known.
    """

    publication: str
    channel: str
    run: str | None
    provenance: Provenance
    title: str
    predicted_at: datetime
    settled_at: datetime | None
    expected: float | None
    measured: float | None
    why: str


class Forecasts(BaseModel):
    """The newest publications, newest first."""

    items: list[ForecastView] = Field(description=f"{MOST_FORECASTS} at most.")
    freshness: Fresh


@dataclass(frozen=True)
class WantedDays:
    """Which days, and whose."""

    days: Days = 14
    channel: Channel = None


@router.get("/v1/analytics/productions", response_model=ProductionDays)
async def analytics_productions(request: Request, state: State, who: Reader, wanted: Annotated[WantedDays, Asked(WantedDays)]) -> Response:
    """Return how productions ended, by day."""

    def told(session: UnitOfWork, fresh: Freshness) -> dict[str, Any]:
        days = StudioFigures(session).productions(Span.of_days(wanted.days, fresh.read_at), wanted.channel)
        return {"days": [{"day": one.day, **one.ended} for one in days]}

    return await tell(request, state, who, question(state, f"productions {wanted.days} {wanted.channel}", ("runs",), told))


@router.get("/v1/analytics/waiting", response_model=WaitedOver)
async def analytics_waiting(
    request: Request, state: State, who: Reader, hours: Annotated[int, Query(ge=1, le=336, description="How far back.")] = 24
) -> Response:
    """Return what waited for workers and for people, over the last hours."""

    def told(session: UnitOfWork, fresh: Freshness) -> dict[str, Any]:
        return {"moments": [asdict(one) for one in StudioFigures(session).waited(Span.of_hours(hours, fresh.read_at))]}

    return await tell(request, state, who, question(state, "", ("approvals", "runs"), told))


@router.get("/v1/analytics/recoveries", response_model=Recoveries)
async def analytics_recoveries(request: Request, state: State, who: Reader, days: Days = 14) -> Response:
    """Return the newest faults, and how long it took until what each stopped was done."""

    def told(session: UnitOfWork, fresh: Freshness) -> dict[str, Any]:
        return {"items": [asdict(one) for one in StudioFigures(session).recoveries(Span.of_days(days, fresh.read_at))]}

    return await tell(request, state, who, question(state, "", ("incidents", "runs"), told))


@router.get("/v1/analytics/forecasts", response_model=Forecasts)
async def analytics_forecasts(request: Request, state: State, who: Reader, channel: Channel = None) -> Response:
    """Return what was expected of the newest publications' topics, and what was measured."""

    def told(session: UnitOfWork, _fresh: Freshness) -> dict[str, Any]:
        return {"items": [asdict(one) for one in StudioFigures(session).forecasts(channel)]}

    return await tell(request, state, who, question(state, f"forecasts {channel}", ("outcomes",), told))
