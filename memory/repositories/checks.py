"""Statements about checks of publications."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.checks import CheckRecord
from memory.records.publications import PublicationRecord

CHECK_DELAYS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "72h": timedelta(hours=72), "7d": timedelta(days=7)}


class CheckMissing(NotFound):
    """There is no check of that id."""

    code = "check_missing"


class CheckClosed(Conflict):
    """The check is done, failed or cancelled."""

    code = "check_closed"


class CheckRepository:
    """Scheduled looks at publications."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def schedule(self, publication: PublicationRecord) -> tuple[CheckRecord, ...]:
        """Schedule the four looks at a publication, counted from its publication; doing it again changes nothing."""
        start = publication.published_at or publication.updated_at
        for kind, delay in CHECK_DELAYS.items():
            values = {"publication_id": publication.id, "run_id": publication.run_id, "channel_id": publication.channel_id}
            statement = insert(CheckRecord).values(id=new_id("check"), **values, kind=kind, due_at=start + delay)
            self.session.execute(statement.on_conflict_do_nothing(index_elements=["publication_id", "kind"]))
        return self.list_(publication.id)

    def move(self, publication: PublicationRecord) -> None:
        """Let the looks that are still to come be due by the time at which a publication is shown by now."""
        assert publication.published_at is not None
        for kind, delay in CHECK_DELAYS.items():
            mine = update(CheckRecord).filter_by(publication_id=publication.id, kind=kind, status="scheduled")
            self.session.execute(mine.values(due_at=publication.published_at + delay))

    def list_(self, publication_id: str) -> tuple[CheckRecord, ...]:
        """Return the checks of a publication in the order they fall due."""
        return tuple(self.session.scalars(select(CheckRecord).filter_by(publication_id=publication_id).order_by(CheckRecord.due_at)))

    def list_open(self, limit: int = 200) -> tuple[CheckRecord, ...]:
        """Return checks still to be made, soonest first."""
        statement = select(CheckRecord).where(CheckRecord.status.in_(("scheduled", "running")))
        return tuple(self.session.scalars(statement.order_by(CheckRecord.due_at, CheckRecord.id).limit(limit)))

    def get(self, check_id: str) -> CheckRecord:
        """Return the check; raises CheckMissing."""
        found = self.session.get(CheckRecord, check_id, populate_existing=True)
        if found is None:
            raise CheckMissing(f"check: {check_id!r} does not exist", check=check_id)
        return found

    def hasten(self, run_id: str) -> bool:
        """Let the next scheduled look at each publication of a run fall due now; False when none is left."""
        due = select(CheckRecord).filter_by(run_id=run_id, status="scheduled").order_by(CheckRecord.due_at, CheckRecord.id)
        first = {one.publication_id: one.id for one in reversed(self.session.scalars(due).all())}
        hastened = (
            update(CheckRecord)
            .where(CheckRecord.id.in_(first.values()), CheckRecord.status == "scheduled")
            .values(due_at=func.least(CheckRecord.due_at, func.now()))
        )
        return bool(self.session.scalars(hastened.returning(CheckRecord.id)).all())

    def claim_due(self, lease_s: float, limit: int = 10, run_id: str | None = None) -> tuple[CheckRecord, ...]:
        """Take checks that are due, or whose taker vanished, for `lease_s` seconds, of one run or of all; no two callers get the same."""
        due = and_(CheckRecord.status == "scheduled", CheckRecord.due_at <= func.now())
        abandoned = and_(CheckRecord.status == "running", CheckRecord.lease_expires_at <= func.now())
        of_run = CheckRecord.run_id == run_id if run_id is not None else true()
        chosen = select(CheckRecord.id).where(or_(due, abandoned), of_run).order_by(CheckRecord.due_at).limit(limit).with_for_update(skip_locked=True)
        values = {"status": "running", "lease_expires_at": func.now() + timedelta(seconds=lease_s)}
        statement = update(CheckRecord).where(CheckRecord.id.in_(chosen.scalar_subquery())).values(**values).returning(CheckRecord)
        return tuple(self.session.scalars(statement, execution_options={"populate_existing": True}))

    def start(self, check_id: str, check_run_id: str) -> CheckRecord:
        """Name the short run that makes the check; a taker after a crash finds it here."""
        return self._close(check_id, check_run_id=check_run_id)

    def finish(self, check_id: str, result: Mapping[str, Any]) -> CheckRecord:
        """Record what the check saw."""
        return self._close(check_id, status="done", result=dict(result), finished_at=func.now(), lease_expires_at=None)

    def fail(self, check_id: str, result: Mapping[str, Any]) -> CheckRecord:
        """Record why the check could not be made."""
        return self._close(check_id, status="failed", result=dict(result), finished_at=func.now(), lease_expires_at=None)

    def cancel(self, publication_id: str) -> None:
        """Cancel what is left to check of a publication."""
        statement = update(CheckRecord).where(CheckRecord.publication_id == publication_id, CheckRecord.status.in_(("scheduled", "running")))
        self.session.execute(statement.values(status="cancelled", finished_at=func.now(), lease_expires_at=None))

    def _close(self, check_id: str, **values: object) -> CheckRecord:
        statement = update(CheckRecord).where(CheckRecord.id == check_id, CheckRecord.status == "running")
        changed = self.session.execute(statement.values(**values).returning(CheckRecord.id)).one_or_none()
        check = self.get(check_id)
        if changed is None:
            raise CheckClosed(f"check {check_id} is {check.status}, not running", check=check_id)
        return check
