"""Payments over HTTP: a plan is paid for on the stand-in's page, its events come in any order, twice and at once, and limits follow."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr

from api.app import create_app
from api.server import open_service
from infra.clock import SYSTEM_CLOCK
from infra.settings import Settings
from memory.personality import load_personalities
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.audit import AuditRepository
from memory.repositories.messages import MessageRepository
from memory.repositories.payments import PaymentRepository
from memory.repositories.switches import SwitchRepository
from tests.fixtures.service import EVERYTHING, Asking, Service
from tools.sandbox import Sandbox
from tools.vendors.stripe.sandbox import KEY, out_of_order, stripe_app
from tools.vendors.stripe.sandbox_wire import Refusal
from tools.vendors.stripe.sandbox_world import StripeWorld, Thing, signed

NEW, OLD = "whsec_new", "whsec_old"
STUDIO, NETWORK = "ytempire_studio_monthly", "ytempire_network_monthly"


@dataclass
class Shop:
    """The service of a studio that sells plans, and the stand-in that takes the money."""

    service: Service
    world: StripeWorld
    server: Sandbox

    async def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        return await self.service.client.request(method, path, **more)  # type: ignore[arg-type]

    async def pay(self, plan: str = "studio") -> str:
        """Pay for a plan on the page; return the subscription's id. Nothing has been told of it yet."""
        made = await self.ask("POST", "/v1/payments/checkout", json={"plan": plan})
        assert made.status_code == 200, made.text
        session = made.json()["url"].rsplit("/", 1)[1]
        return str(self.world.pay(session)["id"])

    async def tell(self, event: Thing, secret: str = NEW, late_s: int = 0) -> httpx.Response:
        body, headers = signed(event, secret, int(SYSTEM_CLOCK.now().timestamp()) - late_s)
        return await self.service.client.post("/webhooks/stripe", content=body, headers=headers)

    async def plan(self) -> tuple[str, str | None]:
        told = (await self.ask("GET", "/v1/payments")).json()
        return told["plan"]["id"], told["status"]

    def audited(self, action: str) -> int:
        with self.service.state.studio.unit_of_work() as session:
            return [event.action for event in AuditRepository(session).list_()].count(action)


@pytest.fixture
def world() -> StripeWorld:
    """An account that sells two plans."""
    return StripeWorld((STUDIO, NETWORK))


@pytest.fixture
def server(world: StripeWorld) -> Iterator[Sandbox]:
    """The stand-in, served."""
    with Sandbox(stripe_app(world)) as running:
        yield running


@pytest.fixture
async def shop(service_settings: Settings, world: StripeWorld, server: Sandbox) -> AsyncIterator[Shop]:
    """The service with a key and two secrets, one of them on its way out; an admin asks."""
    secrets = {"stripe_secret_key": SecretStr(KEY), "stripe_webhook_secrets": SecretStr(f"{NEW}, {OLD}")}
    settings = service_settings.model_copy(update={**secrets, "stripe_base_url": server.url})
    asking = Asking()
    asking.sign_in()
    async with open_service(settings) as state:
        with state.studio.unit_of_work() as session:
            PaymentRepository(session).set_billed(True)
        app = create_app(state, asking.authenticate)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://localhost:8000") as client:
            yield Shop(Service(app, state, client, asking), world, server)


async def test_a_plan_counts_when_stripe_says_that_it_is_paid(shop: Shop) -> None:
    assert await shop.plan() == ("entry", None)
    await shop.pay()
    assert await shop.plan() == ("entry", None)
    for event in shop.world.events:
        assert (await shop.tell(event)).json()["new"]
    assert await shop.plan() == ("studio", "active")
    again = await shop.ask("POST", "/v1/payments/checkout", json={"plan": "network"})
    assert (again.status_code, again.json()["code"]) == (409, "already_subscribed")
    page = await shop.ask("POST", "/v1/payments/portal")
    assert page.json()["url"].startswith(f"{shop.server.url}/portal/cus_")
    (session,) = shop.world.sessions.values()
    assert session["success_url"] == "http://localhost:8000/?payment=done"


async def test_channels_beyond_the_plan_are_refused_with_the_way_to_have_more(shop: Shop) -> None:
    names = list(load_personalities())[:6]
    made = [await shop.ask("POST", "/v1/channels", json={"personality": name}) for name in names]
    assert [one.status_code for one in made] == [201] * 5 + [403]
    problem = made[-1].json()
    assert (problem["code"], problem["plan"], problem["limit"]) == ("plan_limit_reached", "entry", "channels")
    assert problem["detail"].startswith("plan: Entry allows 5 channels and there are 5; choose a larger plan (POST /v1/payments/checkout")
    await shop.pay()
    await shop.tell(shop.world.events[-1])
    assert (await shop.ask("POST", "/v1/channels", json={"personality": names[5]})).status_code == 201
    usage = (await shop.ask("GET", "/v1/payments")).json()["usage"]
    assert usage == {"channels": 6, "videos": 0, "autonomy_hours": 0.0}


async def test_events_in_any_order_end_in_how_it_stands(shop: Shop) -> None:
    sub = await shop.pay()
    shop.world.move(sub, status="past_due")
    shop.world.move(sub, status="active", lookup_key=NETWORK)
    for event in reversed(shop.world.events):
        assert (await shop.tell(event)).status_code == 200
        if event["type"] != "customer.created":
            assert await shop.plan() == ("network", "active")


async def test_an_older_event_never_undoes_a_cancellation(shop: Shop) -> None:
    sub = await shop.pay()
    await shop.tell(shop.world.events[-1])
    await shop.tell(shop.world.move(sub, status="canceled"))
    assert await shop.plan() == ("entry", None)
    assert (await shop.tell(shop.world.events[1])).json()["new"]
    assert await shop.plan() == ("entry", None)


async def test_twenty_at_once_make_one_effect(shop: Shop) -> None:
    await shop.pay()
    answers = await asyncio.gather(*(shop.tell(shop.world.events[-1]) for _ in range(20)))
    assert {one.status_code for one in answers} == {200}
    assert [one.json()["new"] for one in answers].count(True) == 1
    assert shop.audited("subscription.changed") == 1
    assert not (await shop.tell(shop.world.events[-1])).json()["new"]


async def test_either_secret_signs_while_one_is_replaced_and_nothing_else_does(shop: Shop) -> None:
    await shop.pay()
    first, second, third = shop.world.events
    assert (await shop.tell(first, OLD)).status_code == 200
    assert (await shop.tell(second, NEW)).status_code == 200
    for refused in (await shop.tell(third, "whsec_other"), await shop.tell(third, late_s=301), await shop.tell(third, late_s=-302)):
        assert (refused.status_code, refused.json()["code"]) == (403, "stripe_event_refused")
    body, headers = signed(third, NEW, int(SYSTEM_CLOCK.now().timestamp()))
    tampered = await shop.service.client.post("/webhooks/stripe", content=body.replace(b"paid", b"Paid"), headers=headers)
    assert tampered.status_code == 403
    assert (await shop.service.client.post("/webhooks/stripe", content=body)).status_code == 403


async def test_events_of_the_other_mode_are_refused(shop: Shop) -> None:
    await shop.pay()
    refused = await shop.tell({**shop.world.events[-1], "livemode": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "stripe_mode_wrong")
    assert await shop.plan() == ("entry", None)


async def test_what_another_shop_sells_under_the_same_account_has_no_effect(shop: Shop) -> None:
    shop.world.add_customer({})
    shop.world.subscribe(next(iter(shop.world.customers)), STUDIO, {"ytempire_tenant": LOCAL_TENANT})
    assert (await shop.tell(shop.world.events[-1])).status_code == 200
    assert await shop.plan() == ("entry", None)


async def test_when_stripe_cannot_be_asked_the_event_is_to_be_sent_again(shop: Shop) -> None:
    await shop.pay()
    shop.server.faults.play("/v1/subscriptions", out_of_order())
    refused = await shop.tell(shop.world.events[-1])
    assert (refused.status_code, refused.json()["retryable"]) == (503, True)
    assert (await shop.tell(shop.world.events[-1])).json()["new"]
    assert await shop.plan() == ("studio", "active")


async def test_a_kill_switch_holds_requests_to_stripe_back(shop: Shop) -> None:
    with shop.service.state.studio.unit_of_work() as session:
        SwitchRepository(session).engage("provider:stripe", "looking into it", "user_1")
    refused = await shop.ask("POST", "/v1/payments/checkout", json={"plan": "studio"})
    assert refused.status_code >= 400
    assert [one.path for one in shop.server.seen] == []


async def test_a_failed_payment_keeps_the_plan_for_its_grace(shop: Shop) -> None:
    sub = await shop.pay()
    await shop.tell(shop.world.move(sub, status="past_due"))
    told = (await shop.ask("GET", "/v1/payments")).json()
    assert (told["plan"]["id"], told["status"]) == ("studio", "past_due")
    assert told["grace_until"] is not None
    await shop.tell(shop.world.move(sub, status="past_due"))
    with shop.service.state.studio.unit_of_work() as session:
        (message,) = MessageRepository(session).list_().items
    assert (message.kind, message.severity, sub in message.body, message.about["status"]) == ("payment", "warning", True, "past_due")
    await shop.tell(shop.world.move(sub, status="active"))
    await shop.tell(shop.world.move(sub, status="unpaid"))
    with shop.service.state.studio.unit_of_work() as session:
        assert len(MessageRepository(session).list_().items) == 2


async def test_a_second_page_ends_the_first_at_stripe(shop: Shop) -> None:
    first = (await shop.ask("POST", "/v1/payments/checkout", json={"plan": "studio"})).json()["url"].rsplit("/", 1)[1]
    second = (await shop.ask("POST", "/v1/payments/checkout", json={"plan": "network"})).json()["url"].rsplit("/", 1)[1]
    assert [shop.world.sessions[one]["status"] for one in (first, second)] == ["expired", "open"]
    with pytest.raises(Refusal):
        shop.world.pay(first)
    shop.world.pay(second)
    third = await shop.ask("POST", "/v1/payments/checkout", json={"plan": "studio"})
    assert (third.status_code, third.json()["code"], "paid on just now" in third.json()["detail"]) == (409, "already_subscribed", True)
    assert [one["status"] for one in shop.world.sessions.values()] == ["expired", "complete", "expired"]
    for event in shop.world.events:
        await shop.tell(event)
    assert await shop.plan() == ("network", "active")
    await shop.tell(shop.world.move(next(iter(shop.world.subscriptions)), status="canceled"))
    assert (await shop.ask("POST", "/v1/payments/checkout", json={"plan": "studio"})).status_code == 200


async def test_a_page_that_could_not_be_ended_is_ended_when_the_order_is_sent_again(shop: Shop) -> None:
    first = (await shop.ask("POST", "/v1/payments/checkout", json={"plan": "studio"})).json()["url"].rsplit("/", 1)[1]
    shop.server.faults.play(f"/v1/checkout/sessions/{first}", out_of_order())
    order = {"json": {"plan": "network"}, "headers": {"idempotency-key": "again"}}
    assert (await shop.ask("POST", "/v1/payments/checkout", **order)).status_code == 503
    assert shop.world.sessions[first]["status"] == "open"
    assert (await shop.ask("POST", "/v1/payments/checkout", **order)).status_code == 200
    assert [one["status"] for one in shop.world.sessions.values()] == ["expired", "open"]


async def test_the_same_order_again_gets_the_same_page(shop: Shop) -> None:
    order = {"json": {"plan": "studio"}, "headers": {"idempotency-key": "order-1"}}
    first, second = await shop.ask("POST", "/v1/payments/checkout", **order), await shop.ask("POST", "/v1/payments/checkout", **order)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert (len(shop.world.sessions), len(shop.world.customers)) == (1, 1)


async def test_only_an_admin_pays_and_only_for_what_is_sold(shop: Shop) -> None:
    for wrong in ("entry", "self_hosted", "nothing"):
        refused = await shop.ask("POST", "/v1/payments/checkout", json={"plan": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "plan")
    assert (await shop.ask("POST", "/v1/payments/portal")).json()["code"] == "never_paid"
    shop.service.asking.sign_in(scopes=EVERYTHING - {"payments:manage"})
    for path in ("checkout", "portal"):
        refused = await shop.ask("POST", f"/v1/payments/{path}", json={"plan": "studio"})
        assert (refused.status_code, refused.json()["permission"]) == (403, "payments:manage")


async def test_the_key_is_in_no_log(shop: Shop, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        await shop.pay()
        await shop.tell(shop.world.events[-1])
        shop.server.faults.play("/v1/billing_portal", out_of_order())
        await shop.ask("POST", "/v1/payments/portal")
    said = "".join(capfd.readouterr()) + caplog.text
    assert [secret for secret in (KEY, NEW, OLD) if secret in said] == []


async def test_without_a_key_the_studio_is_self_hosted(service: Service) -> None:
    told = (await service.client.get("/v1/payments")).json()
    assert told["plan"] == {
        "id": "self_hosted",
        "name": "Self-hosted",
        "channels": None,
        "videos_per_month": None,
        "autonomy_hours_per_month": None,
        "for_sale": False,
    }
    refused = await service.client.post("/v1/payments/checkout", json={"plan": "studio"})
    assert (refused.status_code, refused.json()["code"]) == (403, "payments_off")
    assert (await service.client.post("/webhooks/stripe", content=b"{}")).json()["code"] == "webhooks_off"
    for name in load_personalities():
        assert (await service.client.post("/v1/channels", json={"personality": name})).status_code == 201
