"""Statements about messages: queued in the caller's transaction, taken by one sender at a time, sent once to each address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from infra.errors import Invalid, NotFound
from infra.ids import new_id
from memory.records.messages import MESSAGE_SEVERITIES, MessageDeliveryRecord, MessageRecord
from memory.repositories.keyset import Keyset, Page

REPORT = "report"
LONGEST_SUBJECT = 200
LONGEST_BODY = 20_000
_KEYSET = Keyset(MessageRecord.created_at, MessageRecord.id)
_DELIVERY = MessageDeliveryRecord


class MessageMissing(NotFound):
    """There is no message of that id."""

    code = "message_missing"


@dataclass(frozen=True)
class Delivery:
    """One message that its taker is to send to one address before `until`; `failures` are those that were recorded."""

    message_id: str
    address: str
    label: str
    failures: int
    until: datetime


@dataclass(frozen=True)
class Failing:
    """An address that does not take messages: what it said, when, and the newest message that failed there."""

    address: str
    label: str
    said: str
    since: datetime | None
    message_id: str


class MessageRepository:
    """The outbox to the operator."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def queue(self, key: str, kind: str, subject: str, body: str, severity: str = "info", about: Mapping[str, Any] | None = None) -> bool:  # noqa: PLR0913 - the words of a message
        """Queue a message in the caller's transaction; False when one of that key was queued before: it is told once.

        It belongs to the tenant that `about` names: by `tenant`, `autonomous_run`, `channel` or `incident`; what names none is the studio's own.

        A subject longer than 200 characters or a body longer than 20,000 is shortened. Raises Invalid for an unknown severity or an empty key.
        """
        if severity not in MESSAGE_SEVERITIES:
            raise Invalid(f"severity: {severity!r} is unknown; known: {', '.join(MESSAGE_SEVERITIES)}")
        if not key.strip():
            raise Invalid("key: is empty; give what tells this message from every other, such as `incident:<id>`")
        told = {"subject": _shortened(" ".join(subject.split()), LONGEST_SUBJECT), "body": _shortened(body, LONGEST_BODY)}
        values = {"id": new_id("message"), "key": key, "kind": kind, "severity": severity, **told, "about": dict(about or {})}
        fresh = insert(MessageRecord).values(**values).on_conflict_do_nothing(index_elements=["key"]).returning(MessageRecord.id)
        return self.session.execute(fresh).one_or_none() is not None

    def find(self, key: str) -> MessageRecord | None:
        """Return the message of a key, if one was queued."""
        return self.session.scalar(select(MessageRecord).filter_by(key=key))

    def get(self, message_id: str) -> MessageRecord:
        """Return the message; raises MessageMissing."""
        found = self.session.get(MessageRecord, message_id, populate_existing=True)
        if found is None:
            raise MessageMissing(f"message: {message_id!r} does not exist", id=message_id)
        return found

    def list_(self, cursor: str | None = None, limit: int = 50) -> Page[MessageRecord]:
        """Return messages, newest first."""
        return _KEYSET.page(self.session, select(MessageRecord), cursor, limit)

    def deliveries(self, message_id: str) -> tuple[MessageDeliveryRecord, ...]:
        """Return how a message fares at each address."""
        return tuple(self.session.scalars(select(_DELIVERY).filter_by(message_id=message_id).order_by(_DELIVERY.label, _DELIVERY.address)))

    def address(self, labels: Mapping[str, str], since: timedelta, least: str = "info") -> int:
        """Give every message younger than `since` and at least as grave as `least` a delivery to each address (digest -> label) that it lacks.

        Returns how many were added.
        """
        grave = MESSAGE_SEVERITIES[MESSAGE_SEVERITIES.index(least) :]
        added = 0
        for address, label in sorted(labels.items()):
            added += self._address(address, label, since, MessageRecord.severity.in_(grave))
        return added

    def address_reports(self, run_id: str, labels: Mapping[str, str], since: timedelta) -> int:
        """Give every report of an autonomous run younger than `since` a delivery to each of the run's own addresses that it lacks."""
        return sum(
            self._address(address, label, since, MessageRecord.about["autonomous_run"].astext == run_id, MessageRecord.kind == REPORT)
            for address, label in sorted(labels.items())
        )

    def list_failing(self) -> tuple[Failing, ...]:
        """Return the addresses that took no message since one failed at them for good, with what they said last."""
        newest = (
            select(_DELIVERY).where(_DELIVERY.status != "waiting").ext(distinct_on(_DELIVERY.address)).order_by(_DELIVERY.address, _DELIVERY.ended_at.desc())
        )
        rows = self.session.scalars(newest).all()
        return tuple(Failing(row.address, row.label, row.error or "", row.ended_at, row.message_id) for row in rows if row.status == "failed")

    def report_fates(self, run_id: str) -> dict[str, MessageDeliveryRecord]:
        """Return how the newest report of an autonomous run fares at each address that it goes to, by label."""
        reports = select(_DELIVERY).join(MessageRecord, MessageRecord.id == _DELIVERY.message_id)
        mine = reports.where(MessageRecord.kind == REPORT, MessageRecord.about["autonomous_run"].astext == run_id)
        return {row.label: row for row in self.session.scalars(mine.order_by(MessageRecord.created_at, MessageRecord.id))}

    def claim_due(self, addresses: tuple[str, ...], lease_s: float, limit: int = 10) -> tuple[Delivery, ...]:
        """Take deliveries that are due, the oldest first, for `lease_s` seconds; no two takers get the same."""
        free = or_(_DELIVERY.lease_expires_at.is_(None), _DELIVERY.lease_expires_at <= func.now())
        due = and_(_DELIVERY.status == "waiting", _DELIVERY.next_at <= func.now(), free, _DELIVERY.address.in_(addresses))
        chosen = select(_DELIVERY.message_id, _DELIVERY.address).where(due).order_by(_DELIVERY.next_at, _DELIVERY.message_id)
        taken = [tuple(row) for row in self.session.execute(chosen.limit(limit).with_for_update(skip_locked=True))]
        return tuple(self._take(message_id, address, lease_s) for message_id, address in taken)

    def mark_sent(self, one: Delivery) -> None:
        """Record that the address took the message."""
        self._close(one, status="sent", ended_at=func.now(), error=None)

    def mark_failed(self, one: Delivery, why: str) -> None:
        """Record that the address does not take the message and is not asked again."""
        self._close(one, status="failed", ended_at=func.now(), error=why[:1000])

    def postpone(self, one: Delivery, why: str, after_s: float) -> None:
        """Record why it did not work this time, and try again later."""
        self._close(one, next_at=func.now() + timedelta(seconds=after_s), attempts=one.failures + 1, error=why[:1000])

    def purge(self, older: timedelta) -> int:
        """Forget messages older than that; returns how many."""
        return len(self.session.scalars(delete(MessageRecord).where(MessageRecord.created_at < func.now() - older).returning(MessageRecord.id)).all())

    def retry(self, message_id: str) -> int:
        """Queue what failed of a message again; returns how many deliveries that is."""
        statement = update(_DELIVERY).where(_DELIVERY.message_id == self.get(message_id).id, _DELIVERY.status == "failed")
        again = {"status": "waiting", "attempts": 0, "next_at": func.now(), "ended_at": None}
        return len(self.session.scalars(statement.values(**again).returning(_DELIVERY.address)).all())

    def _address(self, address: str, label: str, since: timedelta, *which: ColumnElement[bool]) -> int:
        lacking = ~select(_DELIVERY.message_id).where(_DELIVERY.message_id == MessageRecord.id, _DELIVERY.address == address).exists()
        young = select(MessageRecord.id, literal(address), literal(label)).where(MessageRecord.created_at > func.now() - since, lacking, *which)
        made = insert(_DELIVERY).from_select(["message_id", "address", "label"], young).on_conflict_do_nothing()
        return len(self.session.scalars(made.returning(_DELIVERY.message_id)).all())

    def _take(self, message_id: str, address: str, lease_s: float) -> Delivery:
        statement = update(_DELIVERY).filter_by(message_id=message_id, address=address).values(lease_expires_at=func.now() + timedelta(seconds=lease_s))
        row = self.session.execute(statement.returning(_DELIVERY.label, _DELIVERY.attempts, _DELIVERY.lease_expires_at)).one()
        return Delivery(message_id, address, row.label, row.attempts, row.lease_expires_at)

    def _close(self, one: Delivery, **values: object) -> None:
        # Fenced by the lease: whoever took the delivery over has another.
        statement = update(_DELIVERY).filter_by(message_id=one.message_id, address=one.address, lease_expires_at=one.until, status="waiting")
        self.session.execute(statement.values(lease_expires_at=None, **values))


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
