"""What lies at the stand-in of Stripe: prices, customers, subscriptions, pages, and the events that tell of their changes."""

import json
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from stripe import WebhookSignature

from infra.clock import SYSTEM_CLOCK, Clock
from infra.ids import new_id
from tools.vendors.stripe.client import API_VERSION
from tools.vendors.stripe.sandbox_wire import Refusal, missing

_MONTH = timedelta(days=30)
Thing = dict[str, Any]


@dataclass
class StripeWorld:
    """One account in test mode. What people do on Stripe's pages is done by `pay` and `move`; each tells of itself in `events`, oldest first."""

    lookup_keys: tuple[str, ...]
    livemode: bool = False
    clock: Clock = SYSTEM_CLOCK
    prices: dict[str, Thing] = field(default_factory=dict)
    customers: dict[str, Thing] = field(default_factory=dict)
    sessions: dict[str, Thing] = field(default_factory=dict)
    subscriptions: dict[str, Thing] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        for key in self.lookup_keys:
            made = self._thing("price", active=True, currency="usd", lookup_key=key, type="recurring", unit_amount=2900, product="prod_studio")
            self.prices[made["id"]] = {**made, "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"}}

    def add_customer(self, metadata: dict[str, str]) -> Thing:
        """Create a customer."""
        made = self._thing("customer", "cus", email=None, name=None, metadata=metadata)
        self.customers[made["id"]] = made
        self._tell("customer.created", made)
        return made

    def add_session(self, base: str, asked: Thing) -> Thing:
        """Create a page on which a subscription is paid for; raises Refusal for what the server looks at beyond the document."""
        if asked.get("mode") != "subscription" or not asked.get("line_items"):
            raise Refusal(400, "The stand-in sells subscriptions only: mode must be `subscription`, with line_items", "parameter_missing", "mode")
        if not asked.get("success_url"):
            raise Refusal(400, "Missing required param: success_url.", "parameter_missing", "success_url")
        if "customer" in asked:
            self.customer(asked["customer"])
        for place, item in enumerate(asked["line_items"]):
            if item.get("price") not in self.prices:
                raise missing("price", str(item.get("price")), f"line_items[{place}][price]")
        made = self._thing("checkout.session", "cs_test", status="open", payment_status="unpaid", subscription=None, **asked)
        made["url"] = f"{base}/pay/{made['id']}"
        self.sessions[made["id"]] = made
        return made

    def pay(self, session_id: str) -> Thing:
        """Pay on a page: the subscription begins. Raises Refusal for a page that is not there or not open."""
        session = self.sessions.get(session_id)
        if session is None:
            raise missing("checkout.session", session_id, "id", 404)
        if session["status"] != "open":
            raise Refusal(400, "This Checkout Session is not open any more", "checkout_session_not_open")
        prices = [self.prices[item["price"]] for item in session["line_items"]]
        made = self.subscribe(session["customer"], prices[0]["lookup_key"], session.get("subscription_data", {}).get("metadata", {}))
        session |= {"status": "complete", "payment_status": "paid", "subscription": made["id"]}
        self._tell("checkout.session.completed", session)
        return made

    def session(self, session_id: str) -> Thing:
        """Return a page; raises Refusal."""
        if session_id not in self.sessions:
            raise missing("checkout.session", session_id, "id", 404)
        return self.sessions[session_id]

    def expire(self, session_id: str) -> Thing:
        """Let nobody pay on a page any more; raises Refusal for one that is not open. Source: https://docs.stripe.com/api/checkout/sessions/expire."""
        session = self.session(session_id)
        if session["status"] != "open":
            said = f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `{session["status"]}`.'
            raise Refusal(400, said, None, "session")
        session["status"] = "expired"
        self._tell("checkout.session.expired", session)
        return session

    def subscribe(self, customer: str, lookup_key: str, metadata: dict[str, str]) -> Thing:
        """Let a subscription begin."""
        price = next(one for one in self.prices.values() if one["lookup_key"] == lookup_key)
        begun = int(self.clock.now().timestamp())
        period = {"current_period_start": begun, "current_period_end": begun + int(_MONTH.total_seconds())}
        made = self._thing("subscription", "sub", customer=customer, status="active", metadata=metadata, cancel_at_period_end=False, cancel_at=None)
        item = {"id": new_id("si"), "object": "subscription_item", "price": price, "quantity": 1, "subscription": made["id"], **period}
        made["items"] = {"object": "list", "data": [item], "has_more": False, "url": f"/v1/subscription_items?subscription={made['id']}"}
        self.subscriptions[made["id"]] = made
        self._tell("customer.subscription.created", made)
        return made

    def move(self, subscription_id: str, *, lookup_key: str | None = None, **changes: Any) -> Thing:
        """Change a subscription: its status, whether it ends, or its price."""
        found = self.subscription(subscription_id)
        found |= changes
        if lookup_key is not None:
            found["items"]["data"][0]["price"] = next(one for one in self.prices.values() if one["lookup_key"] == lookup_key)
        return self._tell("customer.subscription.deleted" if found["status"] == "canceled" else "customer.subscription.updated", found)

    def customer(self, customer_id: str) -> Thing:
        """Return a customer that a parameter names; raises Refusal."""
        if customer_id not in self.customers:
            raise missing("customer", customer_id, "customer")
        return self.customers[customer_id]

    def subscription(self, subscription_id: str) -> Thing:
        """Return a subscription; raises Refusal."""
        if subscription_id not in self.subscriptions:
            raise missing("subscription", subscription_id, "id", 404)
        return self.subscriptions[subscription_id]

    def _tell(self, kind: str, about: Thing) -> Thing:
        frozen = json.loads(json.dumps(about))
        made = self._thing("event", "evt", api_version=API_VERSION, type=kind, data={"object": frozen}, pending_webhooks=1, request={"id": None})
        self.events.append(made)
        return made

    def _thing(self, kind: str, prefix: str = "", **more: Any) -> Thing:
        made = {"id": f"{prefix or kind}_{new_id('x').removeprefix('x_')}", "object": kind, "created": int(self.clock.now().timestamp())}
        return {**made, "livemode": self.livemode, **more}


def signed(event: Thing, secret: str, at: int) -> tuple[bytes, dict[str, str]]:
    """Return an event's raw body and headers as Stripe sends them at a time (seconds since 1970)."""
    body = json.dumps(event, indent=2, ensure_ascii=False)
    header = WebhookSignature.generate_signature_header(body, secret, at)
    return body.encode(), {"stripe-signature": header, "content-type": "application/json; charset=utf-8", "user-agent": "Stripe/1.0"}
