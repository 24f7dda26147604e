"""`/v1/approvals`."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from api.approvals import desk
from api.approvals.evidence import EvidenceReader, voices_of
from api.approvals.schemas import Answer, ApprovalDetail, ApprovalPage, ApprovalView, Status
from api.approvals.understood import understood_of
from api.http.fields import Asked
from api.http.kept import Question, tell
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.refusals import InvalidFields
from api.http.repetition import Answer as Told
from api.http.repetition import Repetition
from api.http.state import ServiceState, State
from api.http.versions import answer
from graphs.answers import AnswerDesk
from infra.database import UnitOfWork
from memory.reads.approvals import ApprovalReads, ApprovalsWanted, Sort, approval_json
from memory.repositories.approvals import ApprovalRepository

router = APIRouter(tags=["approvals"])
Reader = Annotated[Principal, Require("approvals:read")]
Decider = Annotated[Principal, Require("approvals:decide")]
Proposer = Annotated[Principal, Require("approvals:propose")]
ApprovalId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


@dataclass(frozen=True)
class Wanted:
    """Which approvals to list."""

    status: Annotated[Status | None, Query(description="Of this status only.")] = None
    channel: Annotated[str | None, Query(pattern=r"^[a-z0-9_-]{1,64}$", description="Of this channel only.")] = None
    gate: Annotated[Literal["script", "video"] | None, Query(description="About a script, or about a finished video, only.")] = None
    risk: Annotated[Literal["some", "none"] | None, Query(description="With risks only, or with none.")] = None
    older_s: Annotated[int | None, Query(ge=0, le=31_536_000, description="Asked at least so many seconds ago only.")] = None
    sort: Annotated[
        Sort, Query(description="`oldest`, `riskiest` and `due` (what is shown, or counts as ignored, first) order what waits: they need `status=pending`.")
    ] = "newest"


@router.get("/v1/approvals", response_model=ApprovalPage)
async def approvals_list(request: Request, state: State, who: Reader, page: Paging, wanted: Annotated[Wanted, Asked(Wanted)]) -> Response:
    """List the approvals: those that wait first, newest first or in the order that is asked for."""
    if wanted.sort != "newest" and wanted.status != "pending":
        raise InvalidFields([("sort", f"{wanted.sort!r} orders what waits; ask with status=pending, or leave it out")])
    which = ApprovalsWanted(wanted.status, wanted.channel, wanted.gate, wanted.risk, wanted.older_s)
    # What is old enough changes by itself, so it is never kept.
    words = f"approvals {page.limit} {wanted.sort} {which}" if page.is_first and wanted.older_s is None else ""

    def read(tenant: str) -> Awaitable[bytes]:
        return ApprovalReads(state.reads, tenant, expires_s(state)).list_(page, which, wanted.sort)

    return await tell(request, state, who, Question(read, words, ("approvals", "approval_voices", "runs", "videos", "channels")))


@router.get("/v1/approvals/{approval_id}", response_model=ApprovalDetail, responses=problems(404))
def approvals_get(request: Request, state: State, who: Reader, approval_id: ApprovalId) -> Response:
    """Return one approval with its evidence: manifest, script with citations, thumbnails, checks, cost, risks, and what was said on it."""
    with state.work(who) as session:
        body = orjson.loads(approval_json(session, approval_id, expires_s(state)))
        approval = ApprovalRepository(session).get(approval_id)
        found = EvidenceReader(session, state.media).of(approval)
        told = {"said": voices_of(session, approval_id), "understood": understood_of(session, state.media, approval)}
        return answer(request, orjson.dumps({**body, "evidence": found, **told}))


@router.post("/v1/approvals/{approval_id}/decision", response_model=ApprovalView, responses=problems(404, 409))
def approvals_decide(state: State, who: Decider, approval_id: ApprovalId, once: Repetition, given: Answer) -> Response:
    """Decide, once, on exactly the manifest that was seen; the stack goes on with the run."""

    def effect(session: UnitOfWork) -> Told:
        desk.decide(session, _desk(state, session), who, approval_id, given)
        return Told(approval_json(session, approval_id, expires_s(state)))

    return once.run(state, who, effect)


@router.post("/v1/approvals/{approval_id}/proposals", response_model=ApprovalView, status_code=201, responses=problems(404, 409))
def approvals_propose(state: State, who: Proposer, approval_id: ApprovalId, once: Repetition, given: Answer) -> Response:
    """Propose a decision to whoever decides: it is shown with the approval and decides nothing."""

    def effect(session: UnitOfWork) -> Told:
        desk.propose(session, _desk(state, session), who, approval_id, given)
        return Told(approval_json(session, approval_id, expires_s(state)), 201, f"/v1/approvals/{approval_id}")

    return once.run(state, who, effect)


def expires_s(state: ServiceState) -> int:
    """Return how long a question waits before it counts as ignored."""
    return round(state.settings.approval_expires_h * 3600)


def _desk(state: ServiceState, session: UnitOfWork) -> AnswerDesk:
    return AnswerDesk(session, state.media, state.clock)
