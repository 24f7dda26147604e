"""Addresses that lead inside: refused at every field of the service that takes one, and refused again when a name is looked up."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.http.openapi import schema_of
from api.tasks.places import CLOSED
from infra.settings import Settings
from tests.fixtures.service import Service
from tools.allowlist import ALLOWED
from tools.registry import Registry
from tools.webhook_post import WebhookPoster

# Forms of this machine, of networks beside it, of what clouds tell their machines, and of addresses that are not what they look like.
HOSTILE = (
    *("http://127.0.0.1/", "http://127.1/", "http://0177.0.0.1/", "http://0x7f.1/", "http://0x7f000001/", "http://2130706433/", "http://017700000001/"),
    *("http://127.0.0.1./", "http://0/", "http://0.0.0.0/", "http://1.2.3/", "http://3232235777/", "HTTP://LOCALHOST/", "http://localhost./"),
    *("http://a.localhost/", "http://ip6-localhost/", "https://localhost.localdomain/", "http://[::]/", "http://[::1]/", "http://[::ffff:127.0.0.1]/"),
    *("http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::7f00:1]/"),
    *("http://[2002:7f00:1::]/", "http://[2001:0:53aa:64c::80ff:fffe]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fec0::1]/"),
    *("http://[fd00::1]/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/"),
    *("http://[fd00:ec2::254]/", "http://metadata.google.internal/", "http://10.0.0.1/", "http://172.31.255.255/", "http://192.168.0.1/"),
    *("http://100.64.0.1/", "http://192.0.0.1/", "http://198.18.0.1/", "http://203.0.113.5/", "http://224.0.0.1/", "http://255.255.255.255/"),
    *("http://user@example.org/", "http://user:word@example.org/", "http://example.org@127.0.0.1/", "http://127.0.0.1#@example.org/"),
    *("http://127.0.0.1\\@example.org/", "http://example.org\\.127.0.0.1/", "http://127.0.0.1%2f@example.org/", "http://example.org%00.evil/"),
    *("http://example.org:0/", "http://example.org:22/", "http://example.org:6379/", "http://example.org:99999/", "http://exam ple.org/"),
    *("file:///etc/passwd", "gopher://example.org/", "ftp://example.org/", "dict://example.org/", "jar:http://example.org!/", "javascript:alert(1)"),
    *("data:text/plain,x", "//127.0.0.1/", "http:/127.0.0.1", "http:127.0.0.1", "http://", "http://?x", "/etc/passwd", "../../etc/passwd"),
    *("http://１２７.０.０.１/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://ⓛocalhost/", "http://[::1]evil.example/", "http://[127.0.0.1]/"),
    *("http://printer.lan/", "http://router.home.arpa/", "http://db.internal/", "http://host.local/", "http://kubernetes.default.svc/", "http://host"),
)
SCRIPT = "# Ice on the move\n\nGlaciers move a little every day.\n"
DOORS: dict[str, tuple[str, str]] = {
    "a task's sources": ("/v1/tasks", "sources"),
    "a video's sources": ("/v1/tasks", "video"),
    "a script's sources": ("/v1/tasks", "script"),
    "a tool's address": ("/v1/tasks", "tool"),
    "a run's sources": ("/v1/runs", "run"),
    "a webhook": ("/v1/webhook-endpoints", "webhook"),
}
# Fields of requests that are or hold an address, by the schema's names.
FIELDS = {
    *("SourcesTask.sources", "VideoTask.sources", "ScriptTask.sources", "NewRun.sources"),
    *("NewEndpoint.url", "EndpointChange.url"),
}
# What a picture says of itself is shown and never fetched.
SHOWN = {"licence_url", "source_url"}


def wish(kind: str, address: str) -> dict[str, Any]:
    """Return a body of that kind with the address in it."""
    wishes: dict[str, dict[str, Any]] = {
        "sources": {"kind": "sources", "sources": [address]},
        "video": {"kind": "video", "topic": "glaciers", "sources": [address]},
        "script": {"kind": "script", "script": SCRIPT, "sources": [address]},
        "tool": {"kind": "tool", "tool": "read_source", "args": {"url": address}},
        "run": {"channel": "pulse", "sources": [address]},
        "webhook": {"url": address, "kinds": ["*"]},
    }
    return wishes[kind]


async def all_refused(client: httpx.AsyncClient, path: str, kind: str) -> list[str]:
    """Return the addresses that are not refused with their field named."""
    taken = []
    for address in HOSTILE:
        answer = await client.post(path, json=wish(kind, address))
        if answer.status_code != 422 or not any(re.search(r"url|sources", one["field"]) for one in answer.json()["errors"]):
            taken.append(f"{address}: {answer.status_code} {answer.text[:200]}")
    return taken


@pytest.mark.parametrize("door", DOORS)
async def test_an_address_that_leads_inside_is_refused_by_its_field_and_nothing_is_kept(service: Service, door: str) -> None:
    path, kind = DOORS[door]
    await service.client.post("/v1/channels", json={"personality": "pulse"})
    assert await all_refused(service.client, path, kind) == []
    assert (await service.client.get(path)).json()["items"] == []


async def test_a_webhook_is_not_led_inside_by_an_edit(service: Service) -> None:
    made = (await service.client.post("/v1/webhook-endpoints", json={"url": "https://example.org/hook", "kinds": ["*"]})).json()
    for address in HOSTILE[::4]:
        refused = await service.client.patch(f"/v1/webhook-endpoints/{made['id']}", json={"url": address}, headers={"if-match": "*"})
        assert (refused.status_code, refused.json()["errors"][0]["field"].endswith("url")) == (422, True), address
    assert (await service.client.get(f"/v1/webhook-endpoints/{made['id']}")).json()["url"] == "https://example.org/hook"


async def test_in_a_batch_one_such_address_refuses_all(service: Service) -> None:
    tasks = [{"kind": "topic", "topic": "glaciers"}, wish("sources", "http://169.254.169.254/")]
    refused = await service.client.post("/v1/tasks/batch", json={"tasks": tasks})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "tasks.1.sources.0")
    assert (await service.client.get("/v1/tasks")).json()["items"] == []


def test_no_other_field_of_a_request_takes_an_address(service: Service) -> None:
    """A new field that names an address belongs to the doors above."""
    document, found = schema_of(service.app), set()
    bodies = [one.get("requestBody") for path in document["paths"].values() for one in path.values()]
    waiting, seen = re.findall(r"#/components/schemas/(\w+)", str(bodies)), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        model = document["components"]["schemas"][name]
        waiting += re.findall(r"#/components/schemas/(\w+)", str(model))
        found |= {f"{name}.{field}" for field in model.get("properties", {}) if re.search(r"url|uri|source|address|link|href|callback|host|proxy", field)}
    assert found == FIELDS


def named(schema: dict[str, Any], parts: dict[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the name of every field of a tool's arguments, at every depth."""
    if (name := schema.get("$ref", "").rpartition("/")[2]) and name not in seen:
        yield from named(parts[name], parts, seen | {name})
    for field, one in schema.get("properties", {}).items():
        yield field
        if field not in CLOSED:
            yield from named(one, parts, seen)
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("prefixItems", ()), schema.get("items", {})):
        if isinstance(one, dict) and one:
            yield from named(one, parts, seen)


def test_no_tool_that_a_client_may_call_takes_a_place_that_is_not_looked_at() -> None:
    for tool in sorted(ALLOWED["operator"]):
        schema = Registry().get(tool).args.model_json_schema()
        places = {name for name in named(schema, schema.get("$defs", {})) if re.search(r"path|folder|file|dir$|url|uri|address", name)}
        assert places - CLOSED.keys() - {"url"} <= SHOWN, tool


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("read_source", {"path": "/etc/passwd"}),
        ("find_picture", {"sentence": "a glacier", "own_folder": "/etc"}),
        ("inspect_media", {"path": "/etc/passwd"}),
        ("find_picture", {"sentence": "a glacier", "own_folder": "~/.ssh"}),
    ],
)
async def test_a_tool_is_never_given_a_path_of_the_server(service: Service, tool: str, args: dict[str, Any]) -> None:
    refused = await service.client.post("/v1/tasks", json={"kind": "tool", "tool": tool, "args": args})
    assert refused.status_code == 422, refused.text
    assert "never taken" in refused.json()["errors"][0]["message"]


@pytest.mark.parametrize("answers", [["10.0.0.7"], ["93.184.216.34", "127.0.0.1"], ["::ffff:169.254.169.254"], ["fe80::1%eth0"], ["64:ff9b::a00:1"]])
async def test_a_name_that_comes_to_mean_the_inside_is_not_reached(monkeypatch: pytest.MonkeyPatch, answers: list[str]) -> None:
    """What was public when it was written down is looked up once at each posting, all its addresses are checked, and the checked one is dialled."""
    asked = []

    def answer(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", (one, port)) for one in answers]

    monkeypatch.setattr("tools.fetch_guard.socket.getaddrinfo", answer)
    async with WebhookPoster(Settings(_env_file=None, network="auto")) as poster:
        posted = await poster.post("https://rebinding.example/hook", b"{}", {})
    assert (posted.taken, posted.status, posted.said.partition(":")[0], asked) == (False, None, "address_forbidden", ["rebinding.example"])
