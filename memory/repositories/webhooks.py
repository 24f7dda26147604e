"""Statements about webhooks: addresses of a tenant, and deliveries taken by one sender at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, cast, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.webhooks import WebhookDeliveryRecord, WebhookEndpointRecord
from memory.repositories.keyset import Keyset, Page

MOST_ENDPOINTS = 20
GIVES_UP_AFTER = timedelta(days=1)
# So many failures in a row and the address rests; after the rest one delivery tries it.
TRIPS_AFTER = 5
_AT_ONCE = 4
_ENDPOINT, _DELIVERY = WebhookEndpointRecord, WebhookDeliveryRecord
_ENDPOINTS = Keyset(_ENDPOINT.created_at, _ENDPOINT.id)
_DELIVERIES = Keyset(_DELIVERY.created_at, _DELIVERY.id)
# The oldest that are due at each address, so that one that hangs holds up no other.
_DUE = text(
    """
    select d.id from webhook_endpoints e cross join lateral (
        select w.id, w.next_at from webhook_deliveries w
        where w.endpoint_id = e.id and w.status = 'waiting' and w.next_at <= now() and w.give_up_at > now()
            and (w.lease_expires_at is null or w.lease_expires_at <= now())
        order by w.next_at, w.created_at, w.id limit case when e.failures >= :trips then 1 else :at_once end
    ) d
    where not e.paused and (e.rests_until is null or e.rests_until <= now()) order by d.next_at, d.id limit :limit
    """
)


class EndpointMissing(NotFound):
    """There is no endpoint of that id."""

    code = "webhook_endpoint_missing"


class DeliveryMissing(NotFound):
    """There is no delivery of that id."""

    code = "webhook_delivery_missing"


class TooManyEndpoints(Conflict):
    """The tenant has as many endpoints as it may."""

    code = "webhook_endpoints_full"


@dataclass(frozen=True)
class Posting:
    """One delivery that its taker is to send; `secrets` are sealed, the newest first; `failures` are those of the address in a row."""

    id: str
    endpoint_id: str
    url: str
    kind: str
    body: dict[str, Any]
    secrets: tuple[str, ...]
    attempts: int
    failures: int


class WebhookRepository:
    """A tenant's addresses and what is on its way to them, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, endpoint: WebhookEndpointRecord) -> WebhookEndpointRecord:
        """Add an address; raises TooManyEndpoints."""
        self.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 9))"), {"name": f"webhooks/{endpoint.tenant_id}"})
        there = self.session.scalar(select(func.count()).select_from(_ENDPOINT).where(_ENDPOINT.tenant_id == endpoint.tenant_id)) or 0
        if there >= MOST_ENDPOINTS:
            raise TooManyEndpoints(f"webhook endpoints: there are {there} of at most {MOST_ENDPOINTS}; delete one first", most=MOST_ENDPOINTS)
        self.session.add(endpoint)
        self.session.flush()
        self.session.refresh(endpoint)
        return endpoint

    def get(self, endpoint_id: str, *, lock: bool = False) -> WebhookEndpointRecord:
        """Return an address; raises EndpointMissing."""
        found = self.session.get(_ENDPOINT, endpoint_id, populate_existing=True, with_for_update=lock or None)
        if found is None:
            raise EndpointMissing(f"webhook endpoint: {endpoint_id!r} does not exist", endpoint=endpoint_id)
        return found

    def list_(self, tenant_id: str, cursor: str | None = None, limit: int = 50) -> Page[WebhookEndpointRecord]:
        """Return addresses, newest first."""
        return _ENDPOINTS.page(self.session, select(_ENDPOINT).where(_ENDPOINT.tenant_id == tenant_id), cursor, limit)

    def delete(self, endpoint_id: str) -> None:
        """Delete an address and what is on its way to it; raises EndpointMissing."""
        self.session.delete(self.get(endpoint_id, lock=True))
        self.session.flush()

    def rotate(self, endpoint_id: str, sealed: str, overlap: timedelta) -> WebhookEndpointRecord:
        """Let a new secret sign, beside the old one for a while."""
        row = self.get(endpoint_id, lock=True)
        until = self.session.scalars(select(func.now() + overlap)).one()
        row.old_secret, row.old_secret_until, row.secret = row.secret, until, sealed
        self.session.flush()
        return row

    def queue(self, endpoint: WebhookEndpointRecord, kind: str, body: dict[str, Any]) -> WebhookDeliveryRecord:
        """Queue something for one address alone."""
        made = _DELIVERY(
            id=new_id("delivery"), tenant_id=endpoint.tenant_id, endpoint_id=endpoint.id, kind=kind, body=body, give_up_at=func.now() + GIVES_UP_AFTER
        )
        self.session.add(made)
        self.session.flush()
        self.session.refresh(made)
        return made

    def deliveries(self, endpoint_id: str, status: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[WebhookDeliveryRecord]:
        """Return what was and is on its way to an address, newest first."""
        wanted = select(_DELIVERY).where(_DELIVERY.endpoint_id == endpoint_id)
        return _DELIVERIES.page(self.session, wanted.where(_DELIVERY.status == status) if status else wanted, cursor, limit)

    def delivery(self, delivery_id: str) -> WebhookDeliveryRecord:
        """Return one; raises DeliveryMissing."""
        found = self.session.get(_DELIVERY, delivery_id, populate_existing=True)
        if found is None:
            raise DeliveryMissing(f"webhook delivery: {delivery_id!r} does not exist", delivery=delivery_id)
        return found

    def replay(self, delivery_id: str) -> WebhookDeliveryRecord:
        """Send one again, at once and for a day, under the same id."""
        again = {"status": "waiting", "next_at": func.now(), "give_up_at": func.now() + GIVES_UP_AFTER, "ended_at": None, "lease_expires_at": None}
        self.session.execute(update(_DELIVERY).where(_DELIVERY.id == self.delivery(delivery_id).id).values(**again, attempts=0))
        return self.delivery(delivery_id)

    def claim_due(self, lease_s: float, limit: int) -> tuple[Posting, ...]:
        """Take deliveries that are due for `lease_s` seconds; no two takers get the same."""
        due = self.session.scalars(_DUE.bindparams(trips=TRIPS_AFTER, at_once=_AT_ONCE, limit=limit)).all()
        free = and_(_DELIVERY.status == "waiting", or_(_DELIVERY.lease_expires_at.is_(None), _DELIVERY.lease_expires_at <= func.now()))
        chosen = select(_DELIVERY.id).where(_DELIVERY.id.in_(due), free).with_for_update(skip_locked=True)
        taken = self.session.scalars(chosen).all() if due else []
        if taken:
            self.session.execute(update(_DELIVERY).where(_DELIVERY.id.in_(taken)).values(lease_expires_at=func.now() + timedelta(seconds=lease_s)))
        return tuple(self._posting(one) for one in self._rows(taken))

    def is_wanted(self) -> bool:
        """Whether anybody wants to be told of anything."""
        return bool(self.session.scalar(select(select(_ENDPOINT.id).exists())))

    def _rows(self, ids: Sequence[str]) -> Sequence[Any]:
        old = _ENDPOINT.old_secret_until > func.now()
        both = select(_DELIVERY, _ENDPOINT, old).join(_ENDPOINT, _ENDPOINT.id == _DELIVERY.endpoint_id).where(_DELIVERY.id.in_(ids))
        return self.session.execute(both.order_by(_DELIVERY.next_at, _DELIVERY.id)).all() if ids else ()

    @staticmethod
    def _posting(row: Any) -> Posting:
        delivery, endpoint, old = row
        secrets = (endpoint.secret, endpoint.old_secret) if old else (endpoint.secret,)
        return Posting(delivery.id, endpoint.id, endpoint.url, delivery.kind, delivery.body, secrets, delivery.attempts, endpoint.failures)

    def mark_sent(self, one: Posting, tried: dict[str, Any]) -> None:
        """Record that the address took it; the address is well again."""
        self._close(one, tried, status="sent", ended_at=func.now())
        self.session.execute(update(_ENDPOINT).where(_ENDPOINT.id == one.endpoint_id).values(failures=0, rests_until=None))

    def postpone(self, one: Posting, tried: dict[str, Any], after_s: float, rest_s: float) -> None:
        """Record what came of it, try again later, and leave the address alone for `rest_s`."""
        later = func.now() + timedelta(seconds=after_s)
        self._close(one, tried, next_at=later)
        rests = func.now() + timedelta(seconds=rest_s) if rest_s else None
        self.session.execute(update(_ENDPOINT).where(_ENDPOINT.id == one.endpoint_id).values(failures=_ENDPOINT.failures + 1, rests_until=rests))

    def give_up(self) -> tuple[tuple[str, str, int], ...]:
        """End what would be tried no more within its day; returns (endpoint, url, how many) of each address concerned."""
        over = and_(_DELIVERY.status == "waiting", or_(_DELIVERY.give_up_at <= func.now(), _DELIVERY.next_at >= _DELIVERY.give_up_at))
        ended = update(_DELIVERY).where(over).values(status="failed", ended_at=func.now(), lease_expires_at=None).returning(_DELIVERY.endpoint_id)
        counts: dict[str, int] = {}
        for endpoint_id in self.session.scalars(ended):
            counts[endpoint_id] = counts.get(endpoint_id, 0) + 1
        return tuple((one.id, one.url, counts[one.id]) for one in self.session.scalars(select(_ENDPOINT).where(_ENDPOINT.id.in_(counts)))) if counts else ()

    def _close(self, one: Posting, tried: dict[str, Any], **values: Any) -> None:
        grown = _DELIVERY.tries.op("||")(cast([tried], JSONB))
        changed = {**values, "attempts": one.attempts + 1, "lease_expires_at": None, "tries": grown}
        self.session.execute(update(_DELIVERY).where(_DELIVERY.id == one.id, _DELIVERY.status == "waiting").values(**changed))


def endpoint_of(tenant_id: str, url: str, kinds: Sequence[str], by: str) -> WebhookEndpointRecord:
    """Return a new address, which has its id already: its secret is sealed under that."""
    return WebhookEndpointRecord(id=new_id("endpoint"), tenant_id=tenant_id, url=url, kinds=list(dict.fromkeys(kinds)), created_by=by)
