"""`/webhooks/n8n`: what workflows hand back, signed: a topic for the studio, or what somebody in a chat proposes to the person who decides."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from fastapi import Body as Sent
from pydantic import BaseModel, Field

from api.approvals.desk import propose
from api.approvals.schemas import Answer as Proposed
from api.http.fields import Body, FreeText
from api.http.principal import Principal, Public
from api.http.problems import problems
from api.http.repetition import Answer, Once
from api.http.state import ServiceState, State
from api.tasks.desk import TaskDesk
from api.tasks.schemas import Priority, TopicTask
from api.webhooks.door import Verified, take_once
from graphs.answers import AnswerDesk
from infra.database import UnitOfWork
from infra.ids import content_digest
from memory.media_shared import open_media
from memory.records.tenants import LOCAL_TENANT

router = APIRouter(tags=["webhooks"])
_DOOR = "n8n"
# Whoever holds the secret may do this much of what a program may, in the name of the tenant that runs the studio.
_WHO = Principal("n8n", LOCAL_TENANT, "operator", frozenset({"tasks:create", "approvals:propose"}), "token")
Key = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$", description="Sent again under the same key it has no second effect: the execution's id.")]


class Inject(Body):
    """A video about a topic."""

    do: Literal["inject"]
    key: Key
    topic: Annotated[FreeText, Field(min_length=3, max_length=200)]
    channel: Annotated[str | None, Field(pattern=r"^[a-z0-9_-]{1,64}$")] = None
    priority: Priority = "normal"


class Propose(Body):
    """What should be decided on an approval, bound to the manifest that was shown."""

    do: Literal["propose"]
    key: Key
    approval: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
    decision: Proposed


class Done(BaseModel):
    """What was done, and the id of what it was done to."""

    did: Literal["inject", "propose"]
    id: str


@router.post("/webhooks/n8n", dependencies=[Public], status_code=202, response_model=Done, responses=problems(403, 404, 409, 503))
def webhooks_callback(state: State, nonce: Verified, callback: Annotated[Inject | Propose, Sent(discriminator="do")]) -> Response:
    """Take a topic from a workflow, or what somebody in a chat proposes to the person who decides. It decides nothing."""
    take_once(state, _DOOR, nonce)

    def effect(session: UnitOfWork) -> Answer:
        made = _inject(session, state, callback) if isinstance(callback, Inject) else _propose(session, state, callback)
        where = "tasks" if isinstance(callback, Inject) else "approvals"
        return Answer(Done(did=callback.do, id=made).model_dump_json().encode(), 202, f"/v1/{where}/{made}")

    return Once(callback.key, "POST /webhooks/n8n", content_digest(callback.model_dump_json().encode())).run(state, _WHO, effect)


def _inject(session: UnitOfWork, state: ServiceState, asked: Inject) -> str:
    wish = TopicTask(kind="topic", topic=asked.topic, channel=asked.channel, priority=asked.priority)
    (made,) = TaskDesk(session, state, _WHO).add([wish], place="")
    return made


def _propose(session: UnitOfWork, state: ServiceState, asked: Propose) -> str:
    propose(session, AnswerDesk(session, open_media(state.settings), state.clock), _WHO, asked.approval, asked.decision)
    return asked.approval
