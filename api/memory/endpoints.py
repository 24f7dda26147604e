"""`/v1/memory`, `/v1/lessons` and `/v1/personality-changes`."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.http.fields import Asked, FreeText
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import ServiceState, State
from api.http.versions import answer
from api.memory import forgetting
from api.memory.schemas import ChangeDecision, ChangePage, ChangeStatus, ChangeView, ForgottenView, Found, LessonPage, MemoryKind
from api.memory.telling import change_told
from infra.database import UnitOfWork
from infra.errors import Unavailable
from infra.ids import content_digest
from memory.artifacts import Provenance
from memory.recall_search import recall_by_vector
from memory.records.lessons import LessonRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.lessons import LessonRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from memory.repositories.retention import SEARCHES
from tools.call import HIGH, JobKey, RunScope
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs

router = APIRouter(tags=["memory"])
Reader = Annotated[Principal, Require("memory:read")]
Searcher = Annotated[Principal, Require("memory:read", "work")]
Forgetter = Annotated[Principal, Require("memory:delete")]
Decider = Annotated[Principal, Require("lessons:decide")]
_CHANNEL = r"^[a-z0-9_-]{1,64}$"
Channel = Annotated[str, Query(pattern=_CHANNEL, description="Whose memory; each channel has its own.")]
Kind = Annotated[Provenance, Query(description="What kind of truth; each is kept apart.")]
Source = Annotated[
    str,
    Query(
        pattern=r"^((run|video|lesson|platform):[A-Za-z0-9_-]{1,80}|(document|feed):[A-Za-z0-9._-]{1,100})$",
        description="`run:ID`, `video:ID`, `lesson:ID`, `platform:CHANNEL`, `document:ID` as a video's sources name it, or `feed:ID` as trends name it.",
    ),
]
_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Question:
    """What is looked for."""

    channel: Channel
    q: Annotated[FreeText, Query(min_length=2, max_length=1000, description="What it is about, in words.")]
    kind: Annotated[MemoryKind, Query(description="What is looked for.")] = "topic"
    provenance: Kind = Provenance.REAL
    limit: Annotated[int, Query(ge=1, le=50, description="How many at most.")] = 10


@dataclass(frozen=True)
class Part:
    """Which part of a list."""

    cursor: Annotated[str | None, Query(max_length=300, description="`next` of the page before.")] = None
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50


@dataclass(frozen=True)
class WantedChanges:
    """Which changes to list."""

    channel: Annotated[str | None, Query(pattern=_CHANNEL, description="Of this channel only.")] = None
    status: Annotated[ChangeStatus | None, Query(description="Of this status only.")] = None


@dataclass(frozen=True)
class WantedLessons:
    """Whose lessons to list, and what kind of truth."""

    channel: Channel
    provenance: Kind = Provenance.REAL


Parts = Annotated[Part, Asked(Part)]


@router.get("/v1/memory/search", response_model=Found, responses=problems(404, 502))
async def memory_search(request: Request, state: State, who: Searcher, asked: Annotated[Question, Asked(Question)]) -> Response:
    """Search what a channel remembers by meaning: topics told, scripts, or lessons, the nearest first."""
    await run_in_threadpool(_ensure_theirs, state, who, asked.channel)
    vector = await _meaning(state, asked.q)
    found = await run_in_threadpool(_nearest, state, who, asked, vector)
    return answer(request, orjson.dumps({"items": found}))


@router.get("/v1/memory/forgetting", response_model=ForgottenView, responses=problems(404))
def memory_forgetting(request: Request, state: State, who: Searcher, source: Source) -> Response:
    """Tell what would be forgotten with a source; nothing is."""
    return answer(request, forgetting.tell(state, who, source))


@router.delete("/v1/memory", response_model=ForgottenView, responses=problems(404))
def memory_forget(state: State, who: Forgetter, source: Source) -> Response:
    """Make the studio forget what came from one source, so that no run recalls it; for good. `GET /v1/memory/forgetting` tells before what that is."""
    return Answer(forgetting.forget(state, who, source)).response()


@router.get("/v1/lessons", response_model=LessonPage, responses=problems(404))
def lessons_list(request: Request, state: State, who: Reader, part: Parts, wanted: Annotated[WantedLessons, Asked(WantedLessons)]) -> Response:
    """List what earlier videos taught a channel, newest first."""
    with state.work(who) as session:
        ChannelRepository(session).get(wanted.channel)
        page = LessonRepository(session).list_(wanted.channel, wanted.provenance.value, part.cursor, part.limit)
        return answer(request, orjson.dumps({"items": [_lesson(one) for one in page.items], "next": page.next}))


@router.get("/v1/personality-changes", response_model=ChangePage)
def personality_changes_list(request: Request, state: State, who: Reader, part: Parts, wanted: Annotated[WantedChanges, Asked(WantedChanges)]) -> Response:
    """List changes of personalities, newest first, and what they are based on."""
    with state.work(who) as session:
        page = PersonalityChangeRepository(session).list_(wanted.channel, wanted.status, part.cursor, part.limit)
        return answer(request, orjson.dumps({"items": [change_told(one) for one in page.items], "next": page.next}))


@router.post("/v1/personality-changes/{change_id}/decide", response_model=ChangeView, responses=problems(404, 409))
def personality_changes_decide(
    state: State, who: Decider, once: Repetition, change_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")], decided: ChangeDecision
) -> Response:
    """Approve or reject a proposed change, or take back one in force: true for every run made from now on."""

    def effect(session: UnitOfWork) -> Answer:
        return Answer(orjson.dumps(change_told(PersonalityChangeRepository(session).decide(change_id, decided.decision, who.user_id))))

    return once.run(state, who, effect)


def _ensure_theirs(state: ServiceState, who: Principal, channel: str) -> None:
    with state.work(who) as session:
        ChannelRepository(session).get(channel)


async def _meaning(state: ServiceState, words: str) -> tuple[float, ...]:
    """Return the vector of some words, made by a worker; the same words are embedded once a day."""
    run = f"{SEARCHES}{content_digest(words.encode())[:32]}"
    call = state.caller.call(EMBED_TEXT, EmbedTextArgs(texts=(words,)), key=JobKey(run, "search", 0, 0), agent="operator", run=RunScope(run, priority=HIGH))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return (await call).vectors[0]
    except TimeoutError as error:
        raise Unavailable(f"the workers are busy and did not embed the words within {_PATIENCE_S:.0f} s; ask again") from error


def _nearest(state: ServiceState, who: Principal, asked: Question, vector: tuple[float, ...]) -> list[dict[str, Any]]:
    with state.work(who) as session:
        found = recall_by_vector(session, asked.kind, vector, channel_id=asked.channel, provenance=asked.provenance, limit=asked.limit)
    return [one.model_dump() for one in found]


def _lesson(one: LessonRecord) -> dict[str, Any]:
    about = {name: getattr(one, name) for name in ("id", "text", "evidence", "provenance", "created_at")}
    return {**about, "channel": one.channel_id, "video": one.video_id, "run": one.run_id}
