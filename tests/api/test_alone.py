"""Every tool and every agent, one by one: a task may ask for it, or is told why not and what to do instead; and what is named may be read by whoever asks."""

import inspect
import io
import json
import re
from typing import Any

import agents
from agents import crisis_monitor, publisher, scriptwriter, thumbnail_designer, trend_scout, voice_director
from api.cli import build
from api.http.openapi import schema_of
from evals.film_scene import STYLE
from graphs.agent_tasks import NOT_ALONE, PLAYERS
from tests.fixtures.hands import let_serve
from tests.fixtures.service import Service
from tools.allowlist import ALLOWED
from tools.base import UNSAID, ToolSpec
from tools.registry import TOOLS

SIX = (trend_scout, scriptwriter, voice_director, thumbnail_designer, publisher, crisis_monitor)
# What reads, measures and makes; everything else says why it is not called.
CALLABLE = {
    *("collect_trends", "compose_thumbnail", "embed_text", "find_evidence", "find_picture", "forecast_trends", "generate_picture", "inspect_media"),
    *("make_visual", "measure_attention", "paint_picture", "probe_language", "probe_pictures", "probe_voice", "read_source", "render_video"),
    *("screen_content", "synthesize_speech", "take_film"),
}
FOREIGN = "a" * 64


def plain(named: str) -> str:
    """Return a way without what it is about: the names of parameters, and the words behind a verb."""
    return " ".join(named.split(" ")[:2]) if named.startswith("ytempire ") else re.sub(r"{\w+}", "{}", named)


def ways(said: str) -> set[str]:
    """Return what a reason names in backticks."""
    return {plain(one) for one in re.findall(r"`([^`]+)`", said)}


def there_are(service: Service) -> set[str]:
    """Return every operation, verb and kind of task."""
    operations = {plain(f"{method.upper()} {path}") for path, found in schema_of(service.app)["paths"].items() for method in found}
    app = build()
    verbs = {one.name or one.callback.__name__ for one in app.registered_commands if one.callback} | {one.name for one in app.registered_groups}
    return operations | {f"ytempire {verb}" for verb in verbs} | {"ready", "agent"}


async def test_the_registry_says_of_each_tool_whether_it_is_called_alone(service: Service) -> None:
    told = (await service.client.get("/v1/tools")).json()
    callable_, others = {one["name"] for one in told["items"]}, {one["name"]: one["why_not"] for one in told["others"]}
    assert callable_ == CALLABLE == ALLOWED["operator"]
    assert callable_ | others.keys() == {spec.name for spec in TOOLS}
    assert [spec.name for spec in TOOLS if spec.name in callable_ and spec.queue == "publish"] == []
    known = there_are(service)
    assert {name: said for name, said in others.items() if said == UNSAID or not ways(said) or ways(said) - known} == {}


async def test_one_that_is_not_called_alone_is_refused_with_the_way(service: Service) -> None:
    for spec in (one for one in TOOLS if one.why_not_alone):
        refused = await service.client.post("/v1/tasks", json={"kind": "tool", "tool": spec.name, "args": {}})
        (problem,) = refused.json()["errors"]
        assert (refused.status_code, problem["field"]) == (422, "tool"), spec.name
        assert problem["message"] == f"{spec.name} is not called by itself: {spec.why_not_alone}"
    unknown = await service.client.post("/v1/tasks", json={"kind": "tool", "tool": "no_such_tool"})
    assert (unknown.status_code, "`GET /v1/tools` lists them" in unknown.json()["detail"]) == (422, True)


def test_a_new_tool_is_not_called_until_somebody_says_so() -> None:
    assert ToolSpec(name="x", queue="io", args=TOOLS[0].args, result=TOOLS[0].result, implementation="x:y").why_not_alone == UNSAID


async def test_each_part_of_each_agent_is_asked_alone_or_says_why_not(service: Service) -> None:
    assert sorted(one.__name__.removeprefix(f"{agents.__name__}.") for one in SIX) == sorted({name.partition(".")[0] for name in (*PLAYERS, *NOT_ALONE)})
    played = {player.play for player in PLAYERS.values()}

    def is_asked(name: str, part: Any) -> bool:
        return part in played or name in PLAYERS

    for package in SIX:
        parts = {name: found for name in package.__all__ if inspect.iscoroutinefunction(found := getattr(package, name))}
        agent = package.__name__.rpartition(".")[2]
        assert [name for name, part in parts.items() if is_asked(f"{agent}.{name}", part) == (f"{agent}.{name}" in NOT_ALONE)] == [], agent
    told = (await service.client.get("/v1/agents")).json()
    assert {one["name"] for one in told["items"]} == PLAYERS.keys()
    known = there_are(service)
    assert [one for one in told["others"] if not ways(one["why_not"]) or ways(one["why_not"]) - known] == []


REFUSED = {
    "publisher": "one of publisher.prepare, publisher.publish",
    "publisher.publish": "start one with `POST /v1/runs`",
    "crisis_monitor.watch": "`POST /v1/videos/{id}/pull-back`",
    "accountant": "`GET /v1/agents` lists them",
}


async def test_an_agent_that_is_not_asked_alone_is_refused_with_the_way(service: Service) -> None:
    await service.client.post("/v1/channels", json={"personality": "pulse"})
    for agent, said in REFUSED.items():
        refused = await service.client.post("/v1/tasks", json={"kind": "agent", "agent": agent, "channel": "pulse"})
        told = {one["field"]: one["message"] for one in refused.json()["errors"]}
        assert (refused.status_code, said in told["agent"]) == (422, True), told


async def kept(service: Service, name: str, value: Any) -> str:
    """Upload a document and return its digest."""
    return str((await service.client.post("/v1/uploads", files={"file": (name, io.BytesIO(json.dumps(value).encode()))})).json()["digest"])


async def test_a_document_that_names_a_file_of_somebody_else_is_not_rendered(service: Service) -> None:
    let_serve(service.state.studio, "cpu")
    shot = {"id": "s1", "sentence_ids": [], "start_s": 0, "end_s": 1, "kind": "still", "layers": [{"image": FOREIGN}]}
    narration = await kept(service, "narration.json", {"audio": await kept(service, "audio.json", {"a": 1}), "words": []})
    names: dict[str, Any] = {"storyboard": await kept(service, "storyboard.json", {"shots": [shot]}), "narration": narration}

    async def ask(**args: Any) -> dict[str, str]:
        wish = {"kind": "tool", "tool": "render_video", "args": {**names, "captions": STYLE.model_dump(mode="json"), **args}}
        answer = await service.client.post("/v1/tasks", json=wish)
        return {one["field"]: one["message"] for one in answer.json()["errors"]} if answer.status_code == 422 else {"status": str(answer.status_code)}

    assert set(await ask()) == {"args.storyboard.shots.0.layers.0.image"}
    own = await kept(service, "own.json", {"shots": [{**shot, "layers": [{"image": narration}]}]})
    assert (
        "is no JSON"
        in (await ask(storyboard=(await service.client.post("/v1/uploads", files={"file": ("a.txt", b"words")})).json()["digest"]))["args.storyboard"]
    )
    assert "moods" in (await ask(storyboard=own, music_file="/etc/passwd"))["args.music_file"]
    assert set(await ask(storyboard=FOREIGN)) == {"args.storyboard"}
    assert await ask(storyboard=own) == {"status": "202"}


async def test_a_catalogue_of_sources_is_chosen_from_and_not_replaced(service: Service) -> None:
    let_serve(service.state.studio, "io")
    own = {"id": "mine", "name": "Mine", "url": "http://169.254.169.254/", "category": "science", "licence": "CC0-1.0"}
    refused = await service.client.post("/v1/tasks", json={"kind": "tool", "tool": "collect_trends", "args": {"sources": [own]}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "args.sources")
    assert (await service.client.post("/v1/tasks", json={"kind": "tool", "tool": "collect_trends", "args": {"categories": ["science"]}})).status_code == 202
