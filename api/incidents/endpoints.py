"""`/v1/incidents` and `/v1/incident-actions`."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.http.kept import Question, tell
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import ServiceState, State
from api.http.versions import answer
from api.incidents.schemas import ActionView, IncidentDetail, IncidentPage, Note, Status
from api.incidents.telling import acted, whole
from graphs.reversal import ActionDesk
from infra.database import UnitOfWork
from memory.reads.incidents import IncidentReads
from memory.repositories.incident_actions import IncidentActionRepository
from memory.repositories.incidents import IncidentRepository

router = APIRouter(tags=["incidents"])
Reader = Annotated[Principal, Require("incidents:read")]
Handler = Annotated[Principal, Require("incidents:handle")]
IncidentId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
ActionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


@dataclass(frozen=True)
class Wanted:
    """Which incidents to list."""

    status: str | None
    channel: str | None


async def wanted_of(
    status: Annotated[Status | None, Query(description="Of this status only.")] = None,
    channel: Annotated[str | None, Query(pattern=r"^[a-z0-9_-]{1,64}$", description="Of this channel only.")] = None,
) -> Wanted:
    """Read the filter of a list."""
    return Wanted(status, channel)


@router.get("/v1/incidents", response_model=IncidentPage)
async def incidents_list(request: Request, state: State, who: Reader, page: Paging, wanted: Annotated[Wanted, Depends(wanted_of)]) -> Response:
    """List the incidents, newest first."""
    words = f"incidents {page.limit} {wanted.status} {wanted.channel}" if page.is_first else ""

    def read(tenant: str) -> Awaitable[bytes]:
        return IncidentReads(state.reads, tenant).list_(page, wanted.status, wanted.channel)

    return await tell(request, state, who, Question(read, words, ("incidents",)))


@router.get("/v1/incidents/{incident_id}", response_model=IncidentDetail, responses=problems(404))
def incidents_get(request: Request, state: State, who: Reader, incident_id: IncidentId) -> Response:
    """Return one incident: its timeline, what was done, what waits, and how each is taken back."""
    with state.work(who) as session:
        return answer(request, _whole(session, incident_id))


@router.post("/v1/incidents/{incident_id}/acknowledge", response_model=IncidentDetail, responses=problems(404, 409))
def incidents_acknowledge(state: State, who: Handler, incident_id: IncidentId, once: Repetition, said: Note) -> Response:
    """Record that a person has seen the incident."""

    def effect(session: UnitOfWork) -> Answer:
        IncidentRepository(session).acknowledge(incident_id, who.user_id, said.note)
        return Answer(_whole(session, incident_id))

    return once.run(state, who, effect)


@router.post("/v1/incidents/{incident_id}/resolve", response_model=IncidentDetail, responses=problems(404, 409))
def incidents_resolve(state: State, who: Handler, incident_id: IncidentId, once: Repetition, said: Note) -> Response:
    """Close the incident. What was done in it stays as it is."""

    def effect(session: UnitOfWork) -> Answer:
        IncidentRepository(session).resolve(incident_id, who.user_id, said.note)
        return Answer(_whole(session, incident_id))

    return once.run(state, who, effect)


@router.post("/v1/incident-actions/{action_id}/reverse", response_model=ActionView, responses=problems(404, 409, 502))
async def incident_actions_reverse(state: State, who: Handler, action_id: ActionId, once: Repetition) -> Response:
    """Take an action back; the monitor does not do it again in this incident."""
    return await once.run_beyond(state, who, lambda: _act(state, who, action_id, "take_back"))


@router.post("/v1/incident-actions/{action_id}/carry-out", response_model=ActionView, responses=problems(404, 409, 502))
async def incident_actions_carry_out(state: State, who: Handler, action_id: ActionId, once: Repetition) -> Response:
    """Do what waits for a person."""
    return await once.run_beyond(state, who, lambda: _act(state, who, action_id, "carry_out"))


async def _act(state: ServiceState, who: Principal, action_id: str, what: Literal["take_back", "carry_out"]) -> Answer:
    await run_in_threadpool(_ensure_theirs, state, who, action_id)
    desk = ActionDesk(state.studio, state.caller, state.clock)
    action = await (desk.take_back if what == "take_back" else desk.carry_out)(action_id, who.user_id)
    return Answer(orjson.dumps(acted(action)))


def _ensure_theirs(state: ServiceState, who: Principal, action_id: str) -> None:
    """Raise what the repositories raise when the caller may not see the action; what follows works as the studio."""
    with state.work(who) as session:
        IncidentRepository(session).get(IncidentActionRepository(session).get(action_id).incident_id)


def _whole(session: UnitOfWork, incident_id: str) -> bytes:
    return orjson.dumps(whole(session, IncidentRepository(session).get(incident_id)))
