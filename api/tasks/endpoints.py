"""`/v1/tasks`, `/v1/tools` and `/v1/agents`."""

from dataclasses import asdict, dataclass
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response

from api.http.fields import Asked
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import State
from api.http.versions import answer
from api.tasks.desk import TaskDesk, callable_tools
from api.tasks.schemas import AgentList, Cancelling, Kind, NewTask, NewTasks, Status, TaskDetail, TaskList, TaskPage, ToolList
from graphs.agent_tasks import NOT_ALONE, PLAYERS
from infra.database import UnitOfWork
from memory.reads.tasks import TaskReads, task_json

router = APIRouter(tags=["tasks"])
TaskId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Reader = Annotated[Principal, Require("tasks:read")]
Creator = Annotated[Principal, Require("tasks:create", "work")]
Canceller = Annotated[Principal, Require("tasks:cancel")]


@dataclass(frozen=True)
class Wanted:
    """Which tasks to list."""

    status: Annotated[Status | None, Query(description="Of this status only.")] = None
    kind: Annotated[Kind | None, Query(description="Of this kind only.")] = None
    channel: Annotated[str | None, Query(pattern=r"^[a-z0-9_-]{1,64}$", description="Of this channel only.")] = None


@router.get("/v1/tasks", response_model=TaskPage)
async def tasks_list(request: Request, state: State, who: Reader, page: Paging, wanted: Annotated[Wanted, Asked(Wanted)]) -> Response:
    """List the tasks, newest first."""
    return answer(request, await TaskReads(state.reads, who.tenant_id).list_(page, asdict(wanted)))


@router.post("/v1/tasks", status_code=202, response_model=TaskDetail, responses=problems(409))
def tasks_create(state: State, who: Creator, once: Repetition, new: Annotated[NewTask, Body()]) -> Response:
    """Add a task: a video about a topic, from sources, of a finished script or in every respect, a finished film, one call of a tool, or one agent."""

    def effect(session: UnitOfWork) -> Answer:
        (made,) = TaskDesk(session, state, who).add([new], place="")
        return Answer(task_json(session, who.tenant_id, made), 202, f"/v1/tasks/{made}")

    return once.run(state, who, effect)


@router.post("/v1/tasks/batch", status_code=202, response_model=TaskList, responses=problems(409))
def tasks_create_batch(state: State, who: Creator, once: Repetition, new: NewTasks) -> Response:
    """Add up to 50 tasks, all or none; what is wrong is told by index and field."""

    def effect(session: UnitOfWork) -> Answer:
        made = [task_json(session, who.tenant_id, one) for one in TaskDesk(session, state, who).add(new.tasks)]
        return Answer(b'{"items":[' + b",".join(made) + b"]}", 202, "/v1/tasks")

    return once.run(state, who, effect)


@router.get("/v1/tasks/{task_id}", response_model=TaskDetail, responses=problems(404))
async def tasks_get(request: Request, state: State, who: Reader, task_id: TaskId) -> Response:
    """Return one task: what was asked, what serves it and how far that is."""
    return answer(request, await TaskReads(state.reads, who.tenant_id).get(task_id))


@router.post("/v1/tasks/{task_id}/cancel", response_model=TaskDetail, responses=problems(404, 409))
def tasks_cancel(state: State, who: Canceller, once: Repetition, task_id: TaskId, asked: Cancelling) -> Response:
    """Take a task back whose video is not in the making yet, or stop its call."""

    def effect(session: UnitOfWork) -> Answer:
        TaskDesk(session, state, who).cancel(task_id, asked.reason)
        return Answer(task_json(session, who.tenant_id, task_id))

    return once.run(state, who, effect)


@router.post("/v1/tasks/{task_id}/replay", status_code=202, response_model=TaskDetail, responses=problems(404, 409))
def tasks_replay(state: State, who: Canceller, once: Repetition, task_id: TaskId) -> Response:
    """Do a failed or cancelled task again."""

    def effect(session: UnitOfWork) -> Answer:
        TaskDesk(session, state, who).replay(task_id)
        return Answer(task_json(session, who.tenant_id, task_id), 202, f"/v1/tasks/{task_id}")

    return once.run(state, who, effect)


@router.get("/v1/tools", response_model=ToolList)
async def tools_list(request: Request, who: Reader) -> Response:  # noqa: ARG001 - asked for, not read
    """List the tools that a task may call, each with the schema of its arguments, and the others, each with what to do instead."""
    return answer(request, _tools())


@router.get("/v1/agents", response_model=AgentList)
async def agents_list(request: Request, who: Reader) -> Response:  # noqa: ARG001 - asked for, not read
    """List the agents that a task may ask alone, each with the schema of what it takes, and what of them it may not, with what to do instead."""
    return answer(request, _agents())


@cache
def _agents() -> bytes:
    found = [{"name": name, "input": player.takes.model_json_schema()} for name, player in sorted(PLAYERS.items())]
    others = [{"name": name, "why_not": why_not} for name, why_not in sorted(NOT_ALONE.items())]
    return AgentList.model_validate({"items": found, "others": others}).model_dump_json().encode()


@cache
def _tools() -> bytes:
    return ToolList.model_validate(callable_tools()).model_dump_json().encode()
