"""What is done about payments: say which plan counts, make the pages on which it is paid for, and take in what Stripe tells."""

from dataclasses import dataclass

from api.http.state import ServiceState
from infra.database import UnitOfWork
from infra.errors import Conflict, Forbidden, Invalid
from infra.ids import content_digest
from infra.log import get_logger
from memory.plans import Plan, load_plans
from memory.repositories.allowance import AllowanceRepository, Standing, Usage
from memory.repositories.audit import AuditRepository
from memory.repositories.messages import MessageRepository
from memory.repositories.payments import OWING, PAID, PaymentRepository, SeenSubscription, TakenEvent
from tools.stripe_door import StripeDoor
from tools.vendors.stripe.port import CheckoutAsk, CheckoutPage, StripeEvent, Subscription

EVENT_TAKEN = "stripe_event.taken"
_STRIPE = "stripe"
_FAILED = "invoice.payment_failed"
_log = get_logger("payments")


class PaymentsOff(Forbidden):
    """The studio is on the self-hosted plan: there is nothing to pay for."""

    code = "payments_off"


class AlreadySubscribed(Conflict):
    """There is a subscription already; it is changed, not bought again."""

    code = "already_subscribed"


class NeverPaid(Conflict):
    """The tenant was never sent to Stripe, so that there is nothing to manage."""

    code = "never_paid"


class OtherMode(Forbidden):
    """An event of Stripe's other mode: of tests where the key is live, or of real money where it is not."""

    code = "stripe_mode_wrong"


@dataclass(frozen=True)
class Orderer:
    """Who pays: the tenant, the person who asks, and the address of this service as that person's browser has it."""

    tenant_id: str
    user_id: str
    here: str


class PaymentDesk:
    """Payments of the service's tenants. The studio's own connection writes them, since no tenant's request may."""

    def __init__(self, state: ServiceState) -> None:
        self._state = state
        self._door = StripeDoor(state.studio, state.settings)

    def standing(self, tenant_id: str) -> tuple[Standing, Usage]:
        """Return the plan that counts for a tenant, and how much of it is used."""
        with self._state.studio.unit_of_work() as session:
            allowance = AllowanceRepository(session)
            return allowance.standing(tenant_id), allowance.usage(tenant_id)

    def checkout(self, who: Orderer, plan_id: str, key: str) -> str:
        """Return the page on which a plan is paid for; raises PaymentsOff, Invalid, AlreadySubscribed and what Stripe raises."""
        plan = self._for_sale(plan_id)
        with self._state.studio.unit_of_work() as session:
            going = [one for one in PaymentRepository(session).list_of(who.tenant_id, self._door.livemode) if one.status in (*PAID, *OWING)]
        if going:
            raise AlreadySubscribed(f"plan: there is a subscription ({going[0].status}); change it on the page of POST /v1/payments/portal instead")
        price_id = self._door.call("prices.list", who.tenant_id, lambda payments: payments.price_id(str(plan.price)))
        customer = self._customer(who)
        ask = CheckoutAsk(who.tenant_id, customer, price_id, f"{who.here}/?payment=done", f"{who.here}/?payment=left")
        page = self._door.call("checkout.sessions.create", who.tenant_id, lambda payments: payments.checkout(ask, f"checkout-{content_digest(key.encode())}"))
        self._supersede(who, page)
        self._record(who, "payment.checkout_opened", {"plan": plan.id})
        return page.url

    def _supersede(self, who: Orderer, page: CheckoutPage) -> None:
        """End the pages that were opened before this one, so that nobody pays twice; raises AlreadySubscribed when one of them was paid on meanwhile."""
        live = self._door.livemode
        with self._state.studio.unit_of_work() as session:
            earlier = PaymentRepository(session).open_checkout(page.id, who.tenant_id, live)
        paid = [one for one in earlier if not self._end(who, one)]
        if paid:
            self._end(who, page.id)
            raise AlreadySubscribed(
                "plan: an earlier page was paid on just now, and counts as soon as Stripe says so; change the plan on the portal's page instead"
            )

    def _end(self, who: Orderer, page_id: str) -> bool:
        ended = self._door.call("checkout.sessions.expire", who.tenant_id, lambda payments: payments.end_checkout(page_id))
        with self._state.studio.unit_of_work() as session:
            PaymentRepository(session).end_checkouts(who.tenant_id, self._door.livemode, page_id)
        return ended

    def portal(self, who: Orderer) -> str:
        """Return the page on which card and plan are changed or cancelled; raises PaymentsOff, NeverPaid and what Stripe raises."""
        self._ensure_on()
        with self._state.studio.unit_of_work() as session:
            customer = PaymentRepository(session).customer_of(who.tenant_id, self._door.livemode)
        if customer is None:
            raise NeverPaid("portal: nothing was ever paid for; choose a plan with POST /v1/payments/checkout first")
        url = self._door.call("billing_portal.sessions.create", who.tenant_id, lambda payments: payments.portal(customer, f"{who.here}/?payment=changed"))
        self._record(who, "payment.portal_opened", {})
        return url

    def take(self, event: StripeEvent) -> bool:
        """Take an event in, once; False when it was taken before.

        What it says of a subscription is not used: Stripe is asked how it stands, and of two answers that of the later asking counts. So events may
        come late, twice or in any order. Raises OtherMode, and StripeAway when Stripe cannot be asked: it will send the event again.
        """
        if event.livemode != self._door.livemode:
            mode = "live" if self._door.livemode else "test"
            raise OtherMode(f"livemode: the event is not of the {mode} mode, to which STRIPE_SECRET_KEY belongs; send each mode's events to its own studio")
        with self._state.studio.unit_of_work() as session:
            payments = PaymentRepository(session)
            if payments.is_taken(event.id):
                return False
            asked = payments.next_asking()
        seen = None
        if (wanted := event.subscription) is not None:
            seen = self._door.call("subscriptions.retrieve", None, lambda payments: payments.subscription(wanted))
        return self._write(event, seen, asked)

    def _write(self, event: StripeEvent, seen: Subscription | None, asked: int) -> bool:
        with self._state.studio.unit_of_work() as session:
            payments = PaymentRepository(session)
            taken = TakenEvent(event.id, event.type, event.livemode, event.subscription, event.created_at)
            if not payments.take_event(taken, "none"):
                return False
            effect = "none" if seen is None else self._apply(payments, seen, asked)
            payments.mark(event.id, effect)
            if effect == "applied" and seen is not None:
                self._tell(session, event, seen)
                about = {"status": seen.status, "price": seen.price, "event": event.id}
                AuditRepository(session).append(_STRIPE, "subscription.changed", seen.id, about, tenant=payments.tenant_of(seen.customer))
        _log.info(EVENT_TAKEN, stripe_event=event.id, kind=event.type, effect=effect)
        return True

    def _tell(self, session: UnitOfWork, event: StripeEvent, seen: Subscription) -> None:
        """End what else could be paid on once a subscription is paid, and tell the operator of a payment that failed, once for each time it is owed."""
        payments = PaymentRepository(session)
        tenant_id = str(payments.tenant_of(seen.customer))
        if seen.status in PAID:
            payments.end_checkouts(tenant_id, seen.livemode)
        if seen.status not in OWING and event.type != _FAILED:
            return
        until = next((one.grace_until for one in payments.list_of(tenant_id, seen.livemode) if one.id == seen.id), None)
        grace = f"The plan counts until {until:%Y-%m-%d %H:%M} UTC, then that of no payment does." if until else "The plan does not count before it is paid."
        owed = f"{seen.price or 'its plan'} ({seen.id} is {seen.status})"
        body = f"Stripe could not collect what {tenant_id} owes for {owed}. {grace}\n\nPay, or change the card: POST /v1/payments/portal"
        about = {"tenant": tenant_id, "subscription": seen.id, "status": seen.status}
        key = f"payment:{seen.id}:{until.isoformat() if until else event.id}"
        MessageRepository(session).queue(key, "payment", f"a payment failed: {seen.status}", body, "warning", about)

    def _apply(self, payments: PaymentRepository, seen: Subscription, asked: int) -> str:
        tenant_id = payments.tenant_of(seen.customer)
        if tenant_id is None or seen.livemode != self._door.livemode:
            # Another shop may sell under the same account.
            return "unknown"
        held = SeenSubscription(seen.id, tenant_id, seen.livemode, seen.customer, seen.status, seen.price, seen.period_ends_at, seen.ends, asked)
        return "applied" if payments.put(held) else "overtaken"

    def _customer(self, who: Orderer) -> str:
        live = self._door.livemode
        with self._state.studio.unit_of_work() as session:
            if (known := PaymentRepository(session).customer_of(who.tenant_id, live)) is not None:
                return known
        # The key is the tenant's: two who ask at once are given the same customer.
        made = self._door.call("customers.create", who.tenant_id, lambda payments: payments.create_customer(who.tenant_id, f"customer-{who.tenant_id}"))
        with self._state.studio.unit_of_work() as session:
            return PaymentRepository(session).link_customer(who.tenant_id, live, made)

    def _for_sale(self, plan_id: str) -> Plan:
        self._ensure_on()
        plan = load_plans().get(plan_id)
        if plan is None or plan.price is None:
            raise Invalid(f"plan: {plan_id!r} is not for sale; choose one of {', '.join(one.id for one in load_plans().values() if one.price)}")
        return plan

    def _ensure_on(self) -> None:
        if self._state.settings.stripe_secret_key is None:
            raise PaymentsOff("payments: this studio is self-hosted and has no limits to pay for; set STRIPE_SECRET_KEY to sell plans")

    def _record(self, who: Orderer, action: str, details: dict[str, str]) -> None:
        with self._state.studio.unit_of_work() as session:
            AuditRepository(session).append(who.user_id, action, who.tenant_id, details, tenant=who.tenant_id)
