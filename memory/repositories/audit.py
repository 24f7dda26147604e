"""The audit trail: append, and verify that nothing was changed, removed or slipped in."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from infra.errors import Conflict
from infra.ids import canonical_json, json_digest
from memory.records.audit import AuditEventRecord

GENESIS = "0" * 64
_BEFORE_ALL = -(2**63)
_LOCK = 0x79744175  # "ytAu": appending is one at a time, so the chain has no forks


class AuditBroken(Conflict):
    """An event of the trail does not match its hash or its place."""

    code = "audit_broken"


class AuditRepository:
    """Appends to the trail and checks it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def append(self, actor: str, action: str, subject: str, details: Mapping[str, Any]) -> AuditEventRecord:
        """Add an event at the end of the chain; other appends wait until this transaction ends."""
        self.session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        last = self.head()
        event = AuditEventRecord(
            seq=last.seq + 1 if last else 1,
            at=self.session.scalars(select(func.clock_timestamp())).one(),
            actor=actor,
            action=action,
            subject=subject,
            details=canonical_json(dict(details)).decode(),
            previous_hash=last.hash if last else GENESIS,
        )
        event.hash = _hash(event)
        self.session.add(event)
        self.session.flush()
        return event

    def head(self) -> AuditEventRecord | None:
        """Return the newest event. Its hash, kept elsewhere, also betrays a trail cut short at the end."""
        return self.session.scalar(select(AuditEventRecord).order_by(AuditEventRecord.seq.desc()).limit(1))

    def list_(self, after: int = 0, limit: int = 200) -> tuple[AuditEventRecord, ...]:
        """Return events after `after`, oldest first."""
        return tuple(self.session.scalars(select(AuditEventRecord).where(AuditEventRecord.seq > after).order_by(AuditEventRecord.seq).limit(limit)))

    def verify(self, expected_head: str | None = None) -> int:
        """Check the whole chain and return its length; raises AuditBroken naming the first event that does not fit."""
        count, previous = 0, GENESIS
        batch = self.list_(after=_BEFORE_ALL)
        while batch:
            for event in batch:
                count += 1
                if event.seq != count or event.previous_hash != previous or event.hash != _hash(event):
                    raise AuditBroken(f"audit trail: event {event.seq} does not follow event {count - 1}", seq=event.seq)
                previous = event.hash
            batch = self.list_(after=count)
        if expected_head is not None and previous != expected_head:
            raise AuditBroken(f"audit trail: it ends after event {count} with another hash than was kept", seq=count)
        return count


def details_of(event: AuditEventRecord) -> dict[str, Any]:
    """Return the event's details as the JSON object that was appended."""
    loaded: dict[str, Any] = json.loads(event.details)
    return loaded


def _hash(event: AuditEventRecord) -> str:
    at: datetime = event.at
    return json_digest([event.seq, at.astimezone(UTC).isoformat(), event.actor, event.action, event.subject, event.details, event.previous_hash])
