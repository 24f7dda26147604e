"""`/v1/audit`."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from api.http.fields import Asked, FreeText, Moment
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import State
from api.http.versions import answer
from api.settings.desk import ensure_of_the_studio
from memory.reads.audit import AuditReads
from memory.repositories.audit import AuditRepository

router = APIRouter(tags=["audit"])
Reader = Annotated[Principal, Require("audit:read")]


class AuditEvent(BaseModel):
    """Who did what. `seal` is the event's place in the chain and `hash` covers it and all before; null until it is sealed, a moment later."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    seal: int | None
    hash: str | None


class AuditPage(BaseModel):
    """Some events, newest first, and the cursor of the next page."""

    items: list[AuditEvent]
    next: str | None


class AuditVerdict(BaseModel):
    """The trail is whole: how many events it has, how many wait for their seal, and the newest seal, to be kept elsewhere."""

    events: int
    unsealed: int
    seal: int | None
    hash: str | None


@dataclass(frozen=True)
class Wanted:
    """Which events to list."""

    actor: Annotated[FreeText | None, Query(max_length=200, description="Done by this one only.")] = None
    action: Annotated[str | None, Query(pattern=r"^[a-z_]+(\.[a-z_]+)?$", description="`task.added`, or all of a noun: `task`.")] = None
    subject: Annotated[FreeText | None, Query(max_length=200, description="Done to this one only.")] = None
    since: Annotated[Moment | None, Query(description="From this time on.")] = None
    until: Annotated[Moment | None, Query(description="Before this time.")] = None


@router.get("/v1/audit", response_model=AuditPage)
async def audit_list(request: Request, state: State, who: Reader, page: Paging, wanted: Annotated[Wanted, Asked(Wanted)]) -> Response:
    """List what was done, newest first."""
    return answer(request, await AuditReads(state.reads, who.tenant_id).list_(page, asdict(wanted)))


@router.get("/v1/audit/verify", response_model=AuditVerdict, responses=problems(409))
def audit_verify(
    request: Request,
    state: State,
    who: Reader,
    head: Annotated[str | None, Query(pattern=r"^[0-9a-f]{64}$", description="A hash that was kept: it betrays a trail cut short at the end.")] = None,
) -> Response:
    """Check the whole trail: that nothing was changed, removed or slipped in. 409 names the first place that does not fit."""
    ensure_of_the_studio(who, "audit:read")
    with state.studio.unit_of_work() as session:
        trail = AuditRepository(session)
        events, newest = trail.verify(head), trail.head()
        seal, digest = (newest.seq, newest.hash) if newest is not None else (None, None)
        verdict = AuditVerdict(events=events, unsealed=trail.unsealed(), seal=seal, hash=digest)
    return answer(request, verdict.model_dump_json().encode())
