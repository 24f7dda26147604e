"""Statements about reports of autonomous runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.ids import new_id
from memory.records.autonomous_runs import RunReportRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository, Wake


@dataclass(frozen=True)
class NewReport:
    """What a run did from one time to another; `key` keeps it from being written twice."""

    key: str
    kind: str
    covers_from: datetime
    covers_to: datetime
    body: Mapping[str, Any]
    text: str


class RunReportRepository:
    """Reports, each written once."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def write(self, wake: Wake, new: NewReport) -> RunReportRecord:
        """Write a report, or return the one of the same key; raises WakeLost."""
        AutonomousRunRepository(self.session).verify(wake)
        values = {name: getattr(new, name) for name in ("key", "kind", "covers_from", "covers_to", "text")}
        row = insert(RunReportRecord).values(id=new_id("report"), autonomous_run_id=wake.run_id, body=dict(new.body), **values)
        self.session.execute(row.on_conflict_do_nothing(index_elements=["autonomous_run_id", "key"]))
        return self.session.scalars(select(RunReportRecord).filter_by(autonomous_run_id=wake.run_id, key=new.key)).one()

    def find(self, autonomous_run_id: str, key: str) -> RunReportRecord | None:
        """Return the report of that key, if it was written."""
        return self.session.scalar(select(RunReportRecord).filter_by(autonomous_run_id=autonomous_run_id, key=key))

    def list_of_run(self, autonomous_run_id: str) -> tuple[RunReportRecord, ...]:
        """Return a run's reports, oldest first."""
        statement = select(RunReportRecord).filter_by(autonomous_run_id=autonomous_run_id)
        return tuple(self.session.scalars(statement.order_by(RunReportRecord.covers_to, RunReportRecord.id)))
