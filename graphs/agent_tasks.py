"""Tasks that are one agent on what it is given: taken up by the conductor, kept and shown by the task."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from agents import crisis_monitor, publisher, scriptwriter, thumbnail_designer, trend_scout, voice_director
from agents.base import AgentContext
from graphs.context import NodeContext, Studio
from graphs.recoveries import is_gone, runner_name
from graphs.request import ProductionRequest
from graphs.runbook import RunBook
from graphs.troubles import DATABASE_AWAY, code_of, may_pass, message_of
from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import StudioError
from infra.ids import canonical_json
from infra.log import get_logger
from memory.artifacts import Provenance
from memory.operator_script import LONGEST_TEXT
from memory.records.tasks import TaskRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.named_leases import NamedLeaseRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from memory.repositories.tasks import TaskRepository
from tools.base import provenance_of_sources

M = TypeVar("M", bound=BaseModel)
LEASE, LEASE_S = "agent tasks", 20.0
AT_ONCE = 2
# Trouble that may pass is waited for, longer each time: 10, 20, 40, 80 s.
MOST_TRIES, FIRST_REST_S = 5, 10.0
AGENT_DONE, AGENT_FAILED, AGENT_STUMBLED = "agent_task.done", "agent_task.failed", "agent_task.stumbled"
_log = get_logger("agents")


@dataclass(frozen=True)
class Player:
    """An agent, or a part of what it does, that can be asked alone: what it takes, and how it is asked."""

    takes: type[BaseModel]
    play: Callable[[Any, Any], Awaitable[BaseModel]]


class AdoptInput(scriptwriter.Input):
    """A finished script (`# Title`, `## Headings`, sentences) beside what a writer is given: its sentences are bound to sources, and none is changed."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


async def _adopt(given: AdoptInput, ctx: AgentContext) -> scriptwriter.Output:
    return await scriptwriter.adopt(given.text, given, ctx)


# What an agent does mainly bears its name; what else it does, the name of the part behind a dot.
PLAYERS: dict[str, Player] = {
    "trend_scout": Player(trend_scout.Input, trend_scout.run),
    "scriptwriter": Player(scriptwriter.Input, scriptwriter.run),
    "scriptwriter.adopt": Player(AdoptInput, _adopt),
    "voice_director": Player(voice_director.Input, voice_director.run),
    "thumbnail_designer": Player(thumbnail_designer.DesignInput, thumbnail_designer.design),
    "thumbnail_designer.illustrate": Player(thumbnail_designer.IllustrateInput, thumbnail_designer.illustrate),
    "publisher.prepare": Player(publisher.PrepareInput, publisher.prepare),
    "crisis_monitor": Player(crisis_monitor.ScreenInput, crisis_monitor.screen),
}
# Parts that change what is seen outside: why no task asks for them, and what to do instead.
NOT_ALONE = {
    "publisher.publish": "nothing is published but what a run has made and somebody approved; start one with `POST /v1/runs`, or bring a film with a "
    "task of kind `ready`",
    "crisis_monitor.watch": "a look may take a video out of sight, and is made by itself once it has been shown for an hour, a day, three days and a "
    "week; pull one back with `POST /v1/videos/{id}/pull-back`, and read `GET /v1/incidents`",
    "crisis_monitor.answer": "what a platform says is judged when it comes in; carry out what waits for a person with "
    "`POST /v1/incident-actions/{id}/carry-out`",
}


def why_not_alone(name: str) -> str:
    """Return why no task asks for that agent or part of one, and what to do instead; empty for one that may be asked."""
    if name in PLAYERS:
        return ""
    if name in NOT_ALONE:
        return f"{name} is not asked alone: {NOT_ALONE[name]}"
    parts = sorted(one for one in (*PLAYERS, *NOT_ALONE) if one.startswith(f"{name}."))
    return f"{name} is asked for a part of its work; one of {', '.join(parts)}" if parts else f"there is no agent {name!r}; `GET /v1/agents` lists them"


def read_input(agent: str, given: dict[str, Any]) -> BaseModel | list[tuple[str, str]]:
    """Return what an agent is given, or what is wrong with it: each field and what it takes."""
    try:
        return PLAYERS[agent].takes.model_validate(given)
    except ValidationError as error:
        return [(".".join(str(part) for part in one["loc"]), one["msg"].removeprefix("Value error, ")) for one in error.errors()]


class TaskContext(NodeContext):
    """The context of an agent that works for a task and not for a run: its snapshot lies with the task."""

    async def snapshot(self, model: type[M], gather: Callable[[], Awaitable[M]]) -> M:
        """Return what the agent is shown: gathered the first time, loaded when it is begun again after its process died."""
        digest = await asyncio.to_thread(self._shown, None)
        if digest is not None:
            return self.studio.load(digest, model)
        self._phase = ".gather"
        try:
            gathered = await gather()
        finally:
            self._phase = ""
        kept = self.store.put_bytes(canonical_json(gathered.model_dump(mode="json")))
        winner = await asyncio.to_thread(self._shown, kept)
        return gathered if winner == kept else self.studio.load(str(winner), model)

    def _shown(self, digest: str | None) -> str | None:
        with self.studio.database.unit_of_work() as session:
            return TaskRepository(session).settle_snapshot(self.run_id, digest)


class AgentTasks:
    """Plays agents for tasks, one turn after the other; nothing it holds is needed to go on elsewhere, since every call is a job under the task's id."""

    def __init__(self, book: RunBook, clock: Clock = SYSTEM_CLOCK) -> None:
        self._book = book
        self._clock = clock
        self._owner = runner_name()
        self._playing: dict[str, asyncio.Task[None]] = {}
        self._rests: dict[str, tuple[int, float]] = {}

    @property
    def playing(self) -> tuple[str, ...]:
        """The tasks that are worked on."""
        return tuple(self._playing)

    async def turn(self) -> int:
        """Collect what is over, let go of what was taken back, and begin what waits; returns how many were begun."""
        for task_id in [task_id for task_id, work in self._playing.items() if work.done()]:
            await self._collect(task_id)
        with suppress(*DATABASE_AWAY):
            waiting = await asyncio.to_thread(self._waiting)
            if waiting is None:
                return 0
            for task_id in self._playing.keys() - {one.id for one in waiting}:
                await self._drop(task_id)
            return self._begin(waiting)
        return 0

    async def stop(self) -> None:
        """Leave everything for whoever takes it up next."""
        playing, self._playing = list(self._playing.values()), {}
        for work in playing:
            work.cancel()
        await asyncio.gather(*playing, return_exceptions=True)

    async def _collect(self, task_id: str) -> None:
        """Take what is over off the list; a fault of an agent's own that nobody foresaw ends its task, and nothing else."""
        (fault,) = await asyncio.gather(self._playing.pop(task_id), return_exceptions=True)
        if isinstance(fault, Exception) and not isinstance(fault, DATABASE_AWAY):
            _log.error(AGENT_FAILED, task=task_id, error=message_of(fault), exc_info=fault)
            await self._conclude(task_id, "failed", f"the agent failed on this input: {message_of(fault)}"[:1000], None)

    def _begin(self, waiting: tuple[TaskRecord, ...]) -> int:
        now, begun = self._clock.monotonic(), 0
        for task in waiting:
            rested = self._rests.get(task.id, (0, now))[1] <= now
            if len(self._playing) < AT_ONCE and task.id not in self._playing and rested:
                self._playing[task.id] = asyncio.create_task(self._play(task), name=f"agent {task.id}")
                begun += 1
        return begun

    def _waiting(self) -> tuple[TaskRecord, ...] | None:
        """Return the tasks to work on, most urgent first; None while another process does."""
        with self._book.database.unit_of_work() as session:
            waiting = TaskRepository(session).list_of_agents()
            if not waiting:
                return ()
            leases = NamedLeaseRepository(session)
            holder = leases.holder(LEASE)
            held = leases.acquire(LEASE, self._owner, LEASE_S, holder if holder and is_gone(holder) else None)
            return waiting if held is not None else None

    async def _drop(self, task_id: str) -> None:
        work = self._playing.pop(task_id)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await self._book.cancel_jobs(task_id)

    async def _play(self, task: TaskRecord) -> None:
        agent = str(task.payload["agent"])
        try:
            context = await asyncio.to_thread(self._context, task, agent)
            await self._book.replay_dead_jobs(task.id, (agent,))
            player = PLAYERS[agent]
            output = await player.play(player.takes.model_validate(task.payload["input"]), context)
        except StudioError as error:
            await self._stumbled(task, error)
            return
        await self._conclude(task.id, "done", "", output.model_dump(mode="json"))
        _log.info(AGENT_DONE, task=task.id, agent=agent)

    async def _stumbled(self, task: TaskRecord, error: StudioError) -> None:
        tries = self._rests.get(task.id, (0, 0.0))[0] + 1
        if may_pass(error) and tries < MOST_TRIES:
            self._rests[task.id] = (tries, self._clock.monotonic() + FIRST_REST_S * 2 ** (tries - 1))
            _log.warning(AGENT_STUMBLED, task=task.id, code=code_of(error), error=error.message, tries=tries)
            return
        await self._conclude(task.id, "failed", message_of(error)[:1000], None)
        _log.warning(AGENT_FAILED, task=task.id, code=code_of(error), error=error.message)

    async def _conclude(self, task_id: str, status: str, reason: str, result: dict[str, Any] | None) -> None:
        def write() -> None:
            with self._book.database.unit_of_work() as session:
                TaskRepository(session).conclude(task_id, status, reason, result)

        self._rests.pop(task_id, None)
        await asyncio.to_thread(write)

    def _context(self, task: TaskRecord, agent: str) -> TaskContext:
        book, channel = self._book, str(task.channel_id)
        with book.database.unit_of_work() as session:
            TaskRepository(session).begin_agent(task.id)
            ChannelRepository(session).ensure_active(channel)
            personality = PersonalityChangeRepository(session).personality(channel)
        wanted = {name: task.payload[name] for name in ("format", "seconds", "seed") if task.payload.get(name) is not None}
        request = ProductionRequest.model_validate({"channel": channel, "priority": task.priority, **wanted})
        truth = Provenance.DEMO if book.settings.network == "off" else provenance_of_sources(book.settings, Provenance.REAL)
        studio = Studio(
            run_id=task.id,
            channel_id=channel,
            request=request,
            personality=personality,
            settings=book.settings,
            database=book.database,
            store=book.store,
            caller=book.caller,
            provenance=truth,
            clock=self._clock,
        )
        return TaskContext(studio, agent, task.attempt, agent.partition(".")[0], truth)
