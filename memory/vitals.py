"""What the watchdog reads of a studio: plain figures, each with the moment or the age it stands for. Ages are by the database's clock."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RunPulse:
    """An unfinished run that waits for nobody: `quiet_s` since anything of it last changed; `busy` while one of its jobs runs within its limit."""

    id: str
    channel_id: str
    quiet_s: float
    held: bool
    owner: str | None
    busy: bool


@dataclass(frozen=True)
class PendingApproval:
    """A question to a person that was not answered yet."""

    id: str
    run_id: str
    gate: str
    age_s: float


@dataclass(frozen=True)
class QueueState:
    """One queue: jobs that are due and wait, the age of the one that is due longest, jobs in flight, and living workers."""

    queue: str
    waiting: int
    oldest_s: float
    flying: int
    workers: int


@dataclass(frozen=True)
class DeadLetters:
    """Jobs that ended without a result: how many in the last hour, and how many are quarantined because they killed their workers."""

    last_hour: int
    quarantined: int


@dataclass(frozen=True)
class SessionState:
    """One of our sessions at the database that has a transaction open: its process there, what it does, and for how long."""

    pid: int
    application: str
    state: str
    transaction_s: float
    state_s: float


@dataclass(frozen=True)
class DatabaseState:
    """The database as a whole: its clock, its connections, and the sessions that keep a transaction open."""

    now: datetime
    answered_s: float
    connections: int
    allowed: int
    sessions: tuple[SessionState, ...]


@dataclass(frozen=True)
class Overdue:
    """Work that has its time and was not taken: how many, and by how many seconds the oldest is late."""

    count: int
    oldest_s: float
