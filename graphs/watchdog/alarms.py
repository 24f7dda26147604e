"""Alarms: what stays wrong becomes an incident, which tells the operator, and is resolved when it is right again."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphs.watchdog.findings import Judgement
from graphs.watchdog.heal import Done
from graphs.watchdog.read import OWN_NAME
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.log import get_logger
from memory.repositories.findings import Finding, FindingRepository
from memory.repositories.heartbeats import HeartbeatRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.messages import MessageRepository

FINDING_CHANGED = "finding.changed"
# A status must hold for so many turns before it is told: what heals between two turns wakes nobody.
SETTLED_TURNS = 2
_WRITE_EVERY_S = 300.0
_BAD = frozenset({"warning", "critical"})
_log = get_logger("watchdog")


@dataclass
class _Told:
    """What is known of one check: its newest status with the turns it held, what was told of it, and when its row was written."""

    status: str = ""
    turns: int = 0
    told: str = ""
    written: str = ""
    words: str = ""
    written_at: float = float("-inf")

    def is_due(self, one: Judgement, now: float) -> bool:
        """Whether its row is to be written: another status, other words about trouble, or a row that has become old."""
        news = self.written != one.status or (one.status in _BAD and self.words != one.said)
        return news or now - self.written_at >= _WRITE_EVERY_S


class Alarms:
    """Keeps the findings and opens and resolves their incidents; quiet while nothing changes."""

    def __init__(self, database: Database, clock: Clock = SYSTEM_CLOCK) -> None:
        self._database = database
        self._clock = clock
        self._told: dict[str, _Told] = {}

    def record(self, judgements: Sequence[Judgement], done: Sequence[Done], within_s: float) -> None:
        """Write down what one turn found and did. Raises DatabaseUnavailable."""
        now = self._clock.monotonic()
        for one in judgements:
            known = self._told.setdefault(one.name, _Told())
            known.turns = known.turns + 1 if known.status == one.status else 1
            known.status = one.status
        with self._database.unit_of_work() as session:
            HeartbeatRepository(session).beat(OWN_NAME, None, within_s)
            findings = FindingRepository(session)
            for one in judgements:
                known = self._told[one.name]
                if known.is_due(one, now):
                    findings.record(Finding(one.name, one.status, one.said, one.fix, one.reading))
                settled = known.turns >= SETTLED_TURNS and one.status != known.told
                if settled and one.status != "unknown":
                    self._tell(IncidentRepository(session), MessageRepository(session), one, [item for item in done if item.act in one.acts])
            if not all(known.written for known in self._told.values()):
                findings.keep_only([one.name for one in judgements])
        for one in judgements:  # only once the rows are there
            self._note(self._told[one.name], one, now)

    def _note(self, known: _Told, one: Judgement, now: float) -> None:
        if known.written != one.status:
            _log.warning(FINDING_CHANGED, check=one.name, status=one.status, said=one.said) if one.status in _BAD else None
        if known.is_due(one, now):
            known.written, known.words, known.written_at = one.status, one.said, now
        if known.turns >= SETTLED_TURNS and one.status != "unknown":
            known.told = one.status

    def _tell(self, incidents: IncidentRepository, messages: MessageRepository, one: Judgement, done: Sequence[Done]) -> None:
        key = f"{OWN_NAME}:{one.name}"
        if one.status in _BAD:
            incident = incidents.open(key, f"{OWN_NAME}_{one.name}", one.status, f"{one.said}. {one.fix}".strip())
            for item in done:
                incidents.note(incident.id, OWN_NAME, item.act.kind, f"{item.act.target}: {item.outcome}")
            return
        for incident in incidents.list_open(key):
            if incident.key == key:
                incidents.resolve(incident.id, OWN_NAME, one.said)
                messages.queue(f"{key}:{incident.id}:over", OWN_NAME, f"over: {one.name}", f"{incident.summary}\n\nIt is over: {one.said}.")
