"""What every agent is given: its channel, the tools it may call, and where its snapshot and decisions go."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from pydantic import BaseModel

from infra.clock import Clock
from infra.settings import Settings
from memory.artifacts import Format, Provenance
from memory.media import MediaStore
from memory.personality import Personality
from memory.readings import Reading
from memory.recall import Recall
from tools.base import Args, Result, ToolSpec

A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)
M = TypeVar("M", bound=BaseModel)


class AgentContext(Protocol):
    """The one parameter, beside its input, of every agent's `run`.

    The graph builds it for one node of one run; an agent never sees graph state, a queue, a session or a key.
    `provenance` is settled by the trend scout and only read by the others.
    """

    provenance: Provenance

    @property
    def run_id(self) -> str:
        """Id of the run."""
        ...

    @property
    def personality(self) -> Personality:
        """The channel's personality."""
        ...

    @property
    def format(self) -> Format:
        """The frame of the video."""
        ...

    @property
    def seconds(self) -> int:
        """The length asked for, in seconds."""
        ...

    @property
    def seed(self) -> int:
        """The seed of every random choice."""
        ...

    @property
    def settings(self) -> Settings:
        """The studio's settings."""
        ...

    @property
    def store(self) -> MediaStore:
        """The media store."""
        ...

    @property
    def clock(self) -> Clock:
        """The studio's clock."""
        ...

    @property
    def recall(self) -> Recall:
        """The memory of the channel, by meaning."""
        ...

    async def readings(self, ids: tuple[str, ...]) -> tuple[Reading, ...]:
        """Return what a platform told, by the references that a snapshot holds; what has expired is left out."""
        ...

    async def call(self, spec: ToolSpec[A, R], args: A, patience_s: float | None = None) -> R:
        """Run a tool as a job and return its result; a re-run of the node gets the stored result. One that puts itself off for longer than `patience_s`
        fails.
        """
        ...

    async def snapshot(self, model: type[M], gather: Callable[[], Awaitable[M]]) -> M:
        """Return the node's frozen snapshot: gathered and committed the first time, loaded ever after."""
        ...
