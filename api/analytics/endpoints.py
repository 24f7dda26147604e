"""`/v1/analytics`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from api.analytics.reading import Fresh, question
from api.analytics.telling import channel_told, video_told
from api.http.fields import Asked
from api.http.kept import tell
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import State
from infra.database import UnitOfWork
from memory.analytics_reads import Freshness
from memory.artifacts import Provenance
from memory.repositories.channels import ChannelRepository
from memory.repositories.publications import PublicationRepository

router = APIRouter(tags=["analytics"])
Reader = Annotated[Principal, Require("analytics:read")]
_CHANNEL = r"^[a-z0-9_-]{1,64}$"
_NEWEST = 50
# What the answers are made of.
_TABLES = ("publications", "readings", "checks", "channels")


class Figure(BaseModel):
    """One figure: null is not known, and `why` says why; what is known has the age of its reading."""

    value: float | None
    age_s: int | None
    why: str


class Sum(Figure):
    """A sum over `known_of` publications; its age is that of the oldest reading in it."""

    known_of: int


class Day(BaseModel):
    """What the platform told of one day."""

    covers: date | None
    age_s: int
    values: dict[str, float]


class Look(BaseModel):
    """One look at the publication, done or to come."""

    check: str
    status: str
    due: datetime


class VideoFigures(BaseModel):
    """One publication: `figures` are views, likes, comments, impressions and ctr."""

    publication: str
    run: str
    channel: str
    publisher: str
    provenance: Provenance
    published_at: datetime | None
    url: str | None
    figures: dict[str, Figure]
    days: list[Day]
    looks: list[Look]


class VideoAnalytics(VideoFigures):
    """The same, asked for alone."""

    freshness: Fresh


class VideoAnalyticsPage(BaseModel):
    """Some publications, newest first, and the cursor of the next page."""

    items: list[VideoFigures]
    next: str | None
    freshness: Fresh


class ChannelAnalytics(BaseModel):
    """A channel by its newest publications: `figures` are views, likes and comments."""

    channel: str
    publications: int = Field(description=f"How many are counted: the newest {_NEWEST} at most.")
    figures: dict[str, Sum]
    freshness: Fresh


@dataclass(frozen=True)
class Wanted:
    """Which publications, and which part of the list."""

    channel: Annotated[str | None, Query(pattern=_CHANNEL, description="Of this channel only.")] = None
    cursor: Annotated[str | None, Query(max_length=300, description="`next` of the page before.")] = None
    limit: Annotated[int, Query(ge=1, le=_NEWEST, description="How many at most.")] = 20


@router.get("/v1/analytics/videos", response_model=VideoAnalyticsPage)
async def analytics_videos(request: Request, state: State, who: Reader, wanted: Annotated[Wanted, Asked(Wanted)]) -> Response:
    """List publications with what platforms told of each, newest first."""

    def told(session: UnitOfWork, fresh: Freshness) -> dict[str, Any]:
        page = PublicationRepository(session).list_(wanted.channel, None, wanted.cursor, wanted.limit)
        return {"items": [video_told(session, one, fresh.read_at) for one in page.items], "next": page.next}

    words = "" if wanted.cursor else f"analytics videos {wanted.channel} {wanted.limit}"
    return await tell(request, state, who, question(state, words, _TABLES, told))


@router.get("/v1/analytics/videos/{publication_id}", response_model=VideoAnalytics, responses=problems(404))
async def analytics_video(request: Request, state: State, who: Reader, publication_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]) -> Response:
    """Return one publication with what the platform told of it."""

    def told(session: UnitOfWork, fresh: Freshness) -> dict[str, Any]:
        return video_told(session, PublicationRepository(session).get(publication_id), fresh.read_at)

    return await tell(request, state, who, question(state, f"analytics video {publication_id}", _TABLES, told))


@router.get("/v1/analytics/channels/{channel_id}", response_model=ChannelAnalytics, responses=problems(404))
async def analytics_channel(request: Request, state: State, who: Reader, channel_id: Annotated[str, Path(pattern=_CHANNEL)]) -> Response:
    """Return a channel's sums over its newest publications, over those only of which a figure is known."""

    def told(session: UnitOfWork, fresh: Freshness) -> dict[str, Any]:
        ChannelRepository(session).get(channel_id)
        shown = PublicationRepository(session).list_(channel_id, None, None, _NEWEST).items
        return channel_told(channel_id, [video_told(session, one, fresh.read_at) for one in shown])

    return await tell(request, state, who, question(state, f"analytics channel {channel_id}", _TABLES, told))
