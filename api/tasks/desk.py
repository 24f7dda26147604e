"""What is done with tasks: take them in, all of a batch or none, take one back, and do one again. Each is put on record."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from api.authority import ensure_level, may_decide
from api.autonomous_runs import cancel_task, wake_for_tasks
from api.http.principal import Principal
from api.http.refusals import InvalidFields
from api.http.state import ServiceState
from api.tasks.films import CAPTION_TYPES, FilmDesk
from api.tasks.places import problems_of_closed, problems_of_files, problems_of_places
from api.tasks.schemas import AgentTask, NewTask, ReadyTask, ScriptTask, ToolTask, VideoTask
from graphs.agent_tasks import read_input, why_not_alone
from graphs.autonomous_request import read_task
from infra.database import UnitOfWork
from infra.errors import Conflict, Invalid, NotFound
from memory.artifacts import Provenance
from memory.records.tasks import PRIORITIES, TaskRecord
from memory.repositories import tasks
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.jobs import JobRepository
from memory.repositories.uploads import UploadRepository
from tools.call import JobKey, RunScope, job_of
from tools.fetch_guard import AddressForbidden, check_public
from tools.queue_names import queue_of
from tools.read_source.schema import UPLOADED
from tools.registry import TOOLS, Registry, UnknownTool

HAND = "operator"
_NODE = "task"
_COMMON = {"kind", "channel", "priority", "due_at", "key"}
# A brief shows more pictures than a call of a tool takes.
MOST_FILES_OF_AGENTS = 500
# What no autonomous run takes into its plan.
_ALONE = {"tool", "agent"}
Broken = tuple[str, str]


class TaskDesk:
    """Tasks of whoever asks, inside one unit of work."""

    def __init__(self, session: UnitOfWork, state: ServiceState, who: Principal) -> None:
        self._session = session
        self._state = state
        self._who = who
        self._tasks = tasks.TaskRepository(session)
        self._jobs = JobRepository(session)
        self._films = FilmDesk(session, state.media, who.tenant_id)

    def add(self, wishes: Sequence[NewTask], place: str = "tasks") -> tuple[str, ...]:
        """Take in all tasks or none, and return their ids; raises InvalidFields naming index and field of everything that is wrong, and LevelNotAllowed."""
        broken = [(f"{place}.{at}.{field}" if place else field, said) for at, wish in enumerate(wishes) for field, said in self._problems(wish)]
        if broken:
            raise InvalidFields(broken)
        freed = [self._ensure_level(wish, f"{place}.{at}.autonomy" if place else "autonomy") for at, wish in enumerate(wishes)]
        made = [self._take(wish, free) for wish, free in zip(wishes, freed, strict=True)]
        for channel in {one.channel_id for one in made if one.kind not in _ALONE}:
            wake_for_tasks(self._session, channel)
        self._record("task.added", made[0].id if len(made) == 1 else "batch", {"tasks": [one.id for one in made]})
        return tuple(one.id for one in made)

    def cancel(self, task_id: str, reason: str) -> None:
        """Take a task back; raises TaskMissing, TaskClosed, and Conflict for one whose video is in the making."""
        job = self._job_of(self._tasks.get(task_id))
        if job is not None and not self._jobs.cancel(job):
            raise tasks.TaskClosed(f"task {task_id}: its call is over already", task=task_id)
        cancel_task(self._session, task_id, reason)
        self._record("task.cancelled", task_id, {"reason": reason})

    def replay(self, task_id: str) -> None:
        """Do a failed or cancelled task again; raises TaskMissing, TaskOpen, LevelNotAllowed, and for calls JobNotReplayable."""
        task = self._tasks.get(task_id)
        ensure_level(self._who, task.payload.get("autonomy"), self._levels(task.channel_id))
        if (job := self._job_of(task)) is not None:
            if task.status == "cancelled":
                raise Conflict(f"task {task_id}: its call was cancelled; add the task again instead", task=task_id)
            self._jobs.replay(job)
        else:
            again = self._tasks.requeue(task_id)
            if again.kind not in _ALONE:
                wake_for_tasks(self._session, again.channel_id)
        self._record("task.replayed", task_id, {})

    def _ensure_level(self, wish: NewTask, field: str) -> dict[str, Any]:
        """Return what its payload says of who wants its level, where that is a person who may decide; raises LevelNotAllowed."""
        wanted = getattr(wish, "autonomy", None)
        if wanted is None:
            return {}
        ensure_level(self._who, wanted, self._levels(wish.channel), field)
        return {"freed_by": self._who.user_id} if may_decide(self._who) else {}

    def _levels(self, channel: str | None) -> dict[str, str]:
        """Return what the channel has that a task names, or every channel that may take it."""
        return ChannelRepository(self._session).levels(None if channel is None else (channel,))

    def _take(self, wish: NewTask, freed: dict[str, Any]) -> TaskRecord:
        new = tasks.NewTask(wish.kind, {}, self._who.user_id, wish.channel, PRIORITIES[wish.priority], wish.due_at, wish.key, self._who.tenant_id)
        if isinstance(wish, AgentTask):
            return self._tasks.add(replace(new, payload=self._payload_of_agent(wish)))
        if not isinstance(wish, ToolTask):
            return self._tasks.add(replace(new, payload=read_task(wish.kind, self._payload(wish) | freed)))
        made = self._tasks.add(replace(new, payload={"tool": wish.tool, "args": wish.args}, status="planned"))
        spec = Registry().get(wish.tool)
        run = RunScope(made.id, wish.channel, self._provenance(), priority=PRIORITIES[wish.priority])
        job = job_of(spec, spec.args.model_validate(wish.args), JobKey(made.id, _NODE, 0, 0), HAND, run)
        queue = queue_of(spec, self._state.settings)
        with self._state.studio.one_statement() as studio:
            served = JobRepository(studio).is_served(queue)
        self._jobs.admit(replace(job, queue=queue), served=served)
        return made

    def _payload(self, wish: NewTask) -> dict[str, Any]:
        if isinstance(wish, ReadyTask):
            return self._films.payload(wish)
        given = wish.model_dump(mode="json", exclude=_COMMON, exclude_none=True)
        if "sources" in given:
            given["sources"] = [self._resolved(one) for one in given["sources"]]
        return given

    def _payload_of_agent(self, wish: AgentTask) -> dict[str, Any]:
        given = wish.model_dump(mode="json", exclude=_COMMON, exclude_none=True)
        if "sources" in wish.input:
            given["input"] = {**wish.input, "sources": [self._resolved(one) for one in wish.input["sources"]]}
        return given

    def _resolved(self, source: str) -> str:
        if not source.startswith("upload_"):
            return source
        found = UploadRepository(self._session).get(source, self._who.tenant_id)
        return f"{UPLOADED}{found.digest}/{found.name}"

    def _provenance(self) -> Provenance:
        return Provenance.DEMO if self._state.settings.network == "off" else Provenance.REAL

    def _problems(self, wish: NewTask) -> Iterator[Broken]:
        """Yield what is wrong with a task beyond its shape: each field, its limit and what to give instead."""
        if wish.channel is not None:
            try:
                ChannelRepository(self._session).get(wish.channel)
            except NotFound:
                yield "channel", f"there is no channel {wish.channel!r}; `GET /v1/channels` lists them"
        if wish.due_at is not None and wish.due_at <= self._state.clock.now():
            yield "due_at", "the time has passed; give one to come, or leave it out"
        if isinstance(wish, ToolTask):
            yield from self._problems_of_call(wish)
        elif isinstance(wish, AgentTask):
            yield from self._problems_of_agent(wish)
        else:
            yield from self._problems_of_video(wish)

    def _problems_of_video(self, wish: NewTask) -> Iterator[Broken]:
        if isinstance(wish, VideoTask) and wish.topic is None and not wish.sources:
            yield "topic", "a video needs a topic or sources; give one of them"
        if isinstance(wish, ReadyTask):
            yield from self._films.problems(wish)
        if isinstance(wish, ScriptTask):
            yield from _problems_of_script(wish)
        for at, source in enumerate(getattr(wish, "sources", ())):
            yield from self._problems_of_source(f"sources.{at}", source)

    def _problems_of_agent(self, wish: AgentTask) -> Iterator[Broken]:
        if wish.channel is None:
            yield "channel", "an agent works as a channel, in its voice and with its memory; name one of `GET /v1/channels`"
        if wish.due_at is not None:
            yield "due_at", "an agent alone has no due time; leave it out"
        if why_not := why_not_alone(wish.agent):
            yield "agent", why_not
            return
        given = read_input(wish.agent, wish.input)
        if not isinstance(given, BaseModel):
            yield from ((f"input.{field}", said) for field, said in given)
            return
        yield from problems_of_closed("input", given)
        for at, source in enumerate(wish.input.get("sources", ())):
            yield from self._problems_of_source(f"input.sources.{at}", source)
        yield from problems_of_files(self._session, "input", wish.input, MOST_FILES_OF_AGENTS)

    def _problems_of_call(self, wish: ToolTask) -> Iterator[Broken]:
        try:
            spec = Registry().get(wish.tool)
        except UnknownTool:
            yield "tool", f"there is no tool {wish.tool!r}; `GET /v1/tools` lists them"
            return
        if spec.why_not_alone:
            yield "tool", f"{wish.tool} is not called by itself: {spec.why_not_alone}"
            return
        if wish.due_at is not None:
            yield "due_at", "a call of a tool has no due time; leave it out"
        try:
            args = spec.args.model_validate(wish.args)
        except ValidationError as error:
            yield from ((_at("args", one["loc"]), one["msg"].removeprefix("Value error, ")) for one in error.errors())
            return
        yield from problems_of_places(self._session, self._state.media, args)

    def _problems_of_source(self, field: str, source: str) -> Iterator[Broken]:
        try:
            if source.startswith("upload_"):
                found = UploadRepository(self._session).get(source, self._who.tenant_id)
                if found.media_type in CAPTION_TYPES or found.media_type.startswith("video/"):
                    yield field, f"{found.name} is no document; give a text, or make a task of kind `ready` of a finished film"
            else:
                check_public(source)
        except NotFound:
            yield field, f"there is no upload {source}; send the file to `POST /v1/uploads` first"
        except AddressForbidden as error:
            yield field, str(error)

    def _job_of(self, task: TaskRecord) -> str | None:
        found = self._jobs.list_of_run(task.id) if task.kind == "tool" else ()
        return found[0].id if found else None

    def _record(self, action: str, subject: str, details: dict[str, Any]) -> None:
        AuditRepository(self._session).append(self._who.user_id, action, subject, details)


def callable_tools() -> dict[str, list[dict[str, Any]]]:
    """Return the tools that a task may call, each with the schema of its arguments, and the others, each with why not and what to do instead."""
    specs = sorted(TOOLS, key=lambda spec: spec.name)
    alone = [spec for spec in specs if not spec.why_not_alone]
    items = [{"name": spec.name, "queue": spec.queue, "timeout_s": spec.timeout_s, "args": spec.args.model_json_schema()} for spec in alone]
    return {"items": items, "others": [{"name": spec.name, "why_not": spec.why_not_alone} for spec in specs if spec.why_not_alone]}


def _problems_of_script(wish: ScriptTask) -> Iterator[Broken]:
    try:
        read_task("script", wish.model_dump(mode="json", exclude=_COMMON, exclude_none=True))
    except Invalid as error:
        field, colon, said = error.message.partition(": ")
        yield (field, said) if colon and " " not in field else ("script", error.message)


def _at(start: str, parts: Sequence[int | str]) -> str:
    return ".".join((start, *(str(one) for one in parts)))
