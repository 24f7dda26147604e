"""`/v1/dead-letters`."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import State
from api.http.versions import answer
from infra.database import UnitOfWork
from memory.reads.dead_letters import DeadLetterReads, job_json
from memory.repositories.audit import AuditRepository
from memory.repositories.jobs import JobRepository

router = APIRouter(tags=["tasks"])
JobId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Reader = Annotated[Principal, Require("tasks:read")]
Replayer = Annotated[Principal, Require("tasks:cancel")]


class LastError(BaseModel):
    """What a job failed of last."""

    code: str | None
    message: str | None


class DeadLetter(BaseModel):
    """A job that ended without a result: `dead` after its attempts, `quarantined` since it killed its workers."""

    id: str
    tool: str
    agent: str
    run: str
    node: str
    channel: str | None
    queue: str
    state: str
    attempts: int
    failures: int
    kills: int
    error: LastError
    created_at: datetime
    finished_at: datetime | None


class DeadLetterPage(BaseModel):
    """Some dead letters, latest first, and the cursor of the next page."""

    items: list[DeadLetter]
    next: str | None


@router.get("/v1/dead-letters", response_model=DeadLetterPage)
async def dead_letters_list(
    request: Request,
    state: State,
    who: Reader,
    page: Paging,
    tool: Annotated[str | None, Query(pattern=r"^[a-z_]{1,64}$", description="Of this tool only.")] = None,
) -> Response:
    """List jobs that ended without a result, latest first."""
    return answer(request, await DeadLetterReads(state.reads, who.tenant_id).list_(page, tool))


@router.post("/v1/dead-letters/{job_id}/replay", status_code=202, response_model=DeadLetter, responses=problems(404, 409))
def dead_letters_replay(state: State, who: Replayer, once: Repetition, job_id: JobId) -> Response:
    """Queue a dead or quarantined job again, with a new budget of attempts."""

    def effect(session: UnitOfWork) -> Answer:
        JobRepository(session).replay(job_id)
        AuditRepository(session).append(who.user_id, "job.replayed", job_id, {})
        return Answer(job_json(session, job_id), 202, "/v1/dead-letters")

    return once.run(state, who, effect)
