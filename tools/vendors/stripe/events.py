"""Events that Stripe sends: believed only with its signature over the raw body, made within minutes, under one of at most two secrets."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from stripe import SignatureVerificationError, WebhookSignature

from tools.vendors.stripe.errors import EventRefused
from tools.vendors.stripe.port import HEADER, StripeEvent

TOLERANCE_S = 300
_LONGEST_HEADER = 2000
_SUBSCRIPTION = "customer.subscription."
# Where an event's object names the subscription that it is about.
_NAMED_BY = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
_INVOICES = frozenset({"invoice.paid", "invoice.payment_failed", "invoice.payment_action_required"})


def read_event(body: bytes, header: str | None, secrets: Sequence[str], now_s: float) -> StripeEvent:
    """Return the event of a raw body; raises EventRefused unless one of `secrets` signed it at most five minutes from `now_s`.

    Source: https://docs.stripe.com/webhooks#verify-manually. The SDK looks for old signatures only; one from the future is refused too.
    """
    _verify(body, header, secrets, now_s)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise EventRefused("body: it is signed but is no JSON; Stripe sends events as JSON objects") from error
    return _event(found)


def _verify(body: bytes, header: str | None, secrets: Sequence[str], now_s: float) -> None:
    if not header or not header.isascii() or len(header) > _LONGEST_HEADER:
        raise EventRefused(f"{HEADER}: it is missing or is not t=SECONDS,v1=HEX; only Stripe's own requests are taken here")
    if not any(_is_signed(body, header, secret) for secret in secrets):
        raise EventRefused(f"{HEADER}: it is not that of this body under a secret of STRIPE_WEBHOOK_SECRETS")
    times = [part.removeprefix("t=") for part in header.split(",") if part.startswith("t=")]
    if abs(now_s - int(times[0])) > TOLERANCE_S:
        raise EventRefused(f"{HEADER}: it was made more than {TOLERANCE_S} s from this machine's time; look at this machine's clock")


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    try:
        return bool(WebhookSignature.verify_header(body, header, secret))
    except (SignatureVerificationError, UnicodeDecodeError):
        return False


def _event(found: Any) -> StripeEvent:
    try:
        about = found["data"]["object"]
        made = StripeEvent(found["id"], found["type"], datetime.fromtimestamp(found["created"], UTC), found["livemode"], _subscription(found["type"], about))
    except (KeyError, TypeError, ValueError, OverflowError, OSError, AttributeError) as error:
        raise EventRefused("body: it is signed but is no event with id, type, created, livemode and data.object") from error
    if found.get("object") != "event" or not isinstance(made.livemode, bool) or not all(isinstance(one, str) and one for one in (made.id, made.type)):
        raise EventRefused("body: it is signed but is no event with id, type, created, livemode and data.object")
    return made


def _subscription(kind: str, about: dict[str, Any]) -> str | None:
    found: Any = None
    if kind.startswith(_SUBSCRIPTION):
        found = about["id"]
    elif kind in _NAMED_BY:
        found = about.get("subscription")
    elif kind in _INVOICES:
        parent = about.get("parent") or {}
        found = (parent.get("subscription_details") or {}).get("subscription") or about.get("subscription")
    return found if isinstance(found, str) and found.startswith("sub_") else None
