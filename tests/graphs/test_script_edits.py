"""A script in a person's own words: it takes the writer's place, is measured first, and is asked about anew."""

from typing import Any

import pytest

from infra.errors import Invalid
from memory.artifacts import Script
from tests.fixtures.production import World, blocked

WORDS: dict[str, Any] = {
    "title": "In our words",
    "beats": [{"id": "b1", "heading": "h", "sentences": [{"id": "b1s1", "text": "We say this.", "role": "fact"}]}],
}


@pytest.fixture(autouse=True)
def lenient(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure an edit as the cast does."""
    monkeypatch.setattr("graphs.script_edits.scriptwriter.review", world.cast.review)


def edit(**changes: Any) -> dict[str, Any]:
    return {"type": "edit", "by": "ada", "args": {"script": {**WORDS, **changes}}}


async def script_of(world: World, run_id: str) -> Script:
    state = await world.orchestrator.state(run_id)
    return Script.model_validate_json(world.book.store.read(state["review"]["best"] or ""))


async def test_an_edit_of_the_finished_video_makes_it_again_and_is_asked_about_once_more(world: World) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    first = (await world.book.inbox.find(run_id)).approval_id
    await world.answer(run_id, edit())
    ended = await world.drive(run_id)
    assert ended.waiting is not None
    assert ended.waiting.approval_id != first
    assert (await script_of(world, run_id)).title == "In our words"
    assert len(world.cast.written) == 1, "the writer is not asked about a person's words"
    assert [(task.script.sentences[0].text, task.held_scale) for task in world.cast.narrated] == [("Draft 1 says this.", None), ("We say this.", 1.05)]
    await world.answer(run_id, {"type": "accept"})
    assert (await world.drive(run_id)).status == "published"


async def test_an_edit_at_the_script_gate_is_made_into_the_video_and_a_response_later_reaches_the_writer(world: World) -> None:
    run_id = await world.begin("manual")
    await world.drive(run_id)
    await world.answer(run_id, edit())
    await world.drive(run_id)
    assert (await world.book.inbox.find(run_id)).gate == "script"
    await world.answer(run_id, {"type": "accept"})
    await world.drive(run_id)
    assert (await world.book.inbox.find(run_id)).gate == "video"
    await world.answer(run_id, {"type": "response", "args": "warmer"})
    await world.drive(run_id)
    previous = world.cast.written[-1].previous
    assert previous is not None
    assert previous.title == "In our words"
    assert (await script_of(world, run_id)).title != "In our words"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"beats": []}, "script.beats"),
        ({"title": ""}, "script.title"),
        ({"beats": [*WORDS["beats"], *WORDS["beats"]]}, "occurs twice"),
        ({"beats": [{**WORDS["beats"][0], "sentences": [{"id": "s", "text": "So.", "role": "fact", "citations": ["p9"]}]}]}, "does not cite"),
        ({"more": 1}, "script.more"),
    ],
)
async def test_an_edit_that_cannot_be_taken_names_its_field(world: World, changes: dict[str, Any], said: str) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    with pytest.raises(Invalid, match=said):
        await world.answer(run_id, edit(**changes))
    with pytest.raises(Invalid, match="alone"):
        await world.answer(run_id, {"type": "edit", "args": {"script": WORDS, "title": "t"}})
    assert (await world.drive(run_id)).status == "waiting"


async def test_words_that_nothing_supports_are_refused_before_anything_is_made_of_them(world: World) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    world.players.reviews = [blocked()]
    with pytest.raises(Invalid, match="support"):
        await world.answer(run_id, edit())
    assert (await world.drive(run_id)).status == "waiting"
