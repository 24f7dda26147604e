"""Statements about run events, and the notification that wakes live views."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from memory.records.run_events import RunEventRecord

CHANNEL = "run_events"


class RunEventRepository:
    """Progress of runs, in commit order without gaps, so that a reader who asks for what came after misses nothing."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def append(self, run_id: str, kind: str, payload: Mapping[str, Any]) -> RunEventRecord:
        """Add an event and notify `run_events` with the run's id at commit."""
        # Other appends to this run wait here, so numbers are given out in commit order.
        self.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:run, 1))"), {"run": f"run_events/{run_id}"})
        seq = self.last_seq(run_id) + 1
        event = RunEventRecord(run_id=run_id, seq=seq, kind=kind, payload=dict(payload))
        self.session.add(event)
        self.session.flush()
        self.session.execute(select(func.pg_notify(CHANNEL, run_id)))
        return event

    def last_seq(self, run_id: str) -> int:
        """Return the number of the run's newest event, 0 when it has none."""
        return self.session.scalar(select(func.max(RunEventRecord.seq)).filter_by(run_id=run_id)) or 0

    def list_(self, run_id: str, after: int = 0, limit: int = 500) -> tuple[RunEventRecord, ...]:
        """Return the run's events after number `after`, oldest first."""
        statement = select(RunEventRecord).where(RunEventRecord.run_id == run_id, RunEventRecord.seq > after)
        return tuple(self.session.scalars(statement.order_by(RunEventRecord.seq).limit(limit)))
