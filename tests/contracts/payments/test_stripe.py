"""The port of payments, by its real client against the stand-in, over HTTP; and the stand-in refuses what Stripe's published document refuses."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
import stripe
from pydantic import SecretStr

from infra.clock import SYSTEM_CLOCK
from infra.settings import Settings, load_settings
from tools.sandbox import Fault, Sandbox, cut_connection, delayed
from tools.vendors.stripe.client import API_VERSION, StripeClient
from tools.vendors.stripe.errors import EventRefused, StripeAway, StripeRefused
from tools.vendors.stripe.events import read_event
from tools.vendors.stripe.port import HEADER, CheckoutAsk, is_live_key
from tools.vendors.stripe.sandbox import KEY, SECRET, out_of_order, stripe_app, too_many_requests
from tools.vendors.stripe.sandbox_world import StripeWorld, signed

PRICE = "ytempire_studio_monthly"


@pytest.fixture
def world() -> StripeWorld:
    """An account that sells one plan."""
    return StripeWorld((PRICE,))


@pytest.fixture
def server(world: StripeWorld) -> Iterator[Sandbox]:
    """The stand-in, served."""
    with Sandbox(stripe_app(world)) as running:
        yield running


@pytest.fixture
def client(settings: Settings, server: Sandbox) -> Iterator[StripeClient]:
    """The real client, sent to the stand-in."""
    keyed = settings.model_copy(update={"stripe_secret_key": SecretStr(KEY), "stripe_base_url": server.url + "/"})
    with closing(StripeClient(keyed)) as made:
        yield made


def opened(client: StripeClient, key: str = "page") -> str:
    customer = client.create_customer("tenant_local", "customer")
    return client.checkout(CheckoutAsk("tenant_local", customer, client.price_id(PRICE), "http://localhost/done", "http://localhost/left"), key).url


def asked_directly(server: Sandbox, path: str, form: dict[str, str], **headers: str) -> tuple[int, dict[str, str]]:
    answer = httpx.post(server.url + path, data=form, headers={"authorization": f"Bearer {KEY}", **headers})
    return answer.status_code, answer.json().get("error", {})


def test_a_plan_is_paid_for_and_its_subscription_stands(client: StripeClient, world: StripeWorld, server: Sandbox) -> None:
    assert httpx.get(opened(client)).status_code == 200
    (made,) = world.subscriptions.values()
    found = client.subscription(made["id"])
    assert (found.status, found.price, found.ends, found.livemode, found.tenant) == ("active", PRICE, False, False, "tenant_local")
    assert found.period_ends_at is not None
    assert found.period_ends_at > SYSTEM_CLOCK.now()
    world.move(made["id"], status="past_due", cancel_at_period_end=True)
    assert (client.subscription(made["id"]).status, client.subscription(made["id"]).ends) == ("past_due", True)
    assert client.portal(found.customer, "http://localhost/").startswith(server.url)
    assert {one.headers["stripe-version"] for one in server.seen if one.path.startswith("/v1/")} == {API_VERSION}
    assert not any("x-stripe-client-telemetry" in one.headers for one in server.seen)


def test_a_page_is_ended_once_and_one_that_was_paid_on_is_told(client: StripeClient, world: StripeWorld) -> None:
    first = opened(client).rsplit("/", 1)[1]
    assert client.end_checkout(first)
    assert client.end_checkout(first)
    assert httpx.get(f"{world.sessions[first]['url']}").status_code == 400
    paid = opened(client, "another").rsplit("/", 1)[1]
    world.pay(paid)
    assert not client.end_checkout(paid)
    with pytest.raises(StripeRefused, match="No such checkout"):
        client.end_checkout("cs_test_none")


def test_the_version_is_the_one_that_the_sdk_was_made_for() -> None:
    assert stripe.api_version in {None, API_VERSION}
    assert stripe.StripeClient(KEY)._requestor._options.stripe_version == API_VERSION


def test_asking_again_with_the_same_key_makes_nothing_twice(client: StripeClient, world: StripeWorld) -> None:
    assert opened(client) == opened(client)
    assert (len(world.customers), len(world.sessions)) == (1, 1)
    with pytest.raises(StripeRefused, match="same parameters"):
        client.create_customer("tenant_other", "customer")


def test_what_is_not_there_is_refused(client: StripeClient, settings: Settings, server: Sandbox) -> None:
    with pytest.raises(StripeRefused, match="no active price with the lookup key 'nothing'"):
        client.price_id("nothing")
    with pytest.raises(StripeRefused, match="No such subscription"):
        client.subscription("sub_none")
    with pytest.raises(StripeRefused, match="No such customer"):
        client.portal("cus_none", "http://localhost/")
    wrong = settings.model_copy(update={"stripe_secret_key": SecretStr("sk_test_other"), "stripe_base_url": server.url})
    with closing(StripeClient(wrong)) as other, pytest.raises(StripeRefused, match="STRIPE_SECRET_KEY") as refused:
        other.price_id(PRICE)
    assert "sk_test" not in str(refused.value)
    with pytest.raises(StripeRefused, match="self-hosted"):
        StripeClient(settings)


@pytest.mark.parametrize("fault", [too_many_requests(), out_of_order(), delayed(0.5), cut_connection(20)], ids=["429", "500", "timeout", "cut"])
def test_trouble_at_stripe_is_told_as_such_after_one_request(client: StripeClient, settings: Settings, server: Sandbox, fault: Fault) -> None:
    server.faults.play("/v1/prices", fault)
    keyed = settings.model_copy(update={"stripe_secret_key": SecretStr(KEY), "stripe_base_url": server.url})
    # Only what is to run out of time is given little of it.
    with closing(StripeClient(keyed, timeout_s=0.2 if fault.seconds else 10.0)) as asking, pytest.raises(StripeAway):
        asking.price_id(PRICE)
    assert len(server.seen) == 1
    assert client.price_id(PRICE)


@pytest.mark.parametrize(
    ("path", "form", "code", "param"),
    [
        ("/v1/customers", {"nam": "x"}, "parameter_unknown", "nam"),
        ("/v1/customers", {"api_key": "x"}, "parameter_unknown", "api_key"),
        ("/v1/checkout/sessions", {"mode": "subscription", "line_items[0][quantty]": "1"}, "parameter_unknown", "line_items[0][quantty]"),
        ("/v1/checkout/sessions", {"mode": "subscription", "line_items[0][quantity]": "x"}, "parameter_invalid", "line_items[0][quantity]"),
        ("/v1/checkout/sessions", {"mode": "subscription", "line_items[0][price]": "p", "success_url": "s"}, "resource_missing", "line_items[0][price]"),
        ("/v1/checkout/sessions", {"line_items[0][price]": "p"}, "parameter_missing", "mode"),
        ("/v1/checkout/sessions/cs_test_none/expire", {"why": "x"}, "parameter_unknown", "why"),
        ("/v1/checkout/sessions", {"mode": "subscription", "line_items[0][price]": "p"}, "parameter_missing", "success_url"),
        ("/v1/billing_portal/sessions", {}, "parameter_missing", "customer"),
        ("/v1/customers", {"metadata[a]": "x" * 5001}, "parameter_invalid_string", "metadata[a]"),
    ],
)
def test_the_stand_in_refuses_what_the_document_refuses(server: Sandbox, path: str, form: dict[str, str], code: str, param: str) -> None:
    status, error = asked_directly(server, path, form)
    assert (status, error["code"], error["param"]) == (400, code, param)


def test_the_stand_in_wants_its_key_and_version(server: Sandbox) -> None:
    assert asked_directly(server, "/v1/customers", {}, authorization="Bearer sk_live_x")[0] == 401
    assert asked_directly(server, "/v1/customers", {}, **{"stripe-version": "2011-01-01"})[0] == 400
    assert asked_directly(server, "/v1/customers", {}, **{"idempotency-key": "k" * 256})[0] == 400


def test_only_what_stripe_signed_now_is_an_event(world: StripeWorld) -> None:
    made = world.subscribe("cus_1", PRICE, {})
    body, headers = signed(world.events[-1], SECRET, 1_000)
    event = read_event(body, headers[HEADER], ("whsec_new", SECRET), 1_299)
    assert (event.type, event.livemode, event.subscription) == ("customer.subscription.created", False, made["id"])
    for header, secrets, now in (
        (headers[HEADER], (SECRET,), 1_301.0),
        (headers[HEADER], (SECRET,), 699.0),
        (headers[HEADER], ("whsec_other",), 1_000.0),
        (headers[HEADER], (), 1_000.0),
        (None, (SECRET,), 1_000.0),
        ("t=1000", (SECRET,), 1_000.0),
        ("t=x,v1=é", (SECRET,), 1_000.0),
    ):
        with pytest.raises(EventRefused):
            read_event(body, header, secrets, now)
    with pytest.raises(EventRefused):
        read_event(body.replace(b"active", b"Active"), headers[HEADER], (SECRET,), 1_000)


@pytest.mark.parametrize(
    "odd", [[], {}, {"object": "event"}, {"object": "event", "id": "e", "type": "x", "created": 10**30, "livemode": 1, "data": {"object": {}}}, "x"]
)
def test_what_is_signed_but_no_event_is_refused(odd: object) -> None:
    text = json.dumps(odd)
    header = stripe.WebhookSignature.generate_signature_header(text, SECRET, 1_000)
    with pytest.raises(EventRefused):
        read_event(text.encode(), header, (SECRET,), 1_000)


def test_an_invoice_names_its_subscription_where_new_and_old_versions_put_it(world: StripeWorld) -> None:
    for about in ({"parent": {"subscription_details": {"subscription": "sub_1"}}}, {"subscription": "sub_1"}):
        event = {"object": "event", "id": "evt_1", "type": "invoice.payment_failed", "created": 1_000, "livemode": False, "data": {"object": about}}
        body, headers = signed(event, SECRET, 1_000)
        assert read_event(body, headers[HEADER], (SECRET,), 1_000).subscription == "sub_1"


@pytest.mark.data
def test_signatures_agree_with_those_of_another_official_client() -> None:
    data = load_settings().data
    if data is None:
        pytest.skip("YTEMPIRE_DATA is not set, so the real signatures cannot be read")
    for line in Path(data, "stripe_signatures", "vectors.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        try:
            read_event(one["payload"].encode(), one["header"], (one["secret"],), one["now"])
            taken = True
        except EventRefused as refused:
            taken = "it is signed" in refused.message
        future = one["valid"] and "t=" in one["header"] and int(one["header"].split("t=")[1].split(",")[0]) > one["now"] + 300
        assert taken == (one["valid"] and not future), one["name"]


def test_the_stand_in_delivers_duplicates_replays_and_the_wrong_order(world: StripeWorld, server: Sandbox) -> None:
    came: list[tuple[str, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            try:
                event = read_event(body, self.headers[HEADER], (SECRET,), SYSTEM_CLOCK.now().timestamp())
                came.append((event.id, event.type))
                self.send_response(200)
            except EventRefused:
                self.send_response(403)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        world.subscribe("cus_1", PRICE, {})
        world.move(next(iter(world.subscriptions)), status="past_due")
        url = f"http://127.0.0.1:{receiver.server_port}/webhooks/stripe"
        told = {
            manner: httpx.post(f"{server.url}/deliveries", json={"url": url, "as": manner}).json()["answers"]
            for manner in ("duplicate", "replayed", "reordered")
        }
        receiver.shutdown()
        thread.join()
    assert told == {"duplicate": [200] * 4, "replayed": [403] * 2, "reordered": [200] * 2}
    assert came[0] == came[1]
    assert came[4:] == [came[2], came[0]]


def test_keys_tell_their_mode() -> None:
    assert [is_live_key(key) for key in ("sk_live_1", "rk_live_1", "sk_test_1", "rk_test_1")] == [True, True, False, False]
