"""Statements about messages: queued in the caller's transaction, taken by one sender at a time, sent once to each address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Invalid, NotFound
from infra.ids import new_id
from memory.records.messages import MESSAGE_SEVERITIES, MessageDeliveryRecord, MessageRecord
from memory.repositories.keyset import Keyset, Page

LONGEST_SUBJECT = 200
LONGEST_BODY = 20_000
_KEYSET = Keyset(MessageRecord.created_at, MessageRecord.id)
_DELIVERY = MessageDeliveryRecord


class MessageMissing(NotFound):
    """There is no message of that id."""

    code = "message_missing"


@dataclass(frozen=True)
class Delivery:
    """One message that its taker is to send to one address now; `attempts` counts this one."""

    message_id: str
    key: str
    severity: str
    subject: str
    body: str
    about: Mapping[str, Any]
    address: str
    label: str
    attempts: int


class MessageRepository:
    """The outbox to the operator."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def queue(self, key: str, kind: str, subject: str, body: str, severity: str = "info", about: Mapping[str, Any] | None = None) -> bool:  # noqa: PLR0913 - the words of a message
        """Queue a message in the caller's transaction; False when one of that key was queued before: it is told once.

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

    def address(self, labels: Mapping[str, str], since: timedelta) -> int:
        """Give every message younger than `since` a delivery to each address (digest -> label) that it lacks; returns how many were added."""
        rows = [{"address": address, "label": label} for address, label in sorted(labels.items())]
        added = 0
        for row in rows:
            lacking = ~select(_DELIVERY.message_id).where(_DELIVERY.message_id == MessageRecord.id, _DELIVERY.address == row["address"]).exists()
            young = select(MessageRecord.id).where(MessageRecord.created_at > func.now() - since, lacking).order_by(MessageRecord.created_at)
            new = [{"message_id": message_id, **row} for message_id in self.session.scalars(young)]
            if new:
                self.session.execute(insert(_DELIVERY).on_conflict_do_nothing(), new)
                added += len(new)
        return added

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
        self._close(one, next_at=func.now() + timedelta(seconds=after_s), error=why[:1000])

    def retry(self, message_id: str) -> int:
        """Queue what failed of a message again; returns how many deliveries that is."""
        statement = update(_DELIVERY).where(_DELIVERY.message_id == self.get(message_id).id, _DELIVERY.status == "failed")
        again = {"status": "waiting", "attempts": 0, "next_at": func.now(), "ended_at": None}
        return len(self.session.scalars(statement.values(**again).returning(_DELIVERY.address)).all())

    def _take(self, message_id: str, address: str, lease_s: float) -> Delivery:
        values = {"attempts": _DELIVERY.attempts + 1, "lease_expires_at": func.now() + timedelta(seconds=lease_s)}
        statement = update(_DELIVERY).filter_by(message_id=message_id, address=address).values(**values).returning(_DELIVERY.label, _DELIVERY.attempts)
        label, attempts = self.session.execute(statement).one()
        message = self.get(message_id)
        return Delivery(message.id, message.key, message.severity, message.subject, message.body, message.about, address, label, attempts)

    def _close(self, one: Delivery, **values: object) -> None:
        # Fenced by the count of attempts: whoever took the delivery over has counted another.
        statement = update(_DELIVERY).filter_by(message_id=one.message_id, address=one.address, attempts=one.attempts, status="waiting")
        self.session.execute(statement.values(lease_expires_at=None, **values))


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
