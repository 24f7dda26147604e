"""An agent's context for evaluation: the tools' real implementations in this process, in a home of its own."""

import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel

from infra.clock import Clock
from infra.settings import Settings, load_settings
from memory.artifacts import Format, Provenance
from memory.media import MediaStore
from memory.personality import Personality, get_personality
from memory.readings import Reading
from memory.recall import Remembered
from tools.allowlist import ensure_allowed
from tools.base import Args, Result, ToolContext, ToolSpec
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs
from tools.registry import Registry, load_constant

A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)
M = TypeVar("M", bound=BaseModel)

RUN_ID = "run_evaluation"
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class StillClock:
    """A clock that stands, so that the same case gives the same answer on any day."""

    at: datetime = START

    def now(self) -> datetime:
        """Return the one moment there is."""
        return self.at

    def monotonic(self) -> float:
        """Return the same number for ever."""
        return 0.0


@dataclass(frozen=True)
class CaseMemory:
    """What the channel remembers in a case: texts of earlier topics, scripts and lessons."""

    topics: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()


@dataclass(frozen=True)
class EvalRecall:
    """The `Recall` port over a case's memory, with the real embedding."""

    memory: CaseMemory
    call: Callable[[ToolSpec[Any, Any], Any], Awaitable[Any]]

    async def topics(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return earlier topics nearest to `text`, best first."""
        return await self._nearest("topic", self.memory.topics, text, limit)

    async def scripts(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return earlier scripts nearest to `text`, best first."""
        return await self._nearest("script", self.memory.scripts, text, limit)

    async def lessons(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        """Return lessons nearest to `text`, best first."""
        return await self._nearest("lesson", self.memory.lessons, text, limit)

    async def similarities(self, query: str, texts: tuple[str, ...]) -> tuple[float, ...]:
        """Return the cosine similarity of `query` to each of `texts`, in order."""
        if not texts:
            return ()
        vectors = np.asarray((await self.call(EMBED_TEXT, EmbedTextArgs(texts=(query, *texts)))).vectors)
        return tuple(float(value) for value in vectors[1:] @ vectors[0])

    async def _nearest(self, kind: str, known: tuple[str, ...], text: str, limit: int) -> tuple[Remembered, ...]:
        similar = await self.similarities(text, known)
        found = [
            Remembered(id=f"{kind}-{index}", kind=kind, text=one, similarity=min(1.0, max(0.0, value)), channel_id="evaluation")
            for index, (one, value) in enumerate(zip(known, similar, strict=True))
        ]
        return tuple(sorted(found, key=lambda one: (-one.similarity, one.id))[:limit])


@dataclass(frozen=True)
class Called:
    """One tool call an agent made."""

    tool: str
    args: dict[str, Any]


@dataclass
class EvalContext:
    """The `AgentContext` of one case. `stored` is the case's snapshot: with it, nothing is gathered."""

    agent: str
    personality: Personality
    settings: Settings
    store: MediaStore
    stored: BaseModel | None = None
    memory: CaseMemory = field(default_factory=CaseMemory)
    seconds: int = 30
    seed: int = 1
    format: Format = Format.LANDSCAPE
    provenance: Provenance = Provenance.DEMO
    run_id: str = RUN_ID
    clock: Clock = field(default_factory=StillClock)
    calls: list[Called] = field(default_factory=list)

    @property
    def recall(self) -> EvalRecall:
        """The case's memory."""
        return EvalRecall(self.memory, self.call)

    async def readings(self, ids: tuple[str, ...]) -> tuple[Reading, ...]:  # noqa: ARG002 - the shape of the port
        """Return nothing: a case never holds what a platform told."""
        return ()

    async def call(self, spec: ToolSpec[A, R], args: A, patience_s: float | None = None) -> R:  # noqa: ARG002 - the shape of a context
        """Run a tool's real implementation here, if the agent may call it; raises ToolDenied, and whatever the tool raises."""
        ensure_allowed(self.agent, spec.name)
        registered = Registry().get(spec.name)
        self.calls.append(Called(spec.name, args.model_dump(mode="json")))
        with tempfile.TemporaryDirectory(dir=self.settings.home) as scratch:
            tool_context = ToolContext(
                settings=self.settings,
                store=self.store,
                scratch=Path(scratch),
                run_id=self.run_id,
                channel_id=self.personality.id,
                provenance=self.provenance,
                seed=self.seed,
                clock=self.clock,
            )
            made = load_constant(registered.implementation)(args, tool_context)
        return spec.result.model_validate(made.model_dump())

    async def snapshot(self, model: type[M], gather: Callable[[], Awaitable[M]]) -> M:
        """Return the stored snapshot of the case, or gather one."""
        return model.model_validate(self.stored.model_dump()) if self.stored is not None else await gather()


@dataclass(frozen=True)
class Bench:
    """One home that the cases of an evaluation share; each gets a context of its own."""

    settings: Settings
    store: MediaStore

    def context(self, agent: str, channel: str, **about: Any) -> EvalContext:
        """Return the context of one agent on one channel."""
        return EvalContext(agent=agent, personality=get_personality(channel), settings=self.settings, store=self.store, **about)

    def tool_context(self) -> ToolContext:
        """Return a context for preparing a case with a tool itself."""
        return ToolContext(settings=self.settings, store=self.store, scratch=self.settings.home, provenance=Provenance.DEMO, clock=StillClock())


@contextmanager
def open_bench() -> Iterator[Bench]:
    """Yield a bench in a temporary home without network; only built models are shared with the studio's own cache."""
    models = load_settings().cache_root / "models"
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ytempire-evals-") as folder:
        home = Path(folder)
        settings = Settings(
            _env_file=None, home=home, media="", network="off", language="offline", openai_api_key=None, openai_base_url=None, anthropic_api_key=None
        )
        settings.cache_root.mkdir()
        (settings.cache_root / "models").symlink_to(models, target_is_directory=True)
        yield Bench(settings, MediaStore(settings.media_root))
