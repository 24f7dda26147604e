"""Endpoints of webhooks over HTTP: their secrets are told once and sealed, their addresses are checked, their deliveries listed and sent again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from graphs.webhooks import Courier
from infra.clock import SYSTEM_CLOCK
from infra.signing import SIGNATURE, TIMESTAMP, verify
from tests.fixtures.receiver import Receiver, receiver
from tests.fixtures.service import Service

PATH = "/v1/webhook-endpoints"


@pytest.fixture
async def taker() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
def near(service: Service, taker: Receiver) -> Service:
    """The service, whose operator allows that receiver."""
    settings = service.state.settings.model_copy(update={"webhook_private": f"http://127.0.0.1:{taker.port}", "network": "auto"})
    object.__setattr__(service.state, "settings", settings)
    return service


async def add(service: Service, url: str, **more: Any) -> httpx.Response:
    return await service.client.post(PATH, json={"url": url, "kinds": ["channel"], **more})


async def test_its_secret_is_told_once_sealed_and_signs_what_comes(near: Service, taker: Receiver) -> None:
    made = await add(near, taker.url, note="n8n")
    assert made.status_code == 201, made.text
    one, secret = made.json(), made.json()["secret"]
    assert made.headers["location"] == f"{PATH}/{one['id']}"
    seen = await near.client.get(f"{PATH}/{one['id']}")
    assert seen.json() == {name: value for name, value in one.items() if name != "secret"}
    assert (await near.client.get(PATH)).json()["items"] == [seen.json()]
    with near.state.studio.unit_of_work() as session:
        assert secret not in str(session.connection().exec_driver_sql("select secret from webhook_endpoints").all())
    pinged = await near.client.post(f"{PATH}/{one['id']}/ping")
    assert (pinged.status_code, pinged.json()["status"]) == (202, "waiting")
    await near.client.post("/v1/channels", json={"personality": "pulse"})
    assert await Courier(near.state.settings, near.state.studio).turn() == 2
    assert sorted(said["kind"] for said in taker.said) == ["channel.created", "webhook.ping"]  # posted side by side, in no order
    for head, body in zip(taker.heads, taker.bodies, strict=True):
        verify([secret], (head[SIGNATURE], head[TIMESTAMP]), body, SYSTEM_CLOCK.now().timestamp())
    items = (await near.client.get(f"{PATH}/{one['id']}/deliveries", params={"status": "sent"})).json()["items"]
    assert [(row["kind"], row["tries"][0]["status"]) for row in items] == [("channel.created", 204), ("webhook.ping", 204)]
    again = await near.client.post(f"/v1/webhook-deliveries/{items[0]['id']}/replay")
    assert (again.status_code, again.json()["status"]) == (202, "waiting")
    assert await Courier(near.state.settings, near.state.studio).turn() == 1
    assert taker.said[-1]["id"] == items[0]["id"]


async def test_it_is_edited_by_version_rotated_and_deleted(near: Service, taker: Receiver) -> None:
    one = (await add(near, taker.url)).json()
    path = f"{PATH}/{one['id']}"
    assert (await near.client.patch(path, json={"paused": True})).status_code == 428
    etag = (await near.client.get(path)).headers["etag"]
    paused = await near.client.patch(path, json={"paused": True, "kinds": ["approval"]}, headers={"if-match": etag})
    assert (paused.status_code, paused.json()["paused"], paused.json()["kinds"]) == (200, True, ["approval"])
    assert (await near.client.patch(path, json={"paused": False}, headers={"if-match": etag})).status_code == 412
    turned = (await near.client.post(f"{path}/rotate", json={"overlap_hours": 2})).json()
    assert turned["secret"] != one["secret"]
    assert turned["two_secrets_until"] is not None
    await near.client.post("/v1/channels", json={"personality": "pulse"})
    assert (await near.client.get(f"{path}/deliveries")).json()["items"] == []
    assert (await near.client.delete(path)).status_code == 204
    assert (await near.client.get(path)).json()["code"] == "webhook_endpoint_missing"


@pytest.mark.parametrize(
    "url",
    ["http://example.org/hook", "https://127.0.0.1/", "https://localhost/x", "https://10.1.2.3/", "https://[::1]/", "https://a.internal/", "ftp://example.org"]
    + ["https://user:word@example.org/", "https://example.org:5678/", "http://169.254.169.254/", "https://[::ffff:127.0.0.1]/", "nonsense"],
)
async def test_an_address_that_may_not_be_reached_is_refused_by_name(service: Service, url: str) -> None:
    refused = await add(service, url)
    assert (refused.status_code, "url" in refused.json()["detail"]) == (422, True), refused.text


async def test_kinds_are_checked_and_the_number_is_bounded(service: Service) -> None:
    for kinds in ([], ["Approval"], ["a.b.c"], ["*"] * 51):
        assert (await add(service, "https://example.org/", kinds=kinds)).status_code == 422
    for _ in range(20):
        assert (await add(service, "https://example.org/")).status_code == 201
    assert (await add(service, "https://example.org/")).json()["code"] == "webhook_endpoints_full"


async def test_another_tenant_and_another_role_have_no_part_in_it(service: Service) -> None:
    one = (await add(service, "https://example.org/")).json()
    service.asking.sign_in(tenant="tenant_other")
    assert (await service.client.get(PATH)).json()["items"] == []
    for path in (f"{PATH}/{one['id']}", f"{PATH}/{one['id']}/deliveries"):
        assert (await service.client.get(path)).status_code == 404
    assert (await service.client.delete(f"{PATH}/{one['id']}")).status_code == 404
    service.asking.sign_in(scopes=frozenset({"webhooks:read"}))
    assert (await add(service, "https://example.org/")).status_code == 403
    service.asking.sign_in(scopes=frozenset({"channels:read"}))
    assert (await service.client.get(PATH)).status_code == 403
