"""What a tool is: a light specification that anyone may import, and an implementation that only workers load."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import StudioError
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.media import MediaStore

QueueName = Literal["gpu", "cpu", "io", "publish"]


class Args(BaseModel):
    """Base of every tool's input: frozen JSON values and artifact digests only."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Result(BaseModel):
    """Base of every tool's output: small typed values; bodies are artifacts named by digest."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolError(StudioError):
    """The tool cannot do what was asked, and trying again would not help; the agent is told."""

    code = "tool_failed"


class ToolRetry(StudioError):
    """A passing fault: the job may be tried again. `after_s` is the least wait, when the other side named one."""

    code = "tool_retry"
    retryable = True

    def __init__(self, message: str, after_s: float | None = None, **details: object) -> None:
        super().__init__(message, **details)
        self.after_s = after_s


class ToolPaused(ToolRetry):
    """The job cannot go on before `after_s` seconds, through no fault of its own: it waits, and the wait costs it no attempt."""

    code = "tool_paused"


A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)


UNSAID = "nobody has said whether it may be called by itself"


@dataclass(frozen=True)
class ToolSpec(Generic[A, R]):
    """The contract of a tool. `implementation` is `package.module:function`, resolved by workers only.

    `why_not_alone` is empty for what a person or a program may call by itself, since it only reads or makes; else it says why not, and what to do instead.
    """

    name: str
    queue: QueueName
    args: type[A]
    result: type[R]
    implementation: str
    timeout_s: float = 120.0
    max_attempts: int = 3
    why_not_alone: str = UNSAID


def provenance_of_sources(settings: Settings, provenance: Provenance) -> Provenance:
    """Return what kind of truth the keyless sources give work of that provenance: a stand-in's answers are never real."""
    return Provenance.SIMULATED if settings.sources_sandbox_url and provenance is Provenance.REAL else provenance


def provenance_of_connection(settings: Settings) -> Provenance:
    """Return what kind of truth a channel that an owner connects now may publish: at a stand-in of the platform, what the studio's runs are there."""
    if settings.youtube_base_url is None:
        return Provenance.REAL
    return Provenance.SIMULATED if settings.sources_sandbox_url else Provenance.REHEARSAL


def _ignore_progress(_fraction: float, _note: str) -> None:
    """Drop a progress report: the default outside a worker."""


def _always_live() -> None:
    """Accept every fence check: the default outside a worker."""


@dataclass(frozen=True)
class ToolContext:
    """What a running tool is given; everything else it needs is in its arguments.

    `progress(fraction, note)` reports 0..1; `ensure_live()` raises `LeaseLost` when another worker owns the job now and
    must be called before every outside effect; `scratch` is an empty folder removed after the job. `attempt` counts from 1, and the last one is the
    tool's `max_attempts`.
    """

    settings: Settings
    store: MediaStore
    scratch: Path
    job_id: str = "job_local"
    run_id: str | None = None
    channel_id: str | None = None
    provenance: Provenance = Provenance.REAL
    seed: int = 0
    attempt: int = 1
    clock: Clock = SYSTEM_CLOCK
    progress: Callable[[float, str], None] = field(default=_ignore_progress)
    ensure_live: Callable[[], None] = field(default=_always_live)

    @property
    def provenance_of_sources(self) -> Provenance:
        """What kind of truth the keyless sources give this job."""
        return provenance_of_sources(self.settings, self.provenance)
