"""A task that holds a finished script goes on from the review; nothing writes it anew."""

import pytest

from agents import scriptwriter
from graphs.autonomous_request import read_task
from memory.records.tasks import PRIORITIES
from memory.repositories.tasks import NewTask, TaskRepository
from tests.agents.scriptwriter.test_adopt import GIVEN
from tests.fixtures.autonomy import Skies
from tests.fixtures.production import World, blocked, weak


@pytest.fixture(autouse=True)
def adopting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the cast adopt scripts: what it hands on does not matter here."""

    async def adopt(text: str, task: scriptwriter.Input, ctx: object) -> scriptwriter.Output:
        world.cast.path.append(f"adopt {text.splitlines()[0]}")
        return await world.cast.write(task, ctx)  # type: ignore[arg-type]

    monkeypatch.setattr("graphs.nodes.scriptwriter.adopt", adopt, raising=False)


async def test_a_weak_script_of_the_operator_goes_on_as_it_is_and_a_blocked_one_is_refused(world: World) -> None:
    world.players.reviews = [weak(0.6)]
    run_id = await world.begin(topic="The Varn lighthouse", script=GIVEN, own_text=True)
    assert (await world.drive(run_id)).status == "published"
    assert world.cast.path.count("review") == 1
    assert "adopt # The Varn lighthouse" in world.cast.path
    world.players.reviews = [blocked()]
    ended = await world.drive(await world.begin(topic="The Varn lighthouse", script=GIVEN, own_text=True))
    assert (ended.status, "unsupported" in ended.reasons[0]) == ("refused", True)


async def test_a_person_who_sends_it_back_is_asked_about_the_same_words_again(world: World) -> None:
    run_id = await world.begin("manual", topic="The Varn lighthouse", script=GIVEN, own_text=True)
    assert (await world.drive(run_id)).status == "waiting"
    await world.answer(run_id, {"type": "response", "args": "make it funnier"})
    assert (await world.drive(run_id)).status == "waiting"
    assert len(world.cast.written) == 1


async def test_an_injected_script_becomes_a_production_of_the_run(world: World) -> None:
    skies = Skies(world)
    skies.begin(channels=("deep-orbit",), videos=1)
    await skies.wake()
    payload = read_task("script", {"script": GIVEN, "own_text": True})
    with world.database.unit_of_work() as session:
        TaskRepository(session).add(NewTask("script", payload, "ada", priority=PRIORITIES["urgent"]))
    for _ in range(2):
        await skies.wake()
    assert world.one("select request->>'script' from runs") == GIVEN
    assert world.one("select (request->>'own_text')::bool from runs")
