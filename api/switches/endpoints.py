"""`/v1/switches` and `/v1/providers`."""

from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from api.auth.confirming import RequireConfirmed
from api.http.fields import Body, storable
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.refusals import NotAllowed
from api.http.repetition import Answer, Repetition
from api.http.state import State
from api.http.versions import answer
from infra.database import UnitOfWork
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.switches import SwitchRepository
from memory.switchboard import Switchboard

router = APIRouter(tags=["switches"])
Reader = Annotated[Principal, Require("costs:read")]
Engager = Annotated[Principal, Require("switches:engage")]
Releaser = Annotated[Principal, RequireConfirmed("switches:release")]
Scope = Annotated[str, Field(max_length=200, pattern=r"^(all|(tenant|channel|provider|run):[A-Za-z0-9_.-]+)$")]


class SwitchView(BaseModel):
    """One scope that is stopped: no outside call is made in it."""

    scope: str
    reason: str
    by: str
    since: datetime


class SwitchList(BaseModel):
    """All that is stopped."""

    items: list[SwitchView]


class Turn(Body):
    """What to stop or let go on, and why."""

    scope: Scope = "all"
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S"), AfterValidator(storable)]


class Circuits(BaseModel):
    """How many of a provider's circuits were held back or counted failures."""

    provider: str
    circuits: int


@router.get("/v1/switches", response_model=SwitchList)
def switches_list(request: Request, state: State, who: Reader) -> Response:
    """Return what is stopped, by whom and why."""
    with state.work(who) as session:
        return answer(request, _stopped(session))


@router.post("/v1/switches/engage", response_model=SwitchList)
def switches_engage(state: State, who: Engager, once: Repetition, turn: Turn) -> Response:
    """Stop outside calls in a scope at once: none is made from now on, and those in flight are cut within five seconds."""
    _ensure_theirs(who, turn.scope)

    def effect(session: UnitOfWork) -> Answer:
        Switchboard(session, who.user_id).engage(turn.scope, turn.reason)
        return Answer(_stopped(session))

    return once.run(state, who, effect)


@router.post("/v1/switches/release", response_model=SwitchList)
def switches_release(state: State, who: Releaser, once: Repetition, turn: Turn) -> Response:
    """Let a scope work again."""
    _ensure_theirs(who, turn.scope)

    def effect(session: UnitOfWork) -> Answer:
        Switchboard(session, who.user_id).release(turn.scope, turn.reason)
        return Answer(_stopped(session))

    return once.run(state, who, effect)


@router.post("/v1/providers/{provider}/reset", response_model=Circuits, responses=problems(403))
def providers_reset(state: State, who: Releaser, once: Repetition, provider: Annotated[str, Path(pattern=r"^[a-z0-9_]{1,64}$")]) -> Response:
    """Let a provider be called again that asked to wait or failed too often."""
    _ensure_theirs(who, "all")

    def effect(session: UnitOfWork) -> Answer:
        return Answer(orjson.dumps({"provider": provider, "circuits": Switchboard(session, who.user_id).reset(provider)}))

    return once.run(state, who, effect)


def _ensure_theirs(who: Principal, scope: str) -> None:
    """Raise NotAllowed for a scope that is not the caller's: the tenant that runs the studio has all, any other its own."""
    if who.tenant_id != LOCAL_TENANT and scope != f"tenant:{who.tenant_id}":
        raise NotAllowed(f"scope: {scope} is not yours; give tenant:{who.tenant_id}", scope=scope)


def _stopped(session: UnitOfWork) -> bytes:
    found = SwitchRepository(session).list_engaged()
    return orjson.dumps({"items": [{"scope": one.scope, "reason": one.reason, "by": one.changed_by, "since": one.changed_at} for one in found]})
