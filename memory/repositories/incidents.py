"""Statements about incidents."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.incidents import IncidentRecord
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(IncidentRecord.opened_at, IncidentRecord.id)


class IncidentMissing(NotFound):
    """There is no incident of that id."""

    code = "incident_missing"


class IncidentResolved(Conflict):
    """The incident is resolved; new trouble opens a new one."""

    code = "incident_resolved"


class IncidentRepository:
    """Trouble: opened once per key, noted on, resolved."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def open(self, key: str, kind: str, severity: str, summary: str, **about: str | None) -> IncidentRecord:
        """Open an incident, or note the summary on the unresolved one of the same key.

        `about` may name `channel_id`, `run_id` and `publication_id`.
        """
        fresh = {"id": new_id("incident"), "key": key, "kind": kind, "severity": severity, "summary": summary, **about}
        unresolved = IncidentRecord.status != "resolved"
        statement = insert(IncidentRecord).values(**fresh).on_conflict_do_nothing(index_elements=["key"], index_where=unresolved)
        self.session.execute(statement)
        found = self.session.scalars(select(IncidentRecord).where(IncidentRecord.key == key, unresolved)).one()
        return self.note(found.id, "studio", "opened" if found.id == fresh["id"] else "seen again", summary)

    def get(self, incident_id: str) -> IncidentRecord:
        """Return the incident; raises IncidentMissing."""
        return self._get(incident_id, lock=False)

    def list_(self, status: str | None = None, channel_id: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[IncidentRecord]:
        """Return incidents, newest first."""
        statement = select(IncidentRecord)
        if status is not None:
            statement = statement.where(IncidentRecord.status == status)
        if channel_id is not None:
            statement = statement.where(IncidentRecord.channel_id == channel_id)
        return _KEYSET.page(self.session, statement, cursor, limit)

    def note(self, incident_id: str, by: str, what: str, detail: str = "") -> IncidentRecord:
        """Add an entry to the timeline."""
        incident = self._get(incident_id, lock=True)
        if incident.status == "resolved":
            raise IncidentResolved(f"incident {incident_id} is resolved", incident=incident_id)
        now = self.session.scalars(select(func.clock_timestamp())).one()
        incident.timeline = [*incident.timeline, {"at": now.isoformat(), "by": by, "what": what, "detail": detail}]
        self.session.flush()
        return incident

    def acknowledge(self, incident_id: str, by: str, detail: str = "") -> IncidentRecord:
        """Record that a person has seen the incident."""
        incident = self.note(incident_id, by, "acknowledged", detail)
        incident.status = "acknowledged"
        self.session.flush()
        return incident

    def resolve(self, incident_id: str, by: str, detail: str = "") -> IncidentRecord:
        """Close the incident."""
        incident = self.note(incident_id, by, "resolved", detail)
        now = self.session.scalars(select(func.clock_timestamp())).one()
        incident.status, incident.resolved_at = "resolved", now
        self.session.flush()
        return incident

    def _get(self, incident_id: str, *, lock: bool) -> IncidentRecord:
        statement = select(IncidentRecord).filter_by(id=incident_id).execution_options(populate_existing=True)
        found = self.session.scalar(statement.with_for_update() if lock else statement)
        if found is None:
            raise IncidentMissing(f"incident: {incident_id!r} does not exist", incident=incident_id)
        return found
