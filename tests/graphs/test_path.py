"""The way of a run through the graph: happy, revised, sent back, refused and failed."""

import json
from collections.abc import Awaitable, Callable

import pytest

from graphs.orchestrator import RunStopped
from graphs.routes import MAX_REVISIONS
from memory.artifacts import Provenance
from memory.personality import channel_id_of
from memory.repositories.channels import ChannelRepository
from memory.repositories.decisions import DecisionRepository
from memory.repositories.videos import VideoRepository
from tests.fixtures.production import GOOD, World, blocked, failed_job, measured, weak


def failing(code: str, revision: int = 0) -> Callable[[str], Awaitable[None]]:
    """Return what lets the writer's job die of that error, from a revision on."""
    asked: list[str] = []

    async def fail(node: str) -> None:
        if node == "write":
            asked.append(node)
            if len(asked) > revision:
                raise failed_job("write_text", code, f"said by {code}")

    return fail


async def test_a_run_goes_from_scout_to_publication_and_does_every_job_once(world: World) -> None:
    run_id = await world.begin()
    ended = await world.drive(run_id)
    assert (ended.status, ended.reasons) == ("published", ("published at library/entry",))
    assert world.cast.path[:3] == ["scout", "write", "review"]
    assert sorted(world.cast.path[3:5]) == ["design Draft 0", "narrate"]
    assert world.cast.path[5:] == ["illustrate", "screen Draft 0"]
    assert set(world.counted().values()) == {1}
    assert world.caller.ran[-5:] == ["render.0", "inspect.0", "screen.0", "publish.1", "remember.1"]


async def test_a_finished_run_keeps_its_state_in_its_row_and_no_checkpoint(world: World) -> None:
    run_id = await world.begin()
    ended = await world.drive(run_id)
    run = world.run(run_id)
    assert (run.status, run.lease_owner) == ("published", None)
    assert run.outcome is not None
    assert run.outcome["state"]["publish"]["location"] == "library/entry"
    assert world.one("select count(*) from checkpoints") == 0
    assert ended.state is not None
    assert await world.orchestrator.state(run_id) == {key: value for key, value in ended.state.items() if key != "outcome"}


async def test_the_run_names_its_video_and_the_kind_of_truth_it_turned_out_to_work_on(world: World) -> None:
    world.players.provenance = Provenance.DEMO
    run_id = await world.begin()
    assert world.run(run_id).provenance == "real"
    await world.drive(run_id)
    run = world.run(run_id)
    assert run.provenance == "demo"
    assert run.video_id is not None
    with world.database.unit_of_work() as session:
        video = VideoRepository(session).get(run.video_id)
    assert (video.topic, video.title, video.provenance, video.seconds) == ("The Varn lighthouse", "Draft 0", "demo", 12)
    assert (await world.book.list_newest())[0]["title"] == "Draft 0"
    assert world.one("select count(*) from embeddings where video_id = :video", video=run.video_id) == 2


async def test_a_script_below_the_floor_is_revised_with_its_review(world: World) -> None:
    world.players.reviews = [weak(0.5, "shorten the hook"), GOOD]
    ended = await world.drive(await world.begin())
    assert ended.status == "published"
    first, second = world.cast.written
    assert (first.revision, first.previous, second.revision) == (0, None, 1)
    assert second.previous is not None
    assert second.review is not None
    assert (second.previous.title, second.review.suggestions[0].text) == ("Draft 0", "shorten the hook")
    assert "design Draft 1" in world.cast.path


async def test_after_three_revisions_the_best_script_goes_on(world: World) -> None:
    world.players.reviews = [weak(0.4), weak(0.7), weak(0.6), weak(0.5)]
    ended = await world.drive(await world.begin())
    assert ended.status == "published"
    assert len(world.cast.written) == 1 + MAX_REVISIONS
    assert "design Draft 1" in world.cast.path
    assert ended.state is not None
    assert (ended.state["review"]["quality"], ended.state["review"]["revision"]) == (0.7, 3)


async def test_a_script_that_stays_blocked_is_refused_with_what_blocks_it(world: World) -> None:
    world.players.reviews = [blocked()]
    ended = await world.drive(await world.begin())
    assert (ended.status, ended.reasons) == ("refused", ("support: b1s1 is unsupported",))
    assert len(world.cast.written) == 1 + MAX_REVISIONS
    assert "narrate" not in world.cast.path


async def test_a_blocked_revision_never_replaces_an_unblocked_one(world: World) -> None:
    world.players.reviews = [weak(0.3), blocked(), blocked(), blocked()]
    await world.drive(await world.begin())
    assert "design Draft 0" in world.cast.path


async def test_a_writer_that_cannot_write_refuses_with_its_reason(world: World) -> None:
    world.players.wordless_from = 0
    ended = await world.drive(await world.begin())
    assert (ended.status, ended.reasons) == ("refused", ("write_text: evidence: none of the sentences fits; give more",))


async def test_a_writer_whose_model_turns_everybody_away_is_waited_for(world: World) -> None:
    world.caller.before = failing("attempts_spent")
    run_id = await world.begin()
    with pytest.raises(RunStopped, match="resume` continues"):
        await world.drive(run_id)
    world.caller.before = None
    assert (await world.drive(run_id)).status == "published"


async def test_a_writer_that_was_never_answered_does_not_find_the_topic_wanting(world: World) -> None:
    world.caller.before = failing("outcome_unknown")
    ended = await world.drive(await world.begin())
    assert (ended.status, ended.reasons) == ("failed", ("write_text: said by outcome_unknown",))


async def test_a_revision_that_was_never_answered_leaves_the_best_script_so_far(world: World) -> None:
    world.players.reviews = [weak(0.6), weak(0.5)]
    world.caller.before = failing("outcome_unknown", 1)
    assert (await world.drive(await world.begin())).status == "published"


async def test_a_revision_that_cannot_be_written_leaves_the_best_script_so_far(world: World) -> None:
    world.players.reviews, world.players.wordless_from = [weak(0.6), weak(0.5), weak(0.6)], 2
    run_id = await world.begin()
    assert (await world.drive(run_id)).status == "published"
    assert (len(world.cast.written), "design Draft 0" in world.cast.path) == (3, True)
    with world.database.unit_of_work() as session:
        assert any("cannot" in decision.choice for decision in DecisionRepository(session).list_(run_id))


async def test_a_revision_that_cannot_be_written_saves_no_blocked_script(world: World) -> None:
    world.players.reviews, world.players.wordless_from = [blocked()], 1
    assert (await world.drive(await world.begin())).status == "refused"


async def test_a_refusing_scout_ends_the_run_with_its_reason_and_makes_no_video(world: World) -> None:
    world.players.refusal = "no story was found; 40 sources failed"
    run_id = await world.begin()
    ended = await world.drive(run_id)
    assert (ended.status, ended.reasons) == ("refused", ("no story was found; 40 sources failed",))
    assert world.run(run_id).video_id is None


async def test_a_new_script_may_be_sent_back_again_by_the_media_gate(world: World) -> None:
    world.players.inspections = [measured("render"), measured(), measured("render"), measured()]
    run_id = await world.begin("review")
    assert (await world.drive(run_id)).status == "waiting"
    await world.answer(run_id, {"type": "response", "args": "warmer"})
    assert (await world.drive(run_id)).status == "waiting"
    await world.answer(run_id, {"type": "accept"})
    assert (await world.drive(run_id)).status == "published"
    assert {"render.0", "render.1", "render.10", "render.11"} <= set(world.caller.ran)


async def test_what_breaks_policy_is_refused_before_anyone_is_asked(world: World) -> None:
    world.players.passed = False
    ended = await world.drive(await world.begin("review"))
    assert (ended.status, ended.reasons) == ("refused", ("profanity in title",))
    assert world.one("select count(*) from approvals") == 0


async def test_every_decision_is_kept_once_with_its_node(world: World) -> None:
    run_id = await world.begin()
    await world.drive(run_id)
    with world.database.unit_of_work() as session:
        agents = [decision.agent for decision in DecisionRepository(session).list_(run_id)]
    assert agents == ["trend_scout", "scriptwriter", "production", "publisher", "publisher"]


async def test_state_holds_only_ids_and_small_values(world: World) -> None:
    world.players.reviews = [weak(0.4, "w" * 5000), GOOD]
    run_id = await world.begin("review")
    await world.drive(run_id)
    await world.answer(run_id, {"type": "response", "args": "x" * 2000})
    await world.drive(run_id)
    state = await world.orchestrator.state(run_id)
    size = len(json.dumps(state))
    assert size < 6000, size
    assert world.one("select max(length(checkpoint::text) + length(metadata::text)) from checkpoints") < 12_000


async def test_a_channel_of_another_tenant_publishes_as_itself(world: World) -> None:
    channel = channel_id_of("field-notes", "tenant_other")
    with world.database.unit_of_work() as session:
        session.connection().exec_driver_sql("insert into tenants (id, name) values ('tenant_other', 'Other')")
        ChannelRepository(session).create(channel, "field-notes", "Field Notes", "tenant_other")
    ended = await world.drive(await world.begin(channel=channel))
    assert ended.status == "published"
    found = world.one("select channel_id || ' ' || tenant_id from publications")
    assert found == f"{channel} tenant_other"
    assert world.one("select count(*) from channels") == 1
