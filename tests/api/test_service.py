"""The service's door: ids, refusals, headers, bodies, hosts, and who may pass."""

from api.http.openapi import is_public, permission_of, routes_of
from tests.fixtures.service import Service


def test_every_route_names_a_permission_or_says_that_it_is_public(service: Service) -> None:
    found = {(context.path, method): (permission_of(context), is_public(context)) for context in routes_of(service.app) for method in context.methods or ()}
    assert [route for route, (permission, public) in found.items() if (permission is not None) == public] == []


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
