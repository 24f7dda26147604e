"""The schema: valid, complete, readable, and the same at every making."""

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from api.app import create_app
from api.commands.openapi import document
from api.errors import status_of
from api.http.openapi import permission_of, routes_of, schema_of
from api.http.versions import etag_of
from infra.errors import StudioError
from tests.fixtures.service import Service

ROOT = Path(__file__).resolve().parents[2]
_METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def operations(service: Service) -> dict[str, dict[str, object]]:
    """Every operation by its id."""
    return {operation["operationId"]: operation for path in schema_of(service.app)["paths"].values() for name, operation in path.items() if name in _METHODS}


async def test_the_document_is_served_and_the_page_loads_nothing_from_elsewhere(service: Service) -> None:
    answer = await service.client.get("/openapi.json")
    assert answer.json()["openapi"] == "3.1.0"
    assert answer.headers["etag"] == etag_of(answer.content)
    page = await service.client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.text
    for part in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert (await service.client.get(part)).status_code == 200, part
    assert (await service.client.get("/docs/assets/..%2f..%2fconsts.py")).status_code == 404


def test_the_committed_document_is_the_services_own(service: Service) -> None:
    committed = (ROOT / "ui" / "openapi.json").read_text("utf-8")
    assert document() == committed, "the schema changed: run `make client` and commit ui/openapi.json and ui/src/api/schema.d.ts"
    assert json.loads(committed) == json.loads(json.dumps(schema_of(service.app)))


async def test_two_makings_of_the_document_are_equal(service: Service) -> None:
    other = create_app(replace(service.state, registry=type(service.state.registry)()), service.asking.authenticate)
    assert json.dumps(schema_of(other)) == json.dumps(schema_of(service.app))


def test_every_reference_leads_somewhere(service: Service) -> None:
    document = schema_of(service.app)
    for reference in re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(document)):
        assert reference in document["components"]["schemas"], reference
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_operation_ids_are_the_functions_and_read_as_noun_and_verb(operations: dict[str, dict[str, object]]) -> None:
    assert {"channels_list", "channels_get", "channels_create", "channels_edit", "incidents_list", "quotas_list"} <= set(operations)
    assert [name for name in operations if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []


def test_every_operation_says_what_it_does_what_it_asks_and_how_it_refuses(service: Service, operations: dict[str, dict[str, object]]) -> None:
    asked = {context.name: permission_of(context) for context in routes_of(service.app)}
    for name, operation in operations.items():
        assert operation.get("description"), name
        assert operation.get("tags"), name
        responses = operation["responses"]
        assert isinstance(responses, dict)
        assert "500" in responses, name
        if asked[name] is not None:
            assert operation["x-permission"] == asked[name]
            assert operation["security"] == [{"bearer": []}]
            assert {"401", "403", "503"} <= set(responses), name
        if operation.get("requestBody"):
            assert {"413", "422"} <= set(responses), name
        refusals = {status: one for status, one in responses.items() if status >= "400" and status != "503"}
        wrong = {status for status, one in refusals.items() if "application/problem+json" not in one.get("content", {})}
        assert wrong == set(), name


# Who signs in or out, what is told once and never kept, what is the same under the same bytes, and what brings a key or an event id of its own.
_UNREPEATED = {
    *("auth_login", "auth_setup", "auth_link", "auth_refresh", "auth_logout", "me_change_password", "me_confirm", "me_create_socket_ticket"),
    *("me_create_token", "users_create_link", "webhook_endpoints_create", "webhook_endpoints_rotate"),
    *("users_create", "uploads_create", "films_create"),
    *("webhooks_stripe", "webhooks_notices", "webhooks_callback"),
    # Questions, which change nothing.
    *("autonomous_runs_readiness", "videos_foresee_script"),
}


def test_what_starts_work_can_be_sent_again_and_says_where_to_look(service: Service) -> None:
    for path in schema_of(service.app)["paths"].values():
        operation = path.get("post")
        if operation is None:
            continue
        name, keyed = operation["operationId"], any(one["name"] == "idempotency-key" for one in operation.get("parameters", ()))
        assert keyed != (name in _UNREPEATED), name
        if "202" in operation["responses"]:
            assert operation["responses"]["202"]["headers"]["Location"]["required"], name


# Lists that are short by what they are: a row for each provider, setting, agent, personality, or one's own few sessions and tokens.
_WHOLE = {
    *("accounts_list", "agents_list", "me_list_sessions", "me_list_tokens", "personalities_list"),
    *("quotas_list", "settings_list", "switches_list", "tools_list"),
}


def test_every_list_is_paged(operations: dict[str, dict[str, object]]) -> None:
    lists = {name: operation for name, operation in operations.items() if name.endswith("_list") or "_list_" in name}
    unpaged = {name for name, one in lists.items() if "cursor" not in json.dumps(one.get("parameters", []))}
    assert unpaged <= _WHOLE


def test_every_fact_has_a_status() -> None:
    def kinds(of: type[StudioError]) -> list[type[StudioError]]:
        return [of, *(deeper for one in of.__subclasses__() for deeper in kinds(one))]

    ours = {"api", "memory", "graphs", "agents", "tools", "infra"}
    facts = [kind for kind in kinds(StudioError) if kind is not StudioError and kind.__module__.split(".")[0] in ours]
    assert [kind.__name__ for kind in facts if status_of(kind) == 500 and not kind.__name__.startswith("_")] == []
