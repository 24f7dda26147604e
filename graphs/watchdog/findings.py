"""What a judgement is: a status with its reading, limit, consequence and way out, and the acts that may heal it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from infra.embedded.redis import Persistence
from infra.machine import MachineReading
from memory.repositories.heartbeats import Pulse
from memory.repositories.workers import WorkerView
from memory.vitals import DatabaseState, DeadLetters, Overdue, PendingApproval, QueueState, RunPulse

Status = Literal["ok", "warning", "critical", "unknown"]
ActKind = Literal["restart", "wake", "kill_worker", "expire_approval", "end_session", "prune_scratch", "brake", "release"]


@dataclass(frozen=True)
class Act:
    """Something the watchdog does about a finding: to what, and why. `again_after_s` keeps it from doing the same to the same all the time."""

    kind: ActKind
    target: str
    why: str
    again_after_s: float = 600.0


@dataclass(frozen=True)
class Judgement:
    """What one check says of one reading."""

    name: str
    status: Status
    said: str
    fix: str = ""
    reading: Mapping[str, Any] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Work:
    """How far the work of the studio has come, by the database's rows."""

    runs: tuple[RunPulse, ...]
    approvals: tuple[PendingApproval, ...]
    queues: tuple[QueueState, ...]
    dead: DeadLetters
    checks: Overdue
    wakes: Overdue
    untold: Overdue
    backup_age_s: float | None
    pulses: tuple[Pulse, ...]
    workers: tuple[WorkerView, ...]
    braked: frozenset[str] = frozenset()
    stopped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vitals:
    """Everything one turn reads; a part that could not be read is None, and `missed` says why.

    `wall_jump_s` and `database_jump_s` are by how much these clocks moved against the monotonic one since the turn before. `waiting_before` holds what
    waited in each queue at the turns before, oldest first. `host` names the machine that the watchdog runs on, `up_s` is for how long it has run.
    """

    wall: datetime
    wall_jump_s: float
    machine: MachineReading | None
    database: DatabaseState | None
    redis: Persistence | None
    work: Work | None
    host: str = ""
    up_s: float = 0.0
    database_jump_s: float = 0.0
    waiting_before: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    missed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """The limits that readings are judged by: seconds, bytes, shares and counts."""

    run_stuck_s: float = 1800.0
    approval_s: float = 259_200.0
    queue_warning_s: float = 600.0
    queue_critical_s: float = 1800.0
    queue_growth: int = 10
    dead_letters: int = 20
    checks_late_s: float = 900.0
    wakes_late_s: float = 180.0
    untold_s: float = 900.0
    backup_s: float = 86_400.0
    beats_missed: float = 3.0
    stalled_s: float = 1800.0
    worker_silent_s: float = 60.0
    worker_dead_s: float = 180.0
    crashes: int = 5
    crashes_within_s: float = 600.0
    high_water_bytes: int = 3_000_000_000
    low_water_bytes: int = 1_000_000_000
    # Space must come back by so much before a brake is let go, so that it does not flutter.
    water_back: float = 1.2
    memory_share: float = 0.05
    control_rss_bytes: int = 1_500_000_000
    clock_jump_s: float = 5.0
    clock_skew_s: float = 5.0
    redis_share: float = 0.8
    connections_share: float = 0.8
    idle_transaction_s: float = 120.0
    transaction_s: float = 1800.0
    answer_s: float = 5.0
    wal_bytes: int = 2_000_000_000
    log_bytes: int = 2_000_000_000
    brake_s: float = 600.0
