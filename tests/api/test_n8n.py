"""Callbacks of n8n: signed, once, and no more than a program may; and the workflows that ship, against n8n's shape and this service's routes."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import uvicorn
from pydantic import SecretStr

from api.front import listen_at
from api.http.openapi import schema_of
from infra.clock import SYSTEM_CLOCK
from infra.settings import CHECKOUT
from infra.signing import SIGNATURE, TIMESTAMP, WINDOW_S, sign
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.incidents import IncidentRepository
from tests.api.test_approvals_service import asked
from tests.fixtures.production import World
from tests.fixtures.service import Service

SECRET = "n" * 40
TOPIC = {"do": "inject", "key": "k1", "topic": "The rings of Saturn"}
FLOWS = sorted((CHECKOUT / "infra" / "deploy" / "n8n").glob("*.json"))
_NODE = {
    "type": "object",
    "required": ["parameters", "id", "name", "type", "typeVersion", "position"],
    "additionalProperties": False,
    "properties": {
        "parameters": {"type": "object"},
        "id": {"type": "string", "minLength": 1},
        "name": {"type": "string", "minLength": 1},
        "type": {"type": "string", "pattern": r"^(n8n-nodes-base|@n8n/n8n-nodes-langchain)\.[A-Za-z]+$"},
        "typeVersion": {"type": "number"},
        "position": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        "webhookId": {"type": "string"},
        # A name to choose by, and never what it stands for.
        "credentials": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["id", "name"],
                "additionalProperties": False,
                "properties": {"id": {"type": "null"}, "name": {}},
            },
        },
    },
}
# What an export of n8n holds (its INode, IConnections and IWorkflowSettings).
SHAPE = {
    "type": "object",
    "required": ["name", "nodes", "connections", "settings", "active"],
    "properties": {
        "name": {"type": "string"},
        "nodes": {"type": "array", "items": _NODE, "minItems": 2},
        "connections": {"type": "object", "additionalProperties": {"type": "object", "required": ["main"]}},
        "settings": {"type": "object", "properties": {"executionOrder": {"const": "v1"}}, "required": ["executionOrder"]},
        "active": {"const": False},
        "pinData": {"type": "object", "maxProperties": 0},
    },
    "additionalProperties": False,
}


@pytest.fixture
def door(service: Service) -> Service:
    """The service with a secret; what is signed needs nobody to sign in."""
    object.__setattr__(service.state, "settings", service.state.settings.model_copy(update={"webhook_secrets": SecretStr(SECRET)}))
    return service


def signed(body: bytes, late_s: int = 0, secret: str = SECRET) -> dict[str, str]:
    at = int(SYSTEM_CLOCK.now().timestamp()) - late_s
    return {SIGNATURE: sign(secret, at, body), TIMESTAMP: str(at), "content-type": "application/json"}


async def send(door: Service, callback: dict[str, Any], headers: dict[str, str] | None = None, late_s: int = 0) -> Any:
    body = json.dumps(callback).encode()
    return await door.client.post("/webhooks/n8n", content=body, headers=headers or signed(body, late_s))


async def tasks(door: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await door.client.get("/v1/tasks")).json()["items"]
    return found


async def test_a_signed_topic_is_one_task_however_often_its_execution_sends_it(door: Service) -> None:
    made = await send(door, TOPIC)
    assert made.status_code == 202, made.text
    again = await send(door, TOPIC, late_s=100)
    assert (again.json(), again.headers["idempotent-replayed"]) == (made.json(), "true")
    (task,) = await tasks(door)
    assert (task["id"], task["what"], task["created_by"]) == (made.json()["id"], "The rings of Saturn", "n8n")
    assert (await send(door, {**TOPIC, "topic": "Another one"})).json()["code"] == "idempotency_key_reused"


async def test_replayed_late_tampered_and_unsigned_ones_have_no_effect(door: Service) -> None:
    body = json.dumps(TOPIC).encode()
    headers = signed(body)
    answers = await asyncio.gather(*(door.client.post("/webhooks/n8n", content=body, headers=headers) for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [202, *[409] * 19]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"webhook_replayed"}
    for wrong in (
        signed(body, WINDOW_S + 5),
        signed(body, -WINDOW_S - 5),
        signed(body + b" "),
        signed(body, secret="x" * 40),
        {"content-type": "application/json"},
    ):
        assert (await door.client.post("/webhooks/n8n", content=body, headers=wrong)).status_code == 403
    assert len(await tasks(door)) == 1


@pytest.mark.parametrize(
    "callback",
    [
        {},
        {**TOPIC, "do": "decide"},
        {**TOPIC, "topic": "ab"},
        {**TOPIC, "more": 1},
        {**TOPIC, "channel": "nobody"},
        {"do": "inject", "topic": "The rings of Saturn"},
        {"do": "propose", "key": "k", "approval": "a", "decision": {"type": "accept"}},
    ],
)
async def test_what_is_signed_and_wrong_is_refused_by_field_and_what_is_not_signed_is_not_looked_at(door: Service, callback: dict[str, Any]) -> None:
    assert (await send(door, callback)).status_code == 422
    assert (await send(door, callback, {"content-type": "application/json"})).status_code == 403
    assert await tasks(door) == []


@pytest.mark.parametrize("level", ["manual", "autonomous"])
async def test_a_callback_keeps_to_the_channels_level_and_names_none(door: Service, level: str) -> None:
    with door.state.studio.unit_of_work() as session:
        channels = ChannelRepository(session)
        channels.ensure("pulse", "pulse", "Pulse")
        channels.set_autonomy("pulse", level)
    wish = {**TOPIC, "channel": "pulse"}
    refused = await send(door, {**wish, "autonomy": "autonomous"})
    assert (refused.status_code, [one["field"].rpartition(".")[2] for one in refused.json()["errors"]]) == (422, ["autonomy"])
    made = await send(door, wish)
    assert made.status_code == 202, made.text
    assert (await door.client.get(f"/v1/tasks/{made.json()['id']}")).json()["payload"] == {"topic": TOPIC["topic"]}


async def test_a_proposal_is_shown_and_decides_nothing(world: World, door: Service) -> None:
    one = await asked(world, door)
    decision = {"type": "accept", "manifest": one["manifest"]}
    assert (await send(door, {"do": "propose", "key": "k", "approval": one["id"], "decision": decision})).status_code == 202
    detail = (await door.client.get(f"/v1/approvals/{one['id']}")).json()
    assert (detail["status"], [(voice["kind"], voice["by"]) for voice in detail["said"]]) == ("pending", [("proposal", "n8n")])
    stale = {**decision, "manifest": "0" * 64}
    assert (await send(door, {"do": "propose", "key": "l", "approval": one["id"], "decision": stale})).json()["code"] == "manifest_changed"


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_a_workflow_has_the_shape_of_n8n_and_asks_only_for_what_there_is(service: Service, path: Path) -> None:
    flow = json.loads(path.read_text("utf-8"))
    jsonschema.validate(flow, SHAPE)
    names = [node["name"] for node in flow["nodes"]]
    assert len({node["id"] for node in flow["nodes"]}) == len(set(names)) == len(names)
    triggers = [node["name"] for node in flow["nodes"] if "Trigger" in node["type"]]
    assert triggers == names[:1]
    reached = set(triggers)
    for name in names:
        for link in (link for links in flow["connections"].get(name, {"main": []})["main"] for link in links):
            assert (link["type"], link["index"], name in reached) == ("main", 0, True)
            reached.add(link["node"])
    assert reached == set(names)
    paths = {re.sub(r"\{[^}]+\}", "{}", one): methods for one, methods in schema_of(service.app)["paths"].items()}
    for node in (one for one in flow["nodes"] if one["type"] == "n8n-nodes-base.httpRequest"):
        given = node["parameters"]
        route = re.sub(r"\{\{[^}]+\}\}", "{}", given["url"].removeprefix("={{ $('Studio').first().json.address }}"))
        operation = paths[route][given["method"].lower()]
        taken = {one["name"] for one in operation.get("parameters", []) if one["in"] in {"query", "header"}}
        for kind in ("queryParameters", "headerParameters"):
            assert {one["name"] for one in given.get(kind, {"parameters": []})["parameters"]} <= taken
        assert (given.get("genericAuthType") == "httpHeaderAuth") is ("x-permission" in operation)


def test_three_workflows_ship() -> None:
    assert [path.stem for path in FLOWS] == ["inject-topic", "morning-report", "propose-decision"]


@asynccontextmanager
async def listening(door: Service) -> AsyncIterator[str]:
    held = listen_at("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(door.app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve([held]))
    try:
        yield "http://{}:{}".format(*held.getsockname())
    finally:
        server.should_exit = True
        await serving


async def run(flow: str, address: str, given: dict[str, str]) -> dict[str, Any]:
    files = (CHECKOUT / "tests" / "fixtures" / "n8n_run.mjs", CHECKOUT / "infra" / "deploy" / "n8n" / f"{flow}.json")
    process = await asyncio.create_subprocess_exec("node", *map(str, files), address, SECRET, json.dumps(given), stdout=asyncio.subprocess.PIPE)
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, said
    told: dict[str, Any] = json.loads(said)
    return told


@pytest.mark.skipif(shutil.which("node") is None, reason="the code of workflows is JavaScript, and there is no node here")
async def test_the_workflows_do_what_they_say(world: World, door: Service) -> None:
    one = await asked(world, door)
    with door.state.studio.unit_of_work() as session:
        IncidentRepository(session).open("k", "strike", "warning", "A strike came in")
    async with listening(door) as address:
        made = await run("inject-topic", address, {"Topic": "Die Ringe des Saturn – ganz nah", "Priority": "high"})
        told = await run("propose-decision", address, {"chatInput": f"change {one['id']}: a shorter title"})
        mail = await run("morning-report", address, {})
    assert [(task["id"], task["what"], task["priority"]) for task in await tasks(door)] == [(made["id"], "Die Ringe des Saturn – ganz nah", "high")]
    assert told["text"].startswith("Proposed: response")
    assert (one["id"] in mail["text"], "A strike came in" in mail["text"], mail["subject"]) == (True, True, "Studio: 1 to decide, 1 open")
    with door.state.studio.unit_of_work() as session:
        assert {"task.added", "approval.proposed"} <= {event.action for event in AuditRepository(session).list_()}
