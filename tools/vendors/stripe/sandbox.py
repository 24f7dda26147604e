"""A stand-in for Stripe: what the studio asks of it, spoken as its API speaks, with pages that are paid at once and webhooks that misbehave on request."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from stripe.params import CustomerCreateParams, PriceListParams, SubscriptionRetrieveParams
from stripe.params.billing_portal import SessionCreateParams as PortalParams
from stripe.params.checkout import SessionCreateParams as CheckoutParams
from stripe.params.checkout import SessionExpireParams, SessionRetrieveParams

from infra.clock import SYSTEM_CLOCK
from infra.errors import Invalid
from infra.ids import content_digest, new_id
from memory.plans import load_plans
from tools.sandbox import Fault
from tools.vendors.stripe.client import API_VERSION
from tools.vendors.stripe.sandbox_wire import Refusal, answered, checked, read_form
from tools.vendors.stripe.sandbox_world import StripeWorld, Thing, signed

KEY, SECRET = "sk_test_sandbox", "whsec_sandbox"
_LONGEST_KEY = 255
_REPEATED = "idempotent-replayed"
_DELIVERY_S = 10.0
Handler = Callable[[Request, dict[str, Any]], Mapping[str, Any]]


def too_many_requests() -> Fault:
    """Answer 429 as beyond the limit of requests. Source: https://docs.stripe.com/rate-limits."""
    body = {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests hit the API too quickly."}}
    return Fault("status", "https://docs.stripe.com/rate-limits", status=429, body=json.dumps(body).encode(), headers=(("content-type", "application/json"),))


def out_of_order() -> Fault:
    """Answer 500 as when something is wrong at Stripe. Source: https://docs.stripe.com/error-low-level#server-errors."""
    body = {"error": {"type": "api_error", "message": "An unknown error occurred"}}
    headers = (("content-type", "application/json"),)
    return Fault("status", "https://docs.stripe.com/error-low-level#server-errors", status=500, body=json.dumps(body).encode(), headers=headers)


class StripeStandIn:
    """The server over a world: keys are checked, parameters are those of the published document, and a repeated key gets the first answer."""

    def __init__(self, world: StripeWorld, key: str = KEY) -> None:
        self.world = world
        self._key = key
        self._answers: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def customers(self, _request: Request, given: dict[str, Any]) -> Mapping[str, Any]:
        """POST /v1/customers. Source: https://docs.stripe.com/api/customers/create."""
        return self.world.add_customer(checked(CustomerCreateParams, given).get("metadata") or {})

    def prices(self, _request: Request, given: dict[str, Any]) -> Mapping[str, Any]:
        """GET /v1/prices. Source: https://docs.stripe.com/api/prices/list."""
        asked = checked(PriceListParams, given)
        keys, active = asked.get("lookup_keys"), asked.get("active")
        found = [one for one in self.world.prices.values() if (keys is None or one["lookup_key"] in keys) and active in {None, one["active"]}]
        limit = asked.get("limit", 10)
        if not 1 <= limit <= 100:
            raise Refusal(400, "Invalid integer: limit must be between 1 and 100", "parameter_invalid_integer", "limit")
        return {"object": "list", "url": "/v1/prices", "has_more": len(found) > limit, "data": found[:limit]}

    def checkout(self, request: Request, given: dict[str, Any]) -> Mapping[str, Any]:
        """POST /v1/checkout/sessions. Source: https://docs.stripe.com/api/checkout/sessions/create."""
        return self.world.add_session(str(request.base_url).rstrip("/"), checked(CheckoutParams, given))

    def page(self, request: Request, given: dict[str, Any]) -> Mapping[str, Any]:
        """GET /v1/checkout/sessions/{id}. Source: https://docs.stripe.com/api/checkout/sessions/retrieve."""
        checked(SessionRetrieveParams, given)
        return self.world.session(request.path_params["id"])

    def expire(self, request: Request, given: dict[str, Any]) -> Mapping[str, Any]:
        """POST /v1/checkout/sessions/{id}/expire. Source: https://docs.stripe.com/api/checkout/sessions/expire."""
        checked(SessionExpireParams, given)
        return self.world.expire(request.path_params["id"])

    def portal(self, request: Request, given: dict[str, Any]) -> Mapping[str, Any]:
        """POST /v1/billing_portal/sessions. Source: https://docs.stripe.com/api/customer_portal/sessions/create."""
        asked = checked(PortalParams, given)
        if "customer" not in asked:
            raise Refusal(400, "Missing required param: customer.", "parameter_missing", "customer")
        customer = self.world.customer(asked["customer"])["id"]
        made = {"id": new_id("bps"), "object": "billing_portal.session", "customer": customer, "livemode": self.world.livemode}
        return {**made, "return_url": asked.get("return_url"), "url": f"{str(request.base_url).rstrip('/')}/portal/{customer}"}

    def subscription(self, request: Request, given: dict[str, Any]) -> Mapping[str, Any]:
        """GET /v1/subscriptions/{id}. Source: https://docs.stripe.com/api/subscriptions/retrieve."""
        checked(SubscriptionRetrieveParams, given)
        return self.world.subscription(request.path_params["id"])

    def serve(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint of the API: authenticated, parsed, answered once per idempotency key."""

        async def endpoint(request: Request) -> Response:
            body = (await request.body()).decode("utf-8", "replace")
            try:
                self._authenticate(request)
                with self.world.lock:
                    return self._answer(handler, request, body)
            except Refusal as refused:
                return refused.response()

        return endpoint

    def _authenticate(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or given != self._key:
            raise Refusal(401, f"Invalid API Key provided: {given[:7]}****", kind="invalid_request_error")
        if request.headers.get("stripe-version", API_VERSION) != API_VERSION:
            raise Refusal(400, f"Invalid Stripe API version: {request.headers['stripe-version']}")

    def _answer(self, handler: Handler, request: Request, body: str) -> Response:
        if request.method == "GET":
            return answered(handler(request, read_form(request.url.query)))
        key = request.headers.get("idempotency-key")
        digest = content_digest(f"{request.url.path}\n{body}".encode())
        if key is None:
            return answered(handler(request, read_form(body)))
        if len(key) > _LONGEST_KEY:
            raise Refusal(400, f"Idempotency keys are at most {_LONGEST_KEY} characters", kind="idempotency_error")
        if key in self._answers:
            before, answer = self._answers[key]
            if before != digest:
                raise Refusal(
                    400, "Keys for idempotent requests can only be used with the same parameters they were first used with.", kind="idempotency_error"
                )
            return answered(answer, headers={_REPEATED: "true"})
        made = handler(request, read_form(body))
        self._answers[key] = (digest, dict(made))
        return answered(made)


def stripe_app(world: StripeWorld, key: str = KEY, secret: str = SECRET) -> Starlette:
    """Serve `world` to `key`. `/pay/{id}` pays a page at once; what events there are is sent where and as `POST /deliveries` says."""
    server = StripeStandIn(world, key)

    async def pay(request: Request) -> Response:
        try:
            with world.lock:
                world.pay(request.path_params["id"])
        except Refusal as refused:
            return refused.response()
        return PlainTextResponse("Paid. The stand-in takes no money.")

    async def deliver(request: Request) -> Response:
        asked = json.loads(await request.body() or b"{}")
        with world.lock:
            events = list(world.events)
        return answered({"answers": await run_in_threadpool(send_all, str(asked["url"]), events, secret, str(asked.get("as", "once")))})

    routes = [
        Route("/v1/customers", server.serve(server.customers), methods=["POST"]),
        Route("/v1/prices", server.serve(server.prices), methods=["GET"]),
        Route("/v1/checkout/sessions", server.serve(server.checkout), methods=["POST"]),
        Route("/v1/checkout/sessions/{id}", server.serve(server.page), methods=["GET"]),
        Route("/v1/checkout/sessions/{id}/expire", server.serve(server.expire), methods=["POST"]),
        Route("/v1/billing_portal/sessions", server.serve(server.portal), methods=["POST"]),
        Route("/v1/subscriptions/{id}", server.serve(server.subscription), methods=["GET"]),
        Route("/pay/{id}", pay, methods=["GET", "POST"]),
        Route("/deliveries", deliver, methods=["POST"]),
    ]
    return Starlette(routes=routes)


def rehearsed_stripe() -> Starlette:
    """Serve an account that sells every plan that has a price."""
    return stripe_app(StripeWorld(tuple(one.price for one in load_plans().values() if one.price)))


# How deliveries misbehave. Source: https://docs.stripe.com/webhooks#best-practices (duplicates, no order) and #retries (late).
_MANNERS: dict[str, Callable[[list[Thing]], list[tuple[Thing, int]]]] = {
    "once": lambda events: [(one, 0) for one in events],
    "duplicate": lambda events: [(one, 0) for one in events for _ in range(2)],
    "reordered": lambda events: [(one, 0) for one in reversed(events)],
    "replayed": lambda events: [(one, 3600) for one in events],
}


def send_all(url: str, events: list[Thing], secret: str, manner: str) -> list[int]:
    """Send events to a webhook and return the statuses: `once`, `duplicate`, `reordered`, or `replayed` (signed an hour ago). A late one is sent later."""
    if manner not in _MANNERS:
        raise Invalid(f"as: {manner!r} is unknown; one of {', '.join(_MANNERS)}")
    answers = []
    with httpx.Client(timeout=_DELIVERY_S, trust_env=False) as client:
        for event, age_s in _MANNERS[manner](events):
            body, headers = signed(event, secret, int(SYSTEM_CLOCK.now().timestamp()) - age_s)
            answers.append(client.post(url, content=body, headers=headers).status_code)
    return answers
