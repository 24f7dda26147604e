"""Statements about payments: who is billed, who a tenant is at Stripe, subscriptions as they stand, and events, each taken once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from memory.plans import grace
from memory.records.payments import StripeCheckoutRecord, StripeCustomerRecord, StripeEventRecord, SubscriptionRecord
from memory.records.tenants import LOCAL_TENANT, TenantRecord

# What is owed in these is not paid yet, and may still be: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses.
OWING = ("past_due", "unpaid")
PAID = ("active", "trialing")


@dataclass(frozen=True)
class SeenSubscription:
    """A subscription as Stripe told it at the asking of that number."""

    id: str
    tenant_id: str
    livemode: bool
    customer_id: str
    status: str
    price: str | None
    period_ends_at: datetime | None
    ends: bool
    asked: int


@dataclass(frozen=True)
class TakenEvent:
    """An event of Stripe and what came of it."""

    id: str
    type: str
    livemode: bool
    subscription_id: str | None
    made_at: datetime


class PaymentRepository:
    """Payments of every tenant; written by the studio itself, never by a tenant's request."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def set_billed(self, billed: bool) -> None:
        """Let plans set limits, or lift them, for every tenant of the studio."""
        first = insert(TenantRecord).values(id=LOCAL_TENANT, name="This studio").on_conflict_do_nothing()
        self._session.execute(first)
        self._session.execute(update(TenantRecord).where(TenantRecord.billed != billed).values(billed=billed))

    def customer_of(self, tenant_id: str, livemode: bool) -> str | None:
        """Return who a tenant is at Stripe, None before it was ever sent there."""
        return self._session.scalar(select(StripeCustomerRecord.customer_id).filter_by(tenant_id=tenant_id, livemode=livemode))

    def link_customer(self, tenant_id: str, livemode: bool, customer_id: str) -> str:
        """Record who a tenant is at Stripe, and return who it is: whoever was recorded first stays."""
        values = {"tenant_id": tenant_id, "livemode": livemode, "customer_id": customer_id}
        self._session.execute(insert(StripeCustomerRecord).values(**values).on_conflict_do_nothing())
        return self.customer_of(tenant_id, livemode) or customer_id

    def tenant_of(self, customer_id: str) -> str | None:
        """Return whose a customer is."""
        return self._session.scalar(select(StripeCustomerRecord.tenant_id).filter_by(customer_id=customer_id))

    def is_taken(self, event_id: str) -> bool:
        """Whether an event was taken before."""
        return self._session.scalar(select(StripeEventRecord.id).filter_by(id=event_id)) is not None

    def next_asking(self) -> int:
        """Return the number of an asking that begins now, greater than that of any that began before."""
        return int(self._session.scalar(text("select nextval('stripe_askings')")) or 0)

    def take_event(self, event: TakenEvent, effect: str) -> bool:
        """Record an event in the transaction of its effect; False when it was taken before: then there must be none."""
        values = {**event.__dict__, "effect": effect}
        made = insert(StripeEventRecord).values(**values).on_conflict_do_nothing(index_elements=["id"]).returning(StripeEventRecord.id)
        return self._session.execute(made).one_or_none() is not None

    def mark(self, event_id: str, effect: str) -> None:
        """Record what came of an event that was taken in this transaction."""
        self._session.execute(update(StripeEventRecord).where(StripeEventRecord.id == event_id).values(effect=effect))

    def put(self, seen: SeenSubscription) -> bool:
        """Record a subscription as it stands; False when a later asking was recorded before, which stays.

        The grace of one that is not paid begins when that is first seen, and ends with the payment.
        """
        owing = seen.status in OWING
        begins = func.now() + grace() if owing else None
        fresh = insert(SubscriptionRecord).values(**seen.__dict__, grace_until=begins)
        known = SubscriptionRecord.grace_until
        until = case((known.is_(None), fresh.excluded.grace_until), else_=known) if owing else None
        changed = {name: fresh.excluded[name] for name in seen.__dict__ if name not in {"id", "tenant_id", "livemode"}}
        statement = fresh.on_conflict_do_update(
            index_elements=["id"],
            set_={**changed, "grace_until": until, "changed_at": func.now()},
            where=SubscriptionRecord.asked < fresh.excluded.asked,
        )
        return self._session.execute(statement.returning(SubscriptionRecord.id)).one_or_none() is not None

    def open_checkout(self, page_id: str, tenant_id: str, livemode: bool) -> tuple[str, ...]:
        """Record a page on which a tenant may pay, and return those that were opened before it and may still be open: a page lives for a day."""
        opened = insert(StripeCheckoutRecord).values(id=page_id, tenant_id=tenant_id, livemode=livemode).on_conflict_do_nothing(index_elements=["id"])
        self._session.execute(opened)
        page = StripeCheckoutRecord
        mine = select(page.opened_at).where(page.id == page_id).scalar_subquery()
        alive = (page.ended_at.is_(None), page.opened_at > func.now() - text("interval '1 day'"))
        earlier = select(page.id).where(page.tenant_id == tenant_id, page.livemode == livemode, page.opened_at < mine, *alive)
        return tuple(self._session.scalars(earlier.order_by(page.opened_at)))

    def end_checkouts(self, tenant_id: str, livemode: bool, page_id: str | None = None) -> None:
        """Record that nobody can pay on a page any more, or on any of a tenant's."""
        which = StripeCheckoutRecord.id == page_id if page_id is not None else StripeCheckoutRecord.livemode == livemode
        ended = update(StripeCheckoutRecord).where(StripeCheckoutRecord.tenant_id == tenant_id, StripeCheckoutRecord.ended_at.is_(None), which)
        self._session.execute(ended.values(ended_at=func.now()))

    def list_of(self, tenant_id: str, livemode: bool | None = None) -> tuple[SubscriptionRecord, ...]:
        """Return a tenant's subscriptions, newest first."""
        statement = select(SubscriptionRecord).filter_by(tenant_id=tenant_id).order_by(SubscriptionRecord.created_at.desc(), SubscriptionRecord.id)
        mine = statement if livemode is None else statement.filter_by(livemode=livemode)
        return tuple(self._session.scalars(mine.execution_options(populate_existing=True)))
