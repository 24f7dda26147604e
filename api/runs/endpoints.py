"""`/v1/runs`: productions."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api import productions
from api.http.fields import Asked
from api.http.files import stored_file
from api.http.kept import Question, tell
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import State
from api.runs import desk
from api.runs.schemas import NewRun, Pause, RunCosts, RunPage, RunView, Status, Stop, Timeline, Trace
from infra.database import UnitOfWork
from memory.reads.runs import RunReads, run_json
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.keyset import MAX_PAGE

router = APIRouter(tags=["runs"])
Reader = Annotated[Principal, Require("runs:read")]
Starter = Annotated[Principal, Require("runs:start", "work")]
Stopper = Annotated[Principal, Require("runs:stop")]
RunId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
EventCursor = Annotated[str | None, Query(max_length=15, pattern=r"^[0-9]{1,15}$", description="`next` of the page before.")]
EventLimit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many at most.")]


@dataclass(frozen=True)
class Wanted:
    """Which productions to list."""

    channel: Annotated[str | None, Query(pattern=r"^[a-z0-9_-]{1,64}$", description="Of this channel only.")] = None
    status: Annotated[Status | None, Query(description="Of this status only.")] = None
    autonomous_run: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,80}$", description="Launched by this autonomous run only.")] = None


@router.get("/v1/runs", response_model=RunPage)
async def runs_list(request: Request, state: State, who: Reader, page: Paging, wanted: Annotated[Wanted, Asked(Wanted)]) -> Response:
    """List the productions, newest first."""
    often = page.is_first and wanted.autonomous_run is None
    words = f"runs {page.limit} {wanted.channel} {wanted.status}" if often else ""

    def read(tenant: str) -> Awaitable[bytes]:
        return RunReads(state.reads, tenant).list_(page, wanted.channel, wanted.status, wanted.autonomous_run)

    return await tell(request, state, who, Question(read, words, ("runs", "videos", "approvals")))


@router.post("/v1/runs", status_code=202, response_model=RunView, responses=problems(404, 409))
def runs_start(state: State, who: Starter, once: Repetition, asked: NewRun) -> Response:
    """Start a production: the stack makes it, and `Location` tells how it stands."""
    desk.ensure_public(asked)

    def effect(session: UnitOfWork) -> Answer:
        desk.ensure_served(state)
        run_id = desk.start(session, state, who, asked)
        return Answer(run_json(session, run_id), 202, f"/v1/runs/{run_id}")

    return once.run(state, who, effect)


@router.get("/v1/runs/{run_id}", response_model=RunView, responses=problems(404))
async def runs_get(request: Request, state: State, who: Reader, run_id: RunId) -> Response:
    """Return one production."""
    return await tell(request, state, who, Question(lambda tenant: RunReads(state.reads, tenant).get(run_id)))


@router.post("/v1/runs/{run_id}/stop", status_code=202, response_model=RunView, responses=problems(404, 409))
def runs_stop(state: State, who: Stopper, run_id: RunId, once: Repetition, asked: Stop) -> Response:
    """Let the stack end a production that makes or waits; what it made so far stays."""

    def effect(session: UnitOfWork) -> Answer:
        productions.stop(session, run_id, asked.reason, who.user_id)
        return Answer(run_json(session, run_id), 202, f"/v1/runs/{run_id}")

    return once.run(state, who, effect)


@router.post("/v1/runs/{run_id}/pause", status_code=202, response_model=RunView, responses=problems(404, 409))
def runs_pause(state: State, who: Stopper, run_id: RunId, once: Repetition, asked: Pause | None = None) -> Response:
    """Let a production rest until it is resumed: jobs that run end, no other begins. One whose publication has begun is not paused."""

    def effect(session: UnitOfWork) -> Answer:
        productions.pause(session, run_id, (asked or Pause()).reason, who.user_id)
        return Answer(run_json(session, run_id), 202, f"/v1/runs/{run_id}")

    return once.run(state, who, effect)


@router.post("/v1/runs/{run_id}/resume", status_code=202, response_model=RunView, responses=problems(404, 409))
def runs_resume(state: State, who: Stopper, run_id: RunId, once: Repetition) -> Response:
    """Let the stack go on with a production that is paused, or that it gave up for the same trouble again and again, once that is mended."""

    def effect(session: UnitOfWork) -> Answer:
        productions.resume(session, run_id, who.user_id)
        return Answer(run_json(session, run_id), 202, f"/v1/runs/{run_id}")

    return once.run(state, who, effect)


@router.get("/v1/runs/{run_id}/trace", response_model=Trace, responses=problems(404))
async def runs_trace(request: Request, state: State, who: Reader, run_id: RunId) -> Response:
    """Return what each agent was given, chose and made: jobs, snapshots, decisions and artifacts by digest."""
    return await tell(request, state, who, Question(lambda tenant: RunReads(state.reads, tenant).trace(run_id)))


@router.get("/v1/runs/{run_id}/timeline", response_model=Timeline, responses=problems(404))
async def runs_timeline(state: State, who: Reader, run_id: RunId, cursor: EventCursor = None, limit: EventLimit = 100) -> Response:
    """Return what happened, oldest first, from a cursor on."""
    return Response(await RunReads(state.reads, who.tenant_id).timeline(run_id, cursor, limit), media_type="application/json")


@router.get("/v1/runs/{run_id}/costs", response_model=RunCosts, responses=problems(404))
async def runs_costs(request: Request, state: State, who: Reader, run_id: RunId) -> Response:
    """Return what the production costs, by provider."""
    return await tell(request, state, who, Question(lambda tenant: RunReads(state.reads, tenant).costs(run_id)))


@router.get("/v1/runs/{run_id}/artifacts/{digest}", response_class=Response, responses={200: {"content": {"application/json": {}}}, **problems(404)})
def runs_artifact(request: Request, state: State, who: Reader, run_id: RunId, digest: Digest) -> Response:
    """Return what a run kept: a snapshot, a script, a report."""
    with state.work(who) as session:
        found = ArtifactRepository(session).get(digest, run_id)
    return stored_file(request, state, digest, (found.media_type, f"{found.kind}.json"))
