"""Statements about circuits: whether a provider may be called now, decided once for all processes, on database time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Unavailable
from infra.log import get_logger
from memory.records.circuits import CircuitRecord
from memory.records.costs import CostEntryRecord

LONGEST_OPEN_S = 45.0
_LOOK_AGAIN_S = 2.0
_log = get_logger("circuits")


class Circuit(NamedTuple):
    """What fails and recovers together."""

    provider: str
    endpoint: str
    credential: str


class CircuitWaits(Unavailable):
    """The provider asked to wait, or failed so often that it is left alone; no call may be made for `after_s` seconds."""

    code = "circuit_waits"

    def __init__(self, message: str, after_s: float) -> None:
        super().__init__(message, after_s=round(after_s, 3))
        self.after_s = after_s


@dataclass(frozen=True)
class Temper:
    """After how many failures in a row a circuit opens, and for how long at first.

    Each opening in a row doubles it, up to 45 s or, where that is longer, as long as at first: a provider that is back is used within the minute.
    """

    failures: int = 5
    open_s: float = 10.0


class CircuitRepository:
    """Circuits, inside one unit of work.

    Closed: calls go through. Open: none does. Half-open, once the time is over: one call at a time goes through as a probe; its success closes
    the circuit, its failure opens it for longer. A probe whose process died counts as never made. (Nygard, "Release It!", circuit breaker.)
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def hold(self, provider: str, credential: str) -> None:
        """Let one transaction at a time decide about this provider and credential."""
        key = {"key": f"provider/{provider}/{credential}"}
        self._session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 2))"), key)

    def ensure_closed(self, circuit: Circuit) -> bool:
        """Return when a call may be made now, with True when it would be the probe; raises CircuitWaits. Call `hold` first."""
        found, now = self._find(circuit), self._now()
        if found is None:
            return False
        if found.wait_until is not None and found.wait_until > now:
            raise CircuitWaits(f"{circuit.provider} asked to wait", (found.wait_until - now).total_seconds())
        if found.state == "closed":
            return False
        if found.state == "open" and found.open_until is not None and found.open_until > now:
            raise CircuitWaits(f"{circuit.provider} failed {found.failures} times: {found.last_error}", (found.open_until - now).total_seconds())
        if found.state == "half_open" and self._is_in_flight(found.probe, now):
            raise CircuitWaits(f"{circuit.provider} is being probed after {found.failures} failures: {found.last_error}", _LOOK_AGAIN_S)
        return True

    def begin_probe(self, circuit: Circuit, entry_id: str) -> None:
        """Let the call of this cost entry be the one that tries whether the provider is back."""
        record = self._take(circuit)
        record.state, record.probe = "half_open", entry_id
        self._session.flush()

    def note_success(self, circuit: Circuit) -> None:
        """Record that the provider answered; nothing is written while all is well anyway."""
        found = self._find(circuit)
        if found is None or (found.state == "closed" and found.failures == 0):
            return
        self.hold(circuit.provider, circuit.credential)
        record = self._take(circuit)
        if record.state != "closed":
            _log.info("circuit.closed", **circuit._asdict())
        record.state, record.failures, record.openings, record.open_until, record.probe = "closed", 0, 0, None, None
        self._session.flush()

    def note_failure(self, circuit: Circuit, error: str, temper: Temper) -> None:
        """Record that the provider failed; enough failures in a row, or a failed probe, open the circuit."""
        self.hold(circuit.provider, circuit.credential)
        record, now = self._take(circuit), self._now()
        record.failures, record.last_error = record.failures + 1, error[:300]
        if record.state == "half_open" or (record.state == "closed" and record.failures >= temper.failures):
            open_s = min(max(LONGEST_OPEN_S, temper.open_s), temper.open_s * 2.0 ** min(record.openings, 20))
            record.state, record.openings, record.open_until, record.probe = "open", record.openings + 1, now + timedelta(seconds=open_s), None
            _log.warning("circuit.opened", failures=record.failures, open_s=open_s, error=record.last_error, **circuit._asdict())
        self._session.flush()

    def note_wait(self, circuit: Circuit, after_s: float) -> None:
        """Record a `Retry-After`: nobody calls before; a shorter wait never shortens a longer one."""
        self.hold(circuit.provider, circuit.credential)
        record, until = self._take(circuit), self._now() + timedelta(seconds=after_s)
        record.wait_until = max(record.wait_until or until, until)
        if record.state == "half_open":
            # The provider answered, if only to ask for patience: the next call after the wait is the probe again.
            record.probe = None
        self._session.flush()

    def reset(self, provider: str) -> int:
        """Forget what every circuit of a provider has met; returns how many there were. For an operator who knows better."""
        return len(tuple(self._session.scalars(delete(CircuitRecord).where(CircuitRecord.provider == provider).returning(CircuitRecord.provider))))

    def list_(self) -> tuple[CircuitRecord, ...]:
        """Return every circuit that has ever had something to say."""
        order = (CircuitRecord.provider, CircuitRecord.endpoint, CircuitRecord.credential)
        return tuple(self._session.scalars(select(CircuitRecord).order_by(*order).execution_options(populate_existing=True)))

    def list_held_back(self) -> tuple[CircuitRecord, ...]:
        """Return the circuits that let no call through, or only a probe."""
        now = self._now()
        return tuple(one for one in self.list_() if one.state != "closed" or (one.wait_until is not None and one.wait_until > now))

    def _find(self, circuit: Circuit) -> CircuitRecord | None:
        statement = select(CircuitRecord).filter_by(**circuit._asdict()).execution_options(populate_existing=True)
        return self._session.scalar(statement)

    def _take(self, circuit: Circuit) -> CircuitRecord:
        self._session.execute(insert(CircuitRecord).values(**circuit._asdict()).on_conflict_do_nothing())
        statement = select(CircuitRecord).filter_by(**circuit._asdict()).with_for_update().execution_options(populate_existing=True)
        return self._session.scalars(statement).one()

    def _is_in_flight(self, entry_id: str | None, now: datetime) -> bool:
        if entry_id is None:
            return False
        in_flight = (CostEntryRecord.status == "reserved") & (CostEntryRecord.lease_expires_at > now)
        return self._session.scalar(select(CostEntryRecord.id).where(CostEntryRecord.id == entry_id, in_flight)) is not None

    def _now(self) -> datetime:
        now: datetime = self._session.scalars(select(func.clock_timestamp())).one()
        return now
