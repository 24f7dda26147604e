"""Stripe through its SDK: customers, the pages on which people pay and change their plan, prices, and subscriptions as they stand."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import stripe
from stripe.params import CustomerCreateParams, PriceListParams
from stripe.params.billing_portal import SessionCreateParams as PortalParams
from stripe.params.checkout import SessionCreateParams as CheckoutParams

from infra.settings import Settings
from tools.vendors.stripe.errors import StripeAway, StripeRefused
from tools.vendors.stripe.port import CheckoutAsk, CheckoutPage, Subscription

# What this code was written for: the account's own default may be another, and the SDK's next one will be.
API_VERSION = "2026-10-28.endive"
TIMEOUT_S = 10.0
# The field by which what lies at Stripe says whose it is.
TENANT = "ytempire_tenant"
_T = TypeVar("_T")
stripe.enable_telemetry = False


class _OnceHttp(stripe.HTTPClient):
    """The SDK's transport over httpx: one request is one request, to the address it names, whatever the environment says of proxies."""

    name = "httpx"

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, *, _usage: list[str] | None = None
    ) -> tuple[str, int, Mapping[str, str]]:
        """Send one request and return body, status and headers of its answer."""
        try:
            answer = self._client.request(method, url, headers=headers, content=post_data)
        except httpx.HTTPError as error:
            raise stripe.APIConnectionError(f"{type(error).__name__} before an answer") from error  # type: ignore[no-untyped-call]
        return answer.text, answer.status_code, answer.headers

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class StripeClient:
    """Payments at Stripe. The SDK's own retries are off, and whatever makes something bears an idempotency key, so that a caller may ask again."""

    def __init__(self, settings: Settings, timeout_s: float = TIMEOUT_S) -> None:
        if settings.stripe_secret_key is None:
            raise StripeRefused("STRIPE_SECRET_KEY: there is no key; set it, or stay on the self-hosted plan")
        self._http = _OnceHttp(timeout_s)
        self._sdk = stripe.StripeClient(
            settings.stripe_secret_key.get_secret_value(),
            stripe_version=API_VERSION,
            base_addresses={"api": settings.stripe_base_url.rstrip("/")} if settings.stripe_base_url else {},
            max_network_retries=0,
            http_client=self._http,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def create_customer(self, tenant_id: str, key: str) -> str:
        """POST /v1/customers; no name and no address of anybody is sent."""
        params: CustomerCreateParams = {"metadata": {TENANT: tenant_id}}
        return _asked(lambda: self._sdk.v1.customers.create(params, {"idempotency_key": key})).id

    def price_id(self, lookup_key: str) -> str:
        """GET /v1/prices by lookup key, so that no id of an account stands in the studio."""
        params: PriceListParams = {"lookup_keys": [lookup_key], "active": True, "limit": 1}
        found = _asked(lambda: self._sdk.v1.prices.list(params)).data
        if not found:
            raise StripeRefused(f"price: Stripe has no active price with the lookup key {lookup_key!r}; make a recurring one in its dashboard")
        return found[0].id

    def checkout(self, ask: CheckoutAsk, key: str) -> CheckoutPage:
        """POST /v1/checkout/sessions in mode `subscription`; the subscription bears the tenant too."""
        params: CheckoutParams = {
            "mode": "subscription",
            "customer": ask.customer,
            "client_reference_id": ask.tenant_id,
            "line_items": [{"price": ask.price_id, "quantity": 1}],
            "subscription_data": {"metadata": {TENANT: ask.tenant_id}},
            "success_url": ask.success_url,
            "cancel_url": ask.cancel_url,
        }
        made = _asked(lambda: self._sdk.v1.checkout.sessions.create(params, {"idempotency_key": key}))
        return CheckoutPage(made.id, _page(made.url))

    def end_checkout(self, page_id: str) -> bool:
        """POST /v1/checkout/sessions/{id}/expire, which takes open ones only; of any other, GET says how it ended."""
        sessions = self._sdk.v1.checkout.sessions
        try:
            _asked(lambda: sessions.expire(page_id))
        except StripeRefused:
            status = _asked(lambda: sessions.retrieve(page_id)).status
            if status not in {"complete", "expired"}:
                raise
            return status == "expired"
        return True

    def portal(self, customer: str, return_url: str) -> str:
        """POST /v1/billing_portal/sessions."""
        params: PortalParams = {"customer": customer, "return_url": return_url}
        return _page(_asked(lambda: self._sdk.v1.billing_portal.sessions.create(params)).url)

    def subscription(self, subscription_id: str) -> Subscription:
        """GET /v1/subscriptions/{id}. The end of the period is that of its first item."""
        return _asked(lambda: _read(self._sdk.v1.subscriptions.retrieve(subscription_id).to_dict()))


def _read(found: dict[str, Any]) -> Subscription:
    items = found["items"]["data"]
    customer = found["customer"]
    ends_at = datetime.fromtimestamp(items[0]["current_period_end"], UTC) if items else None
    return Subscription(
        id=found["id"],
        customer=customer if isinstance(customer, str) else customer["id"],
        status=found["status"],
        price=items[0]["price"]["lookup_key"] if items else None,
        period_ends_at=ends_at,
        # One that was told to end bears the time, whether at the end of its period or at another.
        ends=bool(found["cancel_at_period_end"] or found["cancel_at"]),
        livemode=found["livemode"],
        tenant=(found["metadata"] or {}).get(TENANT),
    )


def _page(url: str | None) -> str:
    if not url:
        raise StripeRefused("stripe: it made no page for this; try again, or look at the account's settings in its dashboard")
    return url


def _asked(ask: Callable[[], _T]) -> _T:
    """Return the answer; what the SDK raises becomes a fact, without the request in it."""
    try:
        return ask()
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise StripeRefused("STRIPE_SECRET_KEY: Stripe does not take it, or it may not do this; make one in the dashboard and set it") from error
    except stripe.RateLimitError as error:
        raise StripeAway("stripe: it asks to be left alone for a while; try again in a moment") from error
    except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as error:
        raise StripeRefused(
            f"stripe: {error.user_message or 'it refused the request'} ({error.code or 'no code'})", param=getattr(error, "param", None)
        ) from error
    except stripe.StripeError as error:
        raise StripeAway(f"stripe: it did not answer as it should ({type(error).__name__}); try again in a moment") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StripeAway(f"stripe: its answer lacks what is needed ({type(error).__name__}: {error})") from error
