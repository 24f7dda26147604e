"""One turn's readings: the machine first, then the servers, each part by itself, so that what is down hides nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from graphs.watchdog.findings import Work
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.embedded.redis import Persistence
from infra.machine import Machine
from memory.repositories.brakes import BrakeRepository
from memory.repositories.heartbeats import HeartbeatRepository
from memory.repositories.switches import EVERYTHING, SwitchRepository
from memory.repositories.vitals import VitalsRepository
from memory.repositories.workers import WorkerRepository
from memory.vitals import DatabaseState

OWN_NAME = "watchdog"


@dataclass(frozen=True)
class Senses:
    """What the watchdog sees with. `persistence` asks the queue's server, `host` names this machine as workers do, `alive_s` is a worker's patience."""

    database: Database
    machine: Machine
    persistence: Callable[[], Persistence]
    host: str
    alive_s: float = 30.0
    clock: Clock = SYSTEM_CLOCK


def read_database(senses: Senses) -> tuple[DatabaseState, Work]:
    """Return how the database and the work in it stand; raises DatabaseUnavailable."""
    with senses.database.unit_of_work() as session:
        vitals = VitalsRepository(session)
        asked = senses.clock.monotonic()
        now = vitals.clock()
        answered_s = senses.clock.monotonic() - asked
        state = DatabaseState(now, answered_s, *vitals.connections(), vitals.sessions())
        engaged = [one.scope for one in SwitchRepository(session).list_engaged() if one.scope == EVERYTHING or one.scope.startswith("tenant:")]
        work = Work(
            runs=vitals.runs(),
            approvals=vitals.approvals(),
            queues=vitals.queues(senses.alive_s),
            dead=vitals.dead_letters(),
            checks=vitals.overdue_checks(),
            wakes=vitals.overdue_wakes(),
            untold=vitals.untold(),
            backup_age_s=vitals.backup_age_s(),
            pulses=tuple(pulse for pulse in HeartbeatRepository(session).list_() if pulse.name != OWN_NAME),
            workers=WorkerRepository(session).list_living(),
            braked=frozenset(brake.scope for brake in BrakeRepository(session).list_()),
            stopped=tuple(engaged),
        )
    return state, work
