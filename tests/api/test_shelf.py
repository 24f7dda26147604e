"""Kept reads: what the console polls costs little, and is never older, or of others, than what a read would be."""

import pytest

from memory.repositories.channels import ChannelRepository
from tests.fixtures.service import EVERYTHING, Service

LIST = "/v1/channels?limit=3"


@pytest.fixture
def service_with_one(service: Service) -> Service:
    """The service of a studio with one channel."""
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).create("pulse", "pulse", "Pulse", "tenant_local")
    return service


async def test_what_is_asked_again_is_answered_alike_and_counted_by_its_route(service_with_one: Service) -> None:
    service, counts = service_with_one, service_with_one.state.cache.counts
    answers = [await service.client.get(LIST) for _ in range(3)]
    names = ("content-type", "etag", "cache-control", "x-content-type-options")
    assert len({(one.status_code, one.content, *(one.headers[name] for name in names)) for one in answers}) == 1
    assert (counts["api_responses", "miss"], counts["api_responses", "hit"]) == (1, 2)
    same = await service.client.get(LIST, headers={"if-none-match": answers[0].headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    metrics = (await service.client.get("/metrics")).text
    assert 'ytempire_http_requests_total{method="GET",route="/v1/channels",status="200"} 3.0' in metrics
    assert 'ytempire_cache_hit_ratio{policy="api_responses"} 0.75' in metrics


async def test_whoever_changes_something_reads_what_they_changed(service_with_one: Service) -> None:
    service = service_with_one
    for turn in range(10):
        await service.client.get(LIST)
        changed = await service.client.patch("/v1/channels/pulse", json={"budget_day_usd": turn}, headers={"if-match": "*"})
        assert changed.status_code == 200
        assert (await service.client.get(LIST)).json()["items"][0]["budget_day_usd"] == turn


async def test_who_asks_and_whether_they_may_is_asked_each_time(service_with_one: Service) -> None:
    service = service_with_one
    for _ in range(2):
        assert len((await service.client.get(LIST)).json()["items"]) == 1
    service.asking.sign_in("user_2", tenant="tenant_other")
    for _ in range(2):
        assert (await service.client.get(LIST)).json()["items"] == []
    service.asking.sign_in(scopes=EVERYTHING - {"channels:read"})
    assert (await service.client.get(LIST)).status_code == 403
    service.asking.principal = None
    assert (await service.client.get(LIST)).status_code == 401


async def test_what_is_not_kept_is_read_each_time_and_refused_alike(service_with_one: Service) -> None:
    service = service_with_one
    for turn in range(3):
        with service.state.studio.unit_of_work() as session:
            ChannelRepository(session).set_budget("pulse", turn * 1_000_000)
        told = await service.client.get("/v1/channels/pulse")
        assert told.json()["budget_day_usd"] == turn
        missing = await service.client.get("/v1/channels/nobody")
        assert (missing.status_code, missing.json()["code"], missing.json()["channel"]) == (404, "channel_missing", "nobody")
    metrics = (await service.client.get("/metrics")).text
    assert 'ytempire_http_requests_total{method="GET",route="/v1/channels/{channel_id}",status="404"} 3.0' in metrics
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/channels/pulse")).status_code == 404


async def test_a_page_behind_a_cursor_is_never_kept(service_with_one: Service) -> None:
    service = service_with_one
    service.state.cache.counts.clear()
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).create("blueprint", "blueprint", "Blueprint", "tenant_local")
    cursor = (await service.client.get("/v1/channels?limit=1")).json()["next"]
    for _ in range(2):
        assert len((await service.client.get("/v1/channels", params={"cursor": cursor, "limit": 1})).json()["items"]) == 1
    assert sum(service.state.cache.counts.values()) == 1
