"""`/v1/autonomous-runs` and `/v1/slots`."""

from collections.abc import Callable
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from api import autonomous_runs
from api.auth.confirming import RequireSometimesConfirmed
from api.autonomous import desk
from api.autonomous.schemas import (
    AutonomousRunDetail,
    AutonomousRunPage,
    NewAutonomousRun,
    ReadinessView,
    ReportList,
    RunChange,
    RunRequest,
    SlotAnswer,
    SlotView,
    StartedRun,
    Status,
    StopRun,
)
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.repetition import Answer, Once, Repetition
from api.http.state import ServiceState, State
from api.http.versions import Version, answer, versioned
from api.runs.endpoints import EventCursor, EventLimit
from api.runs.schemas import RunCosts, Stop, Timeline
from infra.database import UnitOfWork
from memory.reads.runs import RunReads

router = APIRouter(tags=["autonomous runs"])
Reader = Annotated[Principal, Require("runs:read")]
Starter = Annotated[Principal, Require("runs:start", "work")]
Editor = Annotated[Principal, RequireSometimesConfirmed("runs:start", "work")]
# Who plans looks again with every change of the plan; no work of the studio begins.
Planner = Annotated[Principal, Require("runs:start")]
Stopper = Annotated[Principal, Require("runs:stop")]
RunId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
SlotId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
AskOutside = Annotated[bool, Query(description="Ask providers and sources outside too, as a start does; that takes longer.")]
OfStatus = Annotated[Status | None, Query(description="Of this status only.")]


@router.get("/v1/autonomous-runs", response_model=AutonomousRunPage)
async def autonomous_runs_list(request: Request, state: State, who: Reader, page: Paging, status: OfStatus = None) -> Response:
    """List the autonomous runs, newest first."""
    return answer(request, await RunReads(state.reads, who.tenant_id).list_autonomous(page, status))


@router.post("/v1/autonomous-runs", status_code=202, response_model=StartedRun, responses=problems(404, 409, 502))
async def autonomous_runs_start(state: State, who: Starter, once: Repetition, asked: NewAutonomousRun) -> Response:
    """Start an autonomous run once everything it needs is there; a refusal names each thing that lacks, with its fix."""

    async def effect() -> Answer:
        run_id, body = await desk.start(state, who, asked, once.key)
        return Answer(body, 202, f"/v1/autonomous-runs/{run_id}")

    return await once.run_beyond(state, who, effect)


@router.post("/v1/autonomous-runs/readiness", response_model=ReadinessView, responses=problems(404, 409))
async def autonomous_runs_readiness(state: State, who: Planner, asked: NewAutonomousRun, live: AskOutside = False) -> Response:
    """Look whether a run could start, and what it would begin with; nothing is started."""
    return Response(await desk.readiness(state, who, asked, live=live), media_type="application/json")


@router.get("/v1/autonomous-runs/{run_id}", response_model=AutonomousRunDetail, responses=problems(404))
def autonomous_runs_get(request: Request, state: State, who: Reader, run_id: RunId) -> Response:
    """Return how an autonomous run stands, with its slots."""
    with state.work(who) as session:
        return answer(request, desk.detail(session, run_id))


@router.get("/v1/autonomous-runs/{run_id}/request", response_model=RunRequest, responses=problems(404))
def autonomous_runs_request(request: Request, state: State, who: Reader, run_id: RunId) -> Response:
    """Return what an autonomous run is asked for by now."""
    with state.work(who) as session:
        return answer(request, desk.request_json(session, run_id))


@router.patch("/v1/autonomous-runs/{run_id}/request", response_model=RunRequest, responses=problems(404, 409, 412, 428))
def autonomous_runs_edit(state: State, who: Editor, run_id: RunId, version: Version, asked: RunChange) -> Response:
    """Change what a run is asked for; its next wake-up, which is due at once, goes by it. A higher budget needs the password, lately shown."""
    with state.work(who) as session:
        version.check(desk.request_json(session, run_id, lock=True))
        desk.edit(session, state, who, run_id, asked)
        return versioned(desk.request_json(session, run_id))


@router.post("/v1/autonomous-runs/{run_id}/stop", status_code=202, response_model=AutonomousRunDetail, responses=problems(404, 409))
def autonomous_runs_stop(state: State, who: Stopper, run_id: RunId, once: Repetition, asked: StopRun) -> Response:
    """Let a run end: nothing new begins, and what is being made is finished first, or ended too with `at_once`."""
    return _changed(state, who, once, run_id, lambda session: autonomous_runs.stop(session, run_id, asked.reason, at_once=asked.at_once, by=who.user_id))


@router.post("/v1/autonomous-runs/{run_id}/pause", status_code=202, response_model=AutonomousRunDetail, responses=problems(404, 409))
def autonomous_runs_pause(state: State, who: Stopper, run_id: RunId, once: Repetition, asked: Stop) -> Response:
    """Let a run begin nothing new until it is resumed."""
    return _changed(state, who, once, run_id, lambda session: autonomous_runs.pause(session, run_id, asked.reason, who.user_id))


@router.post("/v1/autonomous-runs/{run_id}/resume", status_code=202, response_model=AutonomousRunDetail, responses=problems(404, 409))
def autonomous_runs_resume(state: State, who: Stopper, run_id: RunId, once: Repetition) -> Response:
    """Let a paused run go on; what it missed follows its policy."""
    return _changed(state, who, once, run_id, lambda session: autonomous_runs.resume(session, run_id, who.user_id))


@router.get("/v1/autonomous-runs/{run_id}/timeline", response_model=Timeline, responses=problems(404))
async def autonomous_runs_timeline(state: State, who: Reader, run_id: RunId, cursor: EventCursor = None, limit: EventLimit = 100) -> Response:
    """Return a run's log, oldest first, from a cursor on."""
    return Response(await RunReads(state.reads, who.tenant_id).timeline(run_id, cursor, limit), media_type="application/json")


@router.get("/v1/autonomous-runs/{run_id}/costs", response_model=RunCosts, responses=problems(404))
async def autonomous_runs_costs(request: Request, state: State, who: Reader, run_id: RunId) -> Response:
    """Return what a run costs, by provider and by production."""
    return answer(request, await RunReads(state.reads, who.tenant_id).costs(run_id))


@router.get("/v1/autonomous-runs/{run_id}/reports", response_model=ReportList, responses=problems(404))
def autonomous_runs_reports(request: Request, state: State, who: Reader, run_id: RunId) -> Response:
    """Return what a run reported: what was made, why, at what cost, what went wrong and what was learned."""
    with state.work(who) as session:
        return answer(request, desk.reports(session, run_id))


@router.post("/v1/slots/{slot_id}/answer", response_model=SlotView, responses=problems(404, 409))
def slots_answer(state: State, who: Starter, slot_id: SlotId, once: Repetition, asked: SlotAnswer) -> Response:
    """Say what becomes of a publication whose time passed, in a run that asks."""

    def effect(session: UnitOfWork) -> Answer:
        found = autonomous_runs.answer(session, state.settings, slot_id, catch_up=asked.catch_up)
        return Answer(orjson.dumps(autonomous_runs.describe_slot(found)))

    return once.run(state, who, effect)


def _changed(state: ServiceState, who: Principal, once: Once, run_id: str, change: Callable[[UnitOfWork], object]) -> Response:
    def effect(session: UnitOfWork) -> Answer:
        change(session)
        return Answer(desk.detail(session, run_id), 202, f"/v1/autonomous-runs/{run_id}")

    return once.run(state, who, effect)
