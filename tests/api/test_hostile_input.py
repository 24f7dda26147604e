"""Whatever is sent, every route answers with a refusal of its own: no failure, no traceback, no value told back."""

import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api.auth.identity import open_identity
from api.http.openapi import permission_of, routes_of, schema_of
from infra.settings import Settings
from memory.repositories.users import UserRepository
from tests.fixtures.identity import QUICK
from tests.fixtures.nouns import Objects, one_of_each
from tests.fixtures.service import Service

_LONE = "\ud800"
_WORDS: list[Any] = ["\x00", _LONE, "‮", "", "x" * 5000, "' or 1=1 --", "../../etc/passwd", "{{7*7}}"]
_RAW = [b"", b"null", b"[]", b"1", b'"x"', b"{", b"\xff\xfe", b"[" * 200_000, b'{"a":NaN}', b"{}", b'{"\\ud800":1}']
_PLACES = ["%00", "%ff", "..%2f..", "x" * 300, "%F0%9F%92%A9", "a;b", "a'b"]
_SCHEMA_OF: dict[str, list[Any]] = {
    "string": _WORDS,
    "number": [-1, 1e308, "NaN"],
    "integer": [-1, 10**30, 1.5],
    "boolean": ["yes", 2],
    "array": [[], [10**30], "x"],
}


def bodies(schema: dict[str, Any], document: dict[str, Any]) -> list[bytes]:
    """Return bodies in which one field at a time is what it should not be."""
    if "oneOf" in schema:
        return [body for one in schema["oneOf"] for body in bodies(one, document)]
    model = document["components"]["schemas"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
    good = {name: model["properties"][name].get("const", "x") for name in model.get("required", ())}
    made = []
    for name, field in model.get("properties", {}).items():
        kinds = [one.get("type", "string") for one in field.get("anyOf", [field])]
        for value in itertools.chain.from_iterable(_SCHEMA_OF.get(kind, _WORDS) for kind in kinds):
            made.append(json.dumps({**good, name: value}).encode())
    return [*made, *_RAW, json.dumps({**good, "unknown": 1}).encode()]


@pytest.fixture
async def whole(service: Service, service_settings: Settings, identity_home: Path) -> AsyncIterator[Service]:
    """The service with everything that it can be asked, by somebody who may do it all."""
    service.asking.sign_in(scopes=frozenset(one for one in map(permission_of, routes_of(service.app)) if one is not None))
    async with open_identity(service_settings.model_copy(update={"home": identity_home}), service.state.studio, QUICK) as identity:
        service.app.state.identity = identity
        yield service


def real_objects(service: Service) -> Objects:
    """Make something behind every path, so that what passes the door meets the database, and let its owner ask."""
    with service.state.studio.unit_of_work() as session:
        user = UserRepository(session).add("ada@example.org", "admin").id
    service.asking.sign_in(user)
    return one_of_each(service.state, user, "pulse")


async def test_no_body_makes_a_route_fail(service: Service) -> None:
    document, there = schema_of(service.app), real_objects(service)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            for body in bodies(content["schema"], document):
                headers = {"content-type": "application/json", "if-match": "*"}
                answer = await service.client.request(method, there.path(path), content=body, headers=headers)
                assert answer.status_code < 500 or answer.json()["retryable"], (method, path, body[:200], answer.text)
                assert answer.status_code < 300 or answer.headers["content-type"] == "application/problem+json", (method, path)
                assert str(answer.status_code) in operation["responses"], (method, path, body[:200], answer.status_code)


async def test_no_place_and_no_question_makes_a_route_fail(service: Service) -> None:
    for path, operations in schema_of(service.app)["paths"].items():
        for method, operation in operations.items():
            named = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
            asked = [f"{name}={place}" for name in named for place in _PLACES]
            places = [path.replace("{" + part.partition("}")[0] + "}", place) for part in path.split("{")[1:] for place in _PLACES]
            for url in [*(f"{path}?{one}" for one in asked if "{" not in path), *places]:
                answer = await service.client.request(method, url, headers={"idempotency-key": "k"})
                assert answer.status_code < 500, (method, url, answer.text)


async def test_headers_that_are_no_headers_of_ours_are_refused(service: Service) -> None:
    for name, value in [
        ("if-match", b"\xff"),
        ("if-match", b'"' * 300),
        ("idempotency-key", b"a b"),
        ("idempotency-key", b"x" * 300),
        ("if-none-match", b",,,"),
    ]:
        for method, path in (("PATCH", "/v1/channels/pulse"), ("POST", "/v1/channels"), ("GET", "/v1/channels")):
            answer = await service.client.request(method, path, json={"personality": "nobody"}, headers=[(name.encode(), value)])
            assert answer.status_code < 500, (name, value, method)


async def test_a_slash_at_the_end_leads_nowhere_else(service: Service) -> None:
    assert (await service.client.get("/v1/channels/")).status_code in {404, 422}
