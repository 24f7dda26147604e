"""What a supervisor runs: the shape of a unit, a plain process as one, and what a unit's launches and ends so far tell."""

import signal
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from infra.processes import Launch, start_process

Kind = Literal["service", "control", "worker"]
STOP_ORDER: tuple[Kind, ...] = ("worker", "control", "service")
FIRST_DELAY_S, LONGEST_DELAY_S, HEALTHY_AFTER_S = 0.1, 30.0, 20.0
# So many failures in a row, none of them after a healthy while, are a loop and no accident: by then a restart waits for more than three seconds.
LOOP_AFTER = 6
_ENDS_KEPT = 10


class Unit(Protocol):
    """Something that runs as one process: an embedded server, a control process or a worker."""

    @property
    def name(self) -> str:
        """A name that is unique in its supervisor."""
        ...

    @property
    def kind(self) -> str:
        """`service`, `control` or `worker`: workers stop first, services last."""
        ...

    @property
    def stop_signal(self) -> signal.Signals:
        """The signal that asks for a clean end."""
        ...

    @property
    def grace_s(self) -> float:
        """Seconds from that signal to SIGKILL."""
        ...

    @property
    def log(self) -> Path:
        """Where its output goes."""
        ...

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start the process, bound to the calling thread by a death signal."""
        ...

    def stop(self) -> None:
        """Give back what the unit holds; the process has ended."""
        ...


@dataclass(frozen=True)
class ProcessSpec:
    """A control process or worker: what to run and how to end it."""

    name: str
    kind: Kind
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    # Descriptors that every launch gets, such as a listening socket: who connects while it is started anew waits instead of being refused.
    pass_fds: tuple[int, ...] = ()
    # Whether it leaves the processor to the others.
    steps_back: bool = False

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start the process; it dies at once when the supervisor does."""
        launch = Launch(self.argv, self.log, self.env, cwd=self.cwd, death_signal=signal.SIGKILL, pass_fds=self.pass_fds, steps_back=self.steps_back)
        return start_process(launch)

    def stop(self) -> None:
        """Do nothing: a plain process holds nothing beyond its end."""


@dataclass(frozen=True)
class End:
    """One end of a unit's process: when on the monotonic clock, with which exit code (negative: the signal), and after how long."""

    at: float
    code: int
    ran_s: float


@dataclass(frozen=True)
class UnitState:
    """A unit as it stands: whether it runs, how often it was launched, and how it ended so far, the newest end last.

    `failures` counts crashes since it last ran well; `loops` says that they have become a loop. `restart_in_s` is None while it runs.
    """

    name: str
    kind: str
    pid: int | None
    up_s: float
    launches: int
    failures: int
    loops: bool
    restart_in_s: float | None
    ends: tuple[Mapping[str, float], ...]


@dataclass
class Slot:
    """A unit with its process and its history, as the supervisor keeps it."""

    unit: Unit
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    launches: int = 0
    failures: int = 0
    due: float | None = None
    ends: deque[End] = field(default_factory=lambda: deque(maxlen=_ENDS_KEPT))

    @property
    def loops(self) -> bool:
        """Whether it crashes as soon as it is started, again and again."""
        return self.failures >= LOOP_AFTER

    def note_end(self, now: float, code: int) -> None:
        """Write down an end and decide when the unit is launched again.

        A process that ends by itself after real work is being recycled; anything else is a crash, and each waits twice as long as the one before.
        """
        ran_s = now - self.started
        self.ends.append(End(now, code, ran_s))
        self.back_off(now, failed=code != 0 or ran_s < 1.0, healthy=ran_s >= HEALTHY_AFTER_S)

    def back_off(self, now: float, *, failed: bool, healthy: bool = False) -> None:
        """Set when the unit is due again."""
        self.failures = 0 if healthy else self.failures
        delay = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2**self.failures) if failed else 0.0
        self.failures += failed
        self.due = now + delay

    def state(self, now: float) -> UnitState:
        """Return how the unit stands at `now`."""
        running = self.process is not None
        return UnitState(
            name=self.unit.name,
            kind=self.unit.kind,
            pid=self.process.pid if self.process is not None else None,
            up_s=round(now - self.started, 1) if running else 0.0,
            launches=self.launches,
            failures=0 if running and now - self.started >= HEALTHY_AFTER_S else self.failures,
            loops=self.loops and not (running and now - self.started >= HEALTHY_AFTER_S),
            restart_in_s=None if self.due is None else round(max(0.0, self.due - now), 2),
            ends=tuple({"code": end.code, "ago_s": round(now - end.at, 1), "ran_s": round(end.ran_s, 1)} for end in self.ends),
        )
