"""`/v1/trends`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from api.http.fields import Asked
from api.http.kept import Question, tell
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import ServiceState, State
from infra.cache_near import TRENDING_TOPICS
from infra.database import UnitOfWork
from memory.artifacts import Provenance
from memory.attention import Outlook
from memory.repositories.trends import TrendRepository
from memory.trend_report import refusals_of, tell_topics, trend_report

router = APIRouter(tags=["trends"])
Reader = Annotated[Principal, Require("trends:read")]
Kind = Annotated[Provenance, Query(description="What kind of truth; each is kept apart.")]
_REFUSED_WITHIN = timedelta(days=14)


class TrendSource(BaseModel):
    """One source that carried the topic, and where: the evidence that it is talked about."""

    id: str
    name: str
    kind: str
    addresses: list[str]


class TrendPoint(BaseModel):
    """One measured value."""

    at: datetime
    value: float


class TrendSeries(BaseModel):
    """One series of a topic's attention: `values` are kept, the newest 200 are told."""

    name: str
    unit: str
    values: int
    points: list[TrendPoint]


class TrendRefusal(BaseModel):
    """Why the scout passed over the topic in one run."""

    reason: str
    run: str
    at: datetime


class TrendView(BaseModel):
    """One topic: where it was seen, how it scores, what was measured, what is expected (null: nothing was forecast), and why it was passed over."""

    topic_id: str
    topic: str
    category: str
    keywords: list[str]
    first_seen: datetime
    last_seen: datetime
    scores: dict[str, float]
    sources: list[TrendSource]
    forecast: Outlook | None
    series: list[TrendSeries]
    refused: list[TrendRefusal]


class Trends(BaseModel):
    """Topics, best scored first. `note` says why there is none, `next` is the cursor of those after them."""

    provenance: Provenance
    days: int
    topics: list[TrendView]
    note: str
    next: str | None


@dataclass(frozen=True)
class Wanted:
    """Which topics to list."""

    days: Annotated[int, Query(ge=1, le=120, description="Seen in that many days.")] = 7
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50
    provenance: Kind = Provenance.REAL
    cursor: Annotated[str | None, Query(max_length=300, description="`next` of the page before.")] = None


@router.get("/v1/trends", response_model=Trends)
async def trends_list(request: Request, state: State, who: Reader, wanted: Annotated[Wanted, Asked(Wanted)]) -> Response:
    """List the topics that the studio follows, best scored first, each with its evidence and forecast."""

    def told(session: UnitOfWork, tenant: str, now: datetime) -> dict[str, Any]:
        report = trend_report(TrendRepository(session, tenant, wanted.provenance), now, wanted.days, wanted.limit, wanted.cursor)
        refused = refusals_of(session, now - timedelta(days=wanted.days))
        report["topics"] = [_with(topic, refused) for topic in report["topics"]]
        report["note"] = "" if report["topics"] else "none is known yet: topics are remembered whenever a run chooses a story from live sources"
        return report

    return await tell(request, state, who, _question(state, f"trends {wanted.days} {wanted.limit} {wanted.provenance} {wanted.cursor or ''}", told))


@router.get("/v1/trends/{topic_id}", response_model=TrendView, responses=problems(404))
async def trends_get(
    request: Request, state: State, who: Reader, topic_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")], provenance: Kind = Provenance.REAL
) -> Response:
    """Return one topic."""

    def told(session: UnitOfWork, tenant: str, now: datetime) -> dict[str, Any]:
        trends = TrendRepository(session, tenant, provenance)
        (topic,) = tell_topics(trends, [trends.get_topic(topic_id)], now)
        return _with(topic, refusals_of(session, now - _REFUSED_WITHIN))

    return await tell(request, state, who, _question(state, f"trend {topic_id} {provenance}", told))


def _question(state: ServiceState, words: str, told: Callable[[UnitOfWork, str, datetime], dict[str, Any]]) -> Question:
    def read(tenant: str) -> bytes:
        with state.database.unit_of_work(tenant=tenant) as session:
            return orjson.dumps(told(session, tenant, state.clock.now()))

    async def load(tenant: str) -> bytes:
        return await run_in_threadpool(read, tenant)

    return Question(load, words, ("trend_topics", "decisions"), TRENDING_TOPICS)


def _with(topic: dict[str, Any], refused: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return topic | {"refused": refused.get(topic["topic"], [])[:10]}
