"""Statements about incidents."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.incidents import SEVERITIES, IncidentRecord
from memory.repositories.keyset import Keyset, Page
from memory.repositories.messages import MessageRepository

# What is graver than a piece of information is told to the operator, in the transaction that opens the incident.
_TOLD = ("warning", "critical")
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

    def open(self, key: str, kind: str, severity: str, summary: str, **about: Any) -> IncidentRecord:
        """Open an incident, or note the summary on the unresolved one of the same key, which takes the graver severity.

        `about` may name `channel_id`, `run_id`, `publication_id`, `signal` (where it was seen) and `confidence` (0..1). A new or a graver one
        is told to the operator: the message goes with this transaction.
        """
        fresh = {"id": new_id("incident"), "key": key, "kind": kind, "severity": severity, "summary": summary, **about}
        unresolved = IncidentRecord.status != "resolved"
        statement = insert(IncidentRecord).values(**fresh).on_conflict_do_nothing(index_elements=["key"], index_where=unresolved)
        self.session.execute(statement)
        found = self.session.scalars(select(IncidentRecord).where(IncidentRecord.key == key, unresolved)).one()
        graver = SEVERITIES.index(severity) > SEVERITIES.index(found.severity)
        if graver:
            found.severity, found.summary = severity, summary
            found.confidence = about.get("confidence", found.confidence)
        opened = found.id == fresh["id"]
        noted = self.note(found.id, "studio", "opened" if opened else "seen again", summary)
        if severity in _TOLD and (opened or graver):
            self._tell(noted)
        return noted

    def _tell(self, incident: IncidentRecord) -> None:
        sure = "" if incident.confidence is None else f"\nHow sure: {incident.confidence:.0%}"
        where = f"\nChannel: {incident.channel_id}" if incident.channel_id else ""
        seen = f"\nSeen in: {incident.signal}" if incident.signal else ""
        body = f"{incident.summary}\n{where}{seen}{sure}\n\nWhat was done, and how to take it back: ytempire incidents show {incident.id}"
        about = {"incident": incident.id, "channel": incident.channel_id, "publication": incident.publication_id}
        subject = f"{incident.severity}: {incident.kind.replace('_', ' ')}"
        MessageRepository(self.session).queue(f"incident:{incident.id}:{incident.severity}", "incident", subject, body, incident.severity, about)

    def list_open(self, key: str) -> tuple[IncidentRecord, ...]:
        """Return the unresolved incidents whose key begins like that."""
        statement = select(IncidentRecord).where(IncidentRecord.key.startswith(key, autoescape=True), IncidentRecord.status != "resolved")
        return tuple(self.session.scalars(statement.order_by(IncidentRecord.opened_at, IncidentRecord.id)))

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
