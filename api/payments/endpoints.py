"""`/v1/payments` and `/webhooks/stripe`."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.auth.client import is_secure
from api.auth.confirming import RequireConfirmed
from api.http.principal import Principal, Public, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import ServiceState, State
from api.http.versions import answer
from api.payments.desk import Orderer, PaymentDesk
from api.payments.schemas import CheckoutOrder, PageView, PaymentsView, PlanView, TakenStripeEvent, UsageView
from api.webhooks.door import WebhooksOff
from infra.ids import new_id
from memory.plans import Plan, load_plans
from tools.registry import load_constant
from tools.vendors.stripe.port import HEADER, StripeEvent

router = APIRouter(tags=["payments"])
Reader = Annotated[Principal, Require("payments:read")]
Payer = Annotated[Principal, RequireConfirmed("payments:manage", "work")]
# With the SDK, which is loaded where there is a key.
_READ_EVENT = "tools.vendors.stripe.events:read_event"
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@router.get("/v1/payments", response_model=PaymentsView)
def payments_get(request: Request, state: State, who: Reader) -> Response:
    """Return the plan that counts, how much of it is used, and every plan there is."""
    standing, usage = PaymentDesk(state).standing(who.tenant_id)
    made = PaymentsView(
        plan=_plan(state, standing.plan),
        usage=UsageView(channels=usage.channels, videos=usage.videos, autonomy_hours=usage.autonomy_hours),
        status=standing.status,
        grace_until=standing.grace_until,
        period_ends_at=standing.period_ends_at,
        ends=standing.ends,
        plans=[_plan(state, one) for one in load_plans().values()],
    )
    return answer(request, made.model_dump_json().encode())


@router.post("/v1/payments/checkout", response_model=PageView, responses=problems(403, 409, 502))
async def payments_checkout(request: Request, state: State, who: Payer, once: Repetition, order: CheckoutOrder) -> Response:
    """Make a page of Stripe's on which a plan is paid for. The plan counts when Stripe says that it is paid, not when the person comes back."""
    key = f"{who.tenant_id}/{once.key or new_id('checkout')}"

    async def effect() -> Answer:
        url = await run_in_threadpool(PaymentDesk(state).checkout, _orderer(request, state, who), order.plan, key)
        return Answer(PageView(url=url).model_dump_json().encode())

    return await once.run_beyond(state, who, effect)


@router.post("/v1/payments/portal", response_model=PageView, responses=problems(403, 409, 502))
async def payments_portal(request: Request, state: State, who: Payer, once: Repetition) -> Response:
    """Make a page of Stripe's on which the card and the plan are changed, or the subscription is cancelled."""

    async def effect() -> Answer:
        url = await run_in_threadpool(PaymentDesk(state).portal, _orderer(request, state, who))
        return Answer(PageView(url=url).model_dump_json().encode())

    return await once.run_beyond(state, who, effect)


@router.post("/webhooks/stripe", dependencies=[Public], response_model=TakenStripeEvent, responses=problems(403, 413, 422, 502, 503), openapi_extra=_BODY)
async def webhooks_stripe(
    request: Request,
    state: State,
    signature: Annotated[str | None, Header(alias=HEADER, description="`t=SECONDS,v1=HEX` as Stripe signs the raw body.")] = None,
) -> Response:
    """Take an event of Stripe. One that came before is answered the same and does nothing."""
    body = await request.body()
    listed = state.settings.stripe_webhook_secrets
    secrets = tuple(one.strip() for one in listed.get_secret_value().split(",") if one.strip()) if listed is not None else ()
    if not secrets or state.settings.stripe_secret_key is None:
        raise WebhooksOff("stripe: no event is taken; set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS to those of your account")
    event: StripeEvent = load_constant(_READ_EVENT)(body, signature, secrets, state.clock.now().timestamp())
    new = await run_in_threadpool(PaymentDesk(state).take, event)
    return Response(TakenStripeEvent(id=event.id, new=new).model_dump_json(), media_type="application/json")


def _plan(state: ServiceState, plan: Plan) -> PlanView:
    limits = {"channels": plan.channels, "videos_per_month": plan.videos_per_month, "autonomy_hours_per_month": plan.autonomy_hours_per_month}
    sold = plan.price is not None and state.settings.stripe_secret_key is not None
    return PlanView(id=plan.id, name=plan.name, for_sale=sold, **limits)


def _orderer(request: Request, state: ServiceState, who: Principal) -> Orderer:
    # The host is one that this server answers for: the door has looked.
    scheme = "https" if is_secure(request, state.settings) else "http"
    return Orderer(who.tenant_id, who.user_id, f"{scheme}://{request.headers['host']}")
