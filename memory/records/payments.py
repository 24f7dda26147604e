"""Payments: who a tenant is at Stripe, what it subscribed to, and which events were taken."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words, one_of

EVENT_EFFECTS = ("none", "applied", "overtaken", "unknown")


class StripeCustomerRecord(Record):
    """Who a tenant is at Stripe, in its test mode and in its live mode."""

    __tablename__ = "stripe_customers"
    __table_args__ = (UniqueConstraint("customer_id"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    livemode: Mapped[bool] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Created]


class SubscriptionRecord(Record):
    """A subscription as Stripe had it when it was asked last; `asked` orders the askings. Until `grace_until` one that is not paid counts as if it were."""

    __tablename__ = "subscriptions"

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    livemode: Mapped[bool]
    customer_id: Mapped[Words]
    status: Mapped[Words]
    price: Mapped[str | None] = mapped_column(Text)
    period_ends_at: Mapped[datetime | None]
    ends: Mapped[bool]
    grace_until: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_at: Mapped[Created]


class StripeCheckoutRecord(Record):
    """A page of Stripe's on which a tenant may pay, until it is ended."""

    __tablename__ = "stripe_checkouts"
    __table_args__ = (Index("ix_stripe_checkouts_open", "tenant_id", "opened_at", postgresql_where=text("ended_at is null")),)

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    livemode: Mapped[bool]
    opened_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    ended_at: Mapped[datetime | None]


class StripeEventRecord(Record):
    """One event that was taken, and what came of it: nothing to do, applied, overtaken by a newer asking, or about nobody who is known here."""

    __tablename__ = "stripe_events"
    __table_args__ = (CheckConstraint(one_of("effect", EVENT_EFFECTS), name="effect"), Index("ix_stripe_events_taken", "taken_at"))

    id: Mapped[Key]
    type: Mapped[Words]
    livemode: Mapped[bool]
    subscription_id: Mapped[str | None] = mapped_column(Text)
    effect: Mapped[Words]
    made_at: Mapped[datetime]
    taken_at: Mapped[datetime] = mapped_column(server_default=func.now())
