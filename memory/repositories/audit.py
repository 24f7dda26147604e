"""The audit trail: add to it, chain it, and verify that nothing was changed, removed or slipped in."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from infra.errors import Conflict
from infra.ids import canonical_json, json_digest
from memory.records.audit import AuditEventRecord, AuditSealRecord, AuditUnsealedRecord

GENESIS = "0" * 64
_BEFORE_ALL = -(2**63)
_LOCK = 0x79744175  # "ytAu": sealing is one at a time, so the chain has no forks


class AuditBroken(Conflict):
    """An event of the trail does not match its seal, or has none, or a seal does not follow the one before."""

    code = "audit_broken"


class AuditRepository:
    """Adds to the trail, seals what was added, and checks the whole."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def append(self, actor: str, action: str, subject: str, details: Mapping[str, Any], *, tenant: str | None = None) -> AuditEventRecord:
        """Add an event, of `tenant` or else of the one that the transaction was begun for; it waits for nobody, and is sealed soon after this ends."""
        event = AuditEventRecord(tenant_id=tenant, actor=actor, action=action, subject=subject, details=canonical_json(dict(details)).decode())
        self.session.add(event)
        self.session.flush()
        return event

    def seal(self, limit: int = 1000) -> int:
        """Chain at most `limit` events that are not sealed, oldest first, and return how many; other sealers wait until this transaction ends."""
        self.session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        waiting = select(AuditEventRecord).join(AuditUnsealedRecord, AuditUnsealedRecord.event_id == AuditEventRecord.id)
        events = tuple(self.session.scalars(waiting.order_by(AuditEventRecord.id).limit(limit)))
        last = self.head()
        seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
        for event in events:
            seq, made = seq + 1, _hash(event, seq + 1, previous)
            self.session.add(AuditSealRecord(seq=seq, event_id=event.id, previous_hash=previous, hash=made))
            previous = made
        self.session.flush()
        self.session.execute(delete(AuditUnsealedRecord).where(AuditUnsealedRecord.event_id.in_([event.id for event in events])))
        return len(events)

    def head(self) -> AuditSealRecord | None:
        """Return the newest seal. Its hash, kept elsewhere, later betrays a trail that was cut short at the end or made anew."""
        return self.session.scalar(select(AuditSealRecord).order_by(AuditSealRecord.seq.desc()).limit(1))

    def unsealed(self) -> int:
        """Return how many events wait for the sealer."""
        return self.session.scalars(select(func.count()).select_from(AuditUnsealedRecord)).one()

    def list_(self, after: int = 0, limit: int = 200) -> tuple[AuditEventRecord, ...]:
        """Return events after the id `after`, oldest first."""
        return tuple(self.session.scalars(select(AuditEventRecord).where(AuditEventRecord.id > after).order_by(AuditEventRecord.id).limit(limit)))

    def verify(self, expected_head: str | None = None) -> int:
        """Check the whole chain and that no event stands outside it; return how many there are, with those that wait to be sealed.

        `expected_head` is a hash that was the head once: it must still be in its place. Raises AuditBroken naming the first place that does not fit.
        """
        count, previous, found = 0, GENESIS, expected_head is None
        while batch := self._sealed(after=count if count else _BEFORE_ALL):
            for seal, event in batch:
                count += 1
                if event is None:
                    raise AuditBroken(f"audit trail: event {seal.event_id}, sealed as number {seal.seq}, is gone", seq=seal.seq, event=seal.event_id)
                if seal.seq != count or seal.previous_hash != previous or seal.hash != _hash(event, seal.seq, previous):
                    raise AuditBroken(f"audit trail: event {event.id} is not what was sealed as number {count}", seq=count, event=event.id)
                previous = seal.hash
                found = found or previous == expected_head
        if not found:
            raise AuditBroken(f"audit trail: none of its {count} seals has the hash that was kept; it was cut short, or made anew", seq=count)
        self._verify_outside()
        return count + self.unsealed()

    def _sealed(self, after: int) -> Sequence[tuple[AuditSealRecord, AuditEventRecord | None]]:
        pairs = select(AuditSealRecord, AuditEventRecord).outerjoin(AuditEventRecord, AuditEventRecord.id == AuditSealRecord.event_id)
        found = self.session.execute(
            pairs.where(AuditSealRecord.seq > after).order_by(AuditSealRecord.seq).limit(500).execution_options(populate_existing=True)
        )
        return [(seal, event) for seal, event in found]

    def _verify_outside(self) -> None:
        """Raise for an event that is neither sealed nor waits to be, and for one that waits and is gone."""
        is_sealed = select(AuditSealRecord.seq).where(AuditSealRecord.event_id == AuditEventRecord.id).exists()
        waits = select(AuditUnsealedRecord.event_id).where(AuditUnsealedRecord.event_id == AuditEventRecord.id).exists()
        if (slipped := self.session.scalar(select(func.min(AuditEventRecord.id)).where(~is_sealed, ~waits))) is not None:
            raise AuditBroken(f"audit trail: event {slipped} was slipped in, or taken from the sealer's list", event=slipped)
        is_there = select(AuditEventRecord.id).where(AuditEventRecord.id == AuditUnsealedRecord.event_id).exists()
        if (gone := self.session.scalar(select(func.min(AuditUnsealedRecord.event_id)).where(~is_there))) is not None:
            raise AuditBroken(f"audit trail: event {gone}, which was to be sealed, is gone", event=gone)


def details_of(event: AuditEventRecord) -> dict[str, Any]:
    """Return the event's details as the JSON object that was appended."""
    loaded: dict[str, Any] = json.loads(event.details)
    return loaded


def _hash(event: AuditEventRecord, seq: int, previous: str) -> str:
    at: datetime = event.at
    # Events of the studio itself have the form that all had before tenants, so that old seals hold.
    tenant = [] if event.tenant_id is None else [event.tenant_id]
    return json_digest([seq, at.astimezone(UTC).isoformat(), event.actor, event.action, event.subject, event.details, previous, *tenant])
