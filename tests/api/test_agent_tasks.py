"""Tasks that are one agent: what is wrong is named, the conductor plays the real agent with real tools, and the task keeps and shows what came of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import httpx
import pytest

from graphs.agent_tasks import FIRST_REST_S, MOST_TRIES, PLAYERS, AgentTasks, Player
from graphs.runbook import RunBook
from infra.clock import SYSTEM_CLOCK
from infra.settings import Settings
from memory.repositories.channels import ChannelRepository
from memory.repositories.jobs import QueueUnserved
from tests.fixtures.hands import Hands
from tests.fixtures.scripting import make_brief, make_script
from tests.fixtures.service import Service
from tools.call import ToolCaller

CHANNEL = "field-notes"
SCREEN = {"script": make_script().model_dump(mode="json"), "brief": make_brief().model_dump(mode="json")}
# Of a file that is not the asker's.
PICTURE = {"digest": "a" * 64, "width": 1, "height": 1, "caption": "c", "rights": {"licence": "OWN"}}
HEARD = {"audio": "wav", "sample_rate_hz": 22050, "duration_s": 12.0, "words": [], "sentences": [], "voice": "v", "voice_licence": "CC0-1.0"}
WISH = {"kind": "agent", "agent": "crisis_monitor", "channel": CHANNEL, "input": SCREEN}


@dataclass
class TestClock:
    """Wall time of the machine, and seconds that the test counts."""

    __test__ = False
    seconds: float = 0.0

    def now(self) -> datetime:
        return SYSTEM_CLOCK.now()

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Troubled(Hands):
    """Hands that meet trouble for a while, or that hold still until they are let go."""

    failing: int = 0
    held: asyncio.Event | None = None
    asked: list[str] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, spec: Any, args: Any, **named: Any) -> Any:
        self.asked.append(f"{named['key'].run_id}.{named['key'].iteration}")
        self.begun.set()
        if self.held is not None:
            await self.held.wait()
        if self.failing > 0:
            self.failing -= 1
            raise QueueUnserved("no worker serves the queue")
        return await super().call(spec, args, **named)


@dataclass
class Stage:
    """The service, and a conductor's turns over the same database."""

    service: Service
    hands: Troubled
    clock: TestClock
    tasks: AgentTasks

    async def add(self, **changes: Any) -> httpx.Response:
        return await self.service.client.post("/v1/tasks", json={**WISH, **changes})

    async def status(self, task_id: str) -> str:
        return str((await self.service.client.get(f"/v1/tasks/{task_id}")).json()["status"])

    async def settle(self) -> None:
        """Turn until nothing is worked on; bounded by the test's own limit of time."""
        await self.tasks.turn()
        while self.tasks.playing:
            await asyncio.sleep(0.01)
            await self.tasks.turn()


@pytest.fixture
async def stage(service: Service, settings: Settings) -> AsyncIterator[Stage]:
    """A studio with one channel."""
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure(CHANNEL, CHANNEL, "Field Notes")
    hands, clock = Troubled(service.state.settings), TestClock()
    tasks = AgentTasks(RunBook(service.state.settings, service.state.studio, cast(ToolCaller, hands)), clock)
    yield Stage(service, hands, clock, tasks)
    await tasks.stop()


async def test_an_agent_works_on_what_it_is_given_and_the_task_shows_what_came_of_it(stage: Stage) -> None:
    made = await stage.add(priority="high")
    assert made.status_code == 202, made.text
    body = made.json()
    assert (body["status"], body["what"], body["result"]) == ("queued", "crisis_monitor", None)
    await stage.settle()
    done = (await stage.service.client.get(f"/v1/tasks/{body['id']}")).json()
    assert (done["status"], done["reason"]) == ("done", "")
    assert {"passed", "gates", "decisions"} <= set(done["result"])
    assert {(scope.run_id, scope.priority) for _, _, scope in stage.hands.called} == {(body["id"], 5)}
    assert (await stage.service.client.get("/v1/tasks", params={"kind": "agent", "status": "done"})).json()["items"][0]["id"] == body["id"]
    stage.service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await stage.service.client.get(f"/v1/tasks/{body['id']}")).status_code == 404


async def test_every_agent_tells_what_it_takes(stage: Stage) -> None:
    agents = {one["name"]: one["input"] for one in (await stage.service.client.get("/v1/agents")).json()["items"]}
    assert set(agents) == PLAYERS.keys()
    assert "topic" in agents["trend_scout"]["properties"]


async def test_a_listing_is_prepared_by_itself_and_nothing_is_published(stage: Stage) -> None:
    film = {"video": "film", "captions_srt": "srt", "captions_vtt": "vtt", "duration_s": 12.0, "width": 1920, "height": 1080, "fps": 30}
    variants = [{"image": f"image {number}", "concept": "question", "text": "Why?", "scores": {}, "score": 0.5} for number in range(3)]
    thumbnails = {"variants": variants, "chosen": 1, "reasons": []}
    given = {**SCREEN, "narration": None, "thumbnails": thumbnails, "video": film, "description": "A demo about a lighthouse."}
    made = await stage.add(agent="publisher.prepare", input=given)
    assert made.status_code == 202, made.text
    await stage.settle()
    done = (await stage.service.client.get(f"/v1/tasks/{made.json()['id']}")).json()
    assert (done["status"], done["reason"]) == ("done", "")
    manifest = done["result"]["manifest"]
    assert (manifest["video"], manifest["thumbnail"], manifest["channel_id"]) == ("film", "image 1", CHANNEL)
    assert (stage.hands.called, (await stage.service.client.get("/v1/videos")).json()["items"]) == ([], [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agent": "publisher"}, "agent"),
        ({"channel": None}, "channel"),
        ({"channel": "nobody"}, "channel"),
        ({"due_at": "2130-01-01T00:00:00Z"}, "due_at"),
        ({"input": {"brief": SCREEN["brief"]}}, "input.script"),
        ({"agent": "voice_director", "input": {"script": SCREEN["script"], "seconds": -1}}, "input.seconds"),
        ({"agent": "thumbnail_designer", "input": {**SCREEN, "own_folder": "/etc"}}, "input.own_folder"),
        ({"agent": "thumbnail_designer.illustrate", "input": {**SCREEN, "narration": HEARD, "own_folder": "/etc"}}, "input.own_folder"),
        ({"agent": "trend_scout", "input": {"sources": ["/etc/passwd"]}}, "input.sources.0"),
        ({"agent": "trend_scout", "input": {"sources": ["file:///etc/passwd"]}}, "input.sources.0"),
        ({"agent": "trend_scout", "input": {"sources": ["http://127.0.0.1/x"]}}, "input.sources.0"),
        ({"agent": "trend_scout", "input": {"sources": ["upload:" + "0" * 64 + "/x.md"]}}, "input.sources.0"),
        ({"agent": "trend_scout", "input": {"sources": ["upload_" + "0" * 32]}}, "input.sources.0"),
        ({"input": {**SCREEN, "brief": {**SCREEN["brief"], "pictures": [PICTURE]}}}, "input.brief.pictures.0.digest"),
        ({"seconds": 5}, "body.agent.seconds"),
    ],
)
async def test_what_is_wrong_is_told_by_its_field(stage: Stage, changes: dict[str, Any], field: str) -> None:
    refused = await stage.add(**changes)
    assert refused.status_code == 422, refused.text
    assert field in {one["field"] for one in refused.json()["errors"]}
    assert (await stage.service.client.get("/v1/tasks")).json()["items"] == []


async def test_trouble_that_may_pass_is_waited_for_and_not_for_ever(stage: Stage) -> None:
    stage.hands.failing = 1
    task = (await stage.add()).json()["id"]
    await stage.settle()
    assert await stage.status(task) == "running"
    await stage.settle()
    assert len(stage.hands.asked) == 1
    stage.clock.seconds += FIRST_REST_S
    await stage.settle()
    assert await stage.status(task) == "done"
    stage.hands.failing = 99
    lost = (await stage.add(key="again")).json()["id"]
    for _ in range(MOST_TRIES):
        await stage.settle()
        stage.clock.seconds += FIRST_REST_S * 2**MOST_TRIES
    told = (await stage.service.client.get(f"/v1/tasks/{lost}")).json()
    assert (told["status"], told["reason"]) == ("failed", "no worker serves the queue")
    stage.hands.failing, stage.hands.asked = 0, []
    assert (await stage.service.client.post(f"/v1/tasks/{lost}/replay")).status_code == 202
    await stage.settle()
    assert (await stage.status(lost), set(stage.hands.asked)) == ("done", {f"{lost}.1"})


async def test_one_that_is_taken_back_is_let_go(stage: Stage) -> None:
    stage.hands.held = asyncio.Event()
    task = (await stage.add()).json()["id"]
    await stage.tasks.turn()
    await asyncio.wait_for(stage.hands.begun.wait(), 10)
    assert (await stage.service.client.post(f"/v1/tasks/{task}/cancel", json={"reason": "no need"})).json()["status"] == "cancelled"
    await stage.tasks.turn()
    assert stage.tasks.playing == ()
    stage.hands.held.set()
    await stage.settle()
    assert await stage.status(task) == "cancelled"


async def test_a_fault_that_nobody_foresaw_ends_its_task_and_nothing_else(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> Any:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setitem(PLAYERS, "voice_director", Player(PLAYERS["crisis_monitor"].takes, broken))
    lost, good = (await stage.add(agent="voice_director")).json()["id"], (await stage.add()).json()["id"]
    await stage.settle()
    told = (await stage.service.client.get(f"/v1/tasks/{lost}")).json()
    assert (told["status"], told["reason"]) == ("failed", "the agent failed on this input: ZeroDivisionError: division by zero")
    assert await stage.status(good) == "done"


async def test_a_second_conductor_leaves_it_to_the_first(stage: Stage) -> None:
    stage.hands.held = asyncio.Event()
    await stage.add()
    assert await stage.tasks.turn() == 1
    other = AgentTasks(RunBook(stage.service.state.settings, stage.service.state.studio, cast(ToolCaller, stage.hands)), stage.clock)
    assert await other.turn() == 0
    stage.hands.held.set()
    await stage.settle()
