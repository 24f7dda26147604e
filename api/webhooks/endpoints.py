"""`/webhooks/notices`: claims, strikes and other notices that another program passes on."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from api.http.principal import Public
from api.http.problems import problems
from api.http.state import ServiceState, State
from api.webhooks.door import Verified, replayed
from graphs.notices import hand_in_text
from memory.repositories.idempotency import WebhookNonceRepository

router = APIRouter(tags=["webhooks"])
_DOOR = "notices"
_REFUSALS = problems(403, 409, 413, 422, 503)
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"text/plain": {"schema": {"type": "string", "minLength": 1}}}}}


class TakenNotice(BaseModel):
    """The notice as it was filed; `new` is false when its text was filed before."""

    id: str
    kind: str
    new: bool


@router.post("/webhooks/notices", dependencies=[Public], status_code=201, response_model=TakenNotice, responses=_REFUSALS, openapi_extra=_BODY)
async def webhooks_notices(request: Request, state: State, nonce: Verified) -> Response:
    """File the text of a notice. It is data: nothing in it is followed, and what it says counts for what a person handed in."""
    made = await run_in_threadpool(_file, state, nonce, await request.body())
    return Response(made.model_dump_json(), 201 if made.new else 200, media_type="application/json")


def _file(state: ServiceState, nonce: str, body: bytes) -> TakenNotice:
    """File the notice, then remember the request: a request that is cut off between the two may be sent again, and files nothing twice."""
    with state.studio.unit_of_work() as session:
        if WebhookNonceRepository(session).is_taken(_DOOR, nonce):
            raise replayed()
    row, fresh = hand_in_text(state.studio, body, "webhook", "webhook")
    with state.studio.unit_of_work() as session:
        WebhookNonceRepository(session).take(_DOOR, nonce)
    return TakenNotice(id=row.id, kind=row.kind, new=fresh)
