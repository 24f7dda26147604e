"""What a run's nodes are given: the studio as one run sees it, and each agent's context for one node."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from graphs.recall import JobRecall
from graphs.request import ProductionRequest
from graphs.troubles import OURS, MachineTrouble
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.ids import canonical_json
from infra.settings import Settings
from memory.artifacts import Decision, Format, Provenance
from memory.media import MediaStore
from memory.personality import Personality
from memory.readings import Reading
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.decisions import DecisionRepository
from memory.repositories.readings import ReadingRepository
from memory.repositories.runs import RunLease, RunRepository
from memory.repositories.snapshots import SnapshotRepository
from tools.base import Args, Result, ToolSpec
from tools.call import JobFailed, JobKey, RunScope, ToolCaller

A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Studio:
    """One run's view of the studio; LangGraph hands it to every node. `changes` are what approved changes make of the personality's file, for this run."""

    run_id: str
    channel_id: str
    request: ProductionRequest
    personality: Personality
    settings: Settings
    database: Database
    store: MediaStore
    caller: ToolCaller
    changes: Mapping[str, Any] = field(default_factory=dict)
    provenance: Provenance = Provenance.REAL
    clock: Clock = SYSTEM_CLOCK
    lease: RunLease | None = None

    def ensure_held(self, runs: RunRepository) -> None:
        """Fence the transaction of `runs`: raises RunLeaseLost once another runner took the run over; a reader has no lease to lose."""
        if self.lease is not None:
            runs.verify_lease(self.lease)

    def node(self, node: str, iteration: int, agent: str, provenance: str) -> "NodeContext":
        """Return the context of one agent in one node at one iteration."""
        return NodeContext(self, node, iteration, agent, Provenance(provenance))

    def load(self, digest: str, model: type[M]) -> M:
        """Read an artifact body."""
        return model.model_validate_json(self.store.read(digest))

    async def keep(self, body: BaseModel, kind: str, provenance: str) -> str:
        """Store a body as an artifact of this run and return its digest."""
        return await asyncio.to_thread(self._keep, body, kind, provenance)

    def _keep(self, body: BaseModel, kind: str, provenance: str) -> str:
        data = canonical_json(body.model_dump(mode="json"))
        digest = self.store.put_bytes(data)
        with self.database.unit_of_work() as session:
            ArtifactRepository(session).record(
                digest=digest, run_id=self.run_id, kind=kind, media_type="application/json", size_bytes=len(data), provenance=provenance
            )
        return digest

    async def decide(self, node: str, iteration: int, decisions: tuple[Decision, ...]) -> None:
        """Record an agent's decisions; a re-run of the node replaces them with the same."""

        def write() -> None:
            with self.database.unit_of_work() as session:
                self.ensure_held(RunRepository(session))
                DecisionRepository(session).record(self.run_id, node, iteration, decisions)

        await asyncio.to_thread(write)


@dataclass
class NodeContext:
    """The `AgentContext` of one agent in one node; job keys count up in call order, so a re-run finds its jobs.

    Calls made while gathering count apart from the rest: a re-run that loads its snapshot skips them.
    """

    studio: Studio
    node: str
    iteration: int
    agent: str
    provenance: Provenance
    _ordinals: dict[str, int] = field(default_factory=dict, init=False)
    _phase: str = field(default="", init=False)

    @property
    def run_id(self) -> str:
        """Id of the run, which is also its LangGraph thread."""
        return self.studio.run_id

    @property
    def personality(self) -> Personality:
        """The channel's personality."""
        return self.studio.personality

    @property
    def format(self) -> Format:
        """The frame of the video."""
        return self.studio.request.format

    @property
    def seconds(self) -> int:
        """The length asked for."""
        return self.studio.request.seconds

    @property
    def seed(self) -> int:
        """The seed of every random choice."""
        return self.studio.request.seed

    @property
    def settings(self) -> Settings:
        """The studio's settings."""
        return self.studio.settings

    @property
    def store(self) -> MediaStore:
        """The media store."""
        return self.studio.store

    @property
    def clock(self) -> Clock:
        """The studio's clock."""
        return self.studio.clock

    @property
    def recall(self) -> JobRecall:
        """Recall within the channel and provenance of the run; it embeds through jobs of this node."""
        return JobRecall(self.studio.database, self.studio.channel_id, self.provenance, self.call)

    async def readings(self, ids: tuple[str, ...]) -> tuple[Reading, ...]:
        """Return the readings of a platform that still live."""

        def read() -> tuple[Reading, ...]:
            with self.studio.database.unit_of_work() as session:
                return ReadingRepository(session, self.studio.clock.now()).find(ids)

        return await asyncio.to_thread(read)

    async def call(self, spec: ToolSpec[A, R], args: A, patience_s: float | None = None) -> R:
        """Run a tool as a job under the key (run, node, iteration, ordinal) and return its result; one that puts itself off for longer than
        `patience_s` is withdrawn, and failed of what held it back.

        Raises what the caller raises, and MachineTrouble where the job died of something that no agent should work around.
        """
        ordinal = self._ordinals.get(self._phase, 0)
        self._ordinals[self._phase] = ordinal + 1
        key = JobKey(run_id=self.run_id, node=self.node + self._phase, iteration=self.iteration, ordinal=ordinal)
        urgency = self.studio.request.priority
        scope = RunScope(self.run_id, self.studio.channel_id, self.provenance, self.seed, priority=urgency, patience_s=patience_s)
        try:
            return await self.studio.caller.call(spec, args, key=key, agent=self.agent, run=scope)
        except JobFailed as failed:
            if failed.reason in OURS:
                raise MachineTrouble(failed) from failed
            raise

    async def snapshot(self, model: type[M], gather: Callable[[], Awaitable[M]]) -> M:
        """Return the node's snapshot: gathered and committed the first time, loaded ever after."""
        digest = await asyncio.to_thread(self._find_snapshot)
        if digest is not None:
            return self.studio.load(digest, model)
        self._phase = ".gather"
        try:
            gathered = await gather()
        finally:
            self._phase = ""
        digest = await self.studio.keep(gathered, f"snapshot.{self.node}", self.provenance)
        winner = await asyncio.to_thread(self._commit_snapshot, digest)
        return gathered if winner == digest else self.studio.load(winner, model)

    def _find_snapshot(self) -> str | None:
        with self.studio.database.unit_of_work() as session:
            return SnapshotRepository(session).find(self.run_id, self.node, self.iteration)

    def _commit_snapshot(self, digest: str) -> str:
        with self.studio.database.unit_of_work() as session:
            self.studio.ensure_held(RunRepository(session))
            return SnapshotRepository(session).commit(self.run_id, self.node, self.iteration, digest)
