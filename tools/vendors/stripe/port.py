"""What payments need of Stripe, without its SDK: that takes 30 MB, and most studios have no key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

# Where Stripe's signature of an event stands.
HEADER = "stripe-signature"


@dataclass(frozen=True)
class StripeEvent:
    """One event. `subscription` is the subscription that it is about, None where it is about none: what it says of it is not used, it is asked for."""

    id: str
    type: str
    created_at: datetime
    livemode: bool
    subscription: str | None


@dataclass(frozen=True)
class Subscription:
    """A subscription as Stripe has it now. `price` is the lookup key of its first price; `tenant` is who it was made for, as its metadata says."""

    id: str
    customer: str
    status: str
    price: str | None
    period_ends_at: datetime | None
    ends: bool
    livemode: bool
    tenant: str | None


@dataclass(frozen=True)
class CheckoutAsk:
    """What somebody is to pay for, and where the page sends them afterwards."""

    tenant_id: str
    customer: str
    price_id: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True)
class CheckoutPage:
    """A page on which something is paid for, and its name at Stripe."""

    id: str
    url: str


class Payments(Protocol):
    """What payments need of whoever takes the money. Every method raises StripeAway and StripeRefused."""

    def create_customer(self, tenant_id: str, key: str) -> str:
        """Return the id of a new customer; the same `key` gives the same one."""
        ...

    def price_id(self, lookup_key: str) -> str:
        """Return the id of the active price of a lookup key."""
        ...

    def checkout(self, ask: CheckoutAsk, key: str) -> CheckoutPage:
        """Return a page on which a subscription is paid for; the same `key` gives the same page."""
        ...

    def end_checkout(self, page_id: str) -> bool:
        """Let nobody pay on a page any more; False when somebody has paid on it already."""
        ...

    def portal(self, customer: str, return_url: str) -> str:
        """Return the address of a page on which a customer changes card and plan, or cancels."""
        ...

    def subscription(self, subscription_id: str) -> Subscription:
        """Return a subscription as it stands."""
        ...


def is_live_key(key: str) -> bool:
    """Whether a secret or restricted key moves real money: `sk_live_...`, `rk_live_...`. Source: https://docs.stripe.com/keys."""
    return key.startswith(("sk_live_", "rk_live_"))
