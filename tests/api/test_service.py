"""The service's door: ids, refusals, headers, bodies, hosts, and who may pass."""

from dataclasses import replace
from inspect import iscoroutinefunction

import httpx
import pytest
from prometheus_client import CollectorRegistry

from api.app import create_app
from api.http.bodies import MAX_BODY
from api.http.openapi import calls_of, is_public, permission_of, routes_of
from memory.reads.channels import ChannelReads
from tests.fixtures.service import Service


def test_every_route_names_a_permission_or_says_that_it_is_public(service: Service) -> None:
    found = {(context.path, method): (permission_of(context), is_public(context)) for context in routes_of(service.app) for method in context.methods or ()}
    assert [route for route, (permission, public) in found.items() if (permission is not None) == public] == []


def test_no_dependency_is_sent_to_a_thread(service: Service) -> None:
    """FastAPI runs a plain function that a route depends on in a thread: four of them cost more than the read that they were for (decision 0010)."""
    asked = {call for context in routes_of(service.app) for call in calls_of(context.dependant)}
    plain = [call for call in asked if not (iscoroutinefunction(call) or iscoroutinefunction(getattr(call, "__call__", None)))]  # noqa: B004 - an instance's own
    assert plain == []


async def test_a_request_without_a_user_is_refused_as_a_problem(service: Service) -> None:
    service.asking.principal = None
    answer = await service.client.get("/v1/channels")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "unauthenticated"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_list_is_paged(service: Service) -> None:
    answer = await service.client.get("/v1/channels", params={"limit": 2})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"items": [], "next": None}


async def test_readiness(service: Service) -> None:
    answer = await service.client.get("/readyz")
    assert answer.json() == {"status": "ready", "parts": {"database": "ok", "redis": "ok"}}
    assert (await service.client.get("/healthz")).status_code == 200


async def test_metrics_name_routes_by_template_and_tell_how_the_studio_stands(service: Service) -> None:
    await service.client.get("/v1/channels/nothing-like-it")
    answer = await service.client.get("/metrics")
    assert answer.status_code == 200
    lines = answer.text.splitlines()
    assert 'ytempire_http_requests_total{method="GET",route="/v1/channels/{channel_id}",status="404"} 1.0' in lines
    assert "ytempire_dlq_depth 0.0" in lines
    assert "nothing-like-it" not in answer.text
    named = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    wanted = "queue_depth queue_oldest_age_seconds task_attempts_last_day publications quota_remaining cost_usd_today budget_remaining_usd breaker_state"
    assert {f"ytempire_{name}" for name in f"{wanted} approval_age_seconds checkpoint_rows clock_offset_seconds".split()} <= named
    service.asking.principal = None
    assert (await service.client.get("/metrics")).status_code == 401


async def test_a_body_beyond_the_limit_is_refused_before_it_is_read_whole(service: Service) -> None:
    answer = await service.client.post("/v1/channels", content=b"x" * (MAX_BODY + 1), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("host", "status"), [("localhost:8000", 200), ("127.0.0.1", 200), ("[::1]:8000", 200), ("evil.example", 421), ("", 421)])
async def test_only_hosts_of_ours_are_answered_for(service: Service, host: str, status: int) -> None:
    assert (await service.client.get("/healthz", headers={"host": host})).status_code == status


async def test_a_failure_that_nobody_foresaw_is_an_id_and_no_more(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChannelReads, "get", _fail)
    answer = await service.client.get("/v1/channels/pulse", headers={"x-request-id": "mine-1234"})
    assert (answer.status_code, answer.json()["code"], answer.json()["request_id"]) == (500, "failed", "mine-1234")
    assert "a secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PATCH", "/v1/cost-limits", {"day": False}, "body.day"),
        ("POST", "/v1/tasks", {"kind": "topic", "topic": "The Moon", "due_at": 0}, "body.topic.due_at"),
        ("POST", "/v1/tasks/batch", {"tasks": {}}, "body.tasks"),
        ("POST", "/v1/autonomous-runs", {"hours": "6", "budget_usd": 1}, "body.hours"),
        ("GET", "/v1/costs?until=0", None, "query.until"),
        ("GET", "/v1/audit?since=0.5", None, "query.since"),
    ],
)
async def test_a_value_of_another_type_is_refused_by_its_field(service: Service, method: str, path: str, body: object, field: str) -> None:
    answer = await service.client.request(method, path, json=body, headers={"if-match": "*"})
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])


async def test_a_method_that_is_not_known_is_told_which_are(service: Service) -> None:
    for path, allowed in (("/v1/channels", "GET, POST"), ("/v1/channels/pulse", "GET, PATCH"), ("/healthz", "GET")):
        answer = await service.client.request("TRACE", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


async def test_pages_of_other_origins_get_no_leave(service: Service) -> None:
    ask = {"origin": "https://evil.example", "access-control-request-method": "PATCH"}
    answer = await service.client.request("OPTIONS", "/v1/channels/pulse", headers=ask)
    assert answer.status_code == 405
    assert not [name for name in (*answer.headers, *(await service.client.get("/healthz", headers=ask)).headers) if name.startswith("access-control-")]


@pytest.mark.parametrize("asked", ["a b", "x" * 65, "short", "é" * 9])
async def test_an_id_that_could_spoil_the_log_is_replaced(service: Service, asked: str) -> None:
    answer = await service.client.get("/healthz", headers=[(b"x-request-id", asked.encode())])
    assert answer.headers["x-request-id"].startswith("req_")


async def _fail(*_arguments: object) -> bytes:
    raise RuntimeError("a secret")


async def test_a_page_of_an_origin_that_is_named_may_ask(service: Service) -> None:
    settings = service.state.settings.model_copy(update={"cors_origins": "https://console.example"})
    app = create_app(replace(service.state, settings=settings, registry=CollectorRegistry()), service.asking.authenticate)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
        for origin, leave in (("https://console.example", "https://console.example"), ("https://evil.example", None)):
            answer = await client.get("/healthz", headers={"origin": origin})
            assert answer.headers.get("access-control-allow-origin") == leave
            assert "access-control-allow-credentials" not in answer.headers
