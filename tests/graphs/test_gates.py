"""Who decides about a video, and that a decision is made once, by a person, about exactly this video."""

import asyncio

import pytest
from sqlalchemy import text

from graphs.gate_answers import LONGEST_RESPONSE, GateConfig, read_answer
from graphs.orchestrator import Orchestrator
from infra.errors import Conflict, Invalid
from memory.artifacts import Listing
from memory.repositories.approvals import ApprovalDecided, ApprovalMissing
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunMissing
from tests.fixtures.production import World, measured, weak

ACCEPT = {"type": "accept"}


async def waiting_on(world: World, run_id: str) -> str:
    return (await world.book.inbox.find(run_id)).gate


async def title_of(world: World, run_id: str) -> str:
    state = await world.orchestrator.state(run_id)
    return Listing.model_validate_json(world.book.store.read(state["prepare"]["listing"])).title


@pytest.mark.parametrize("accept", [ACCEPT, [ACCEPT], {"type": "accept", "args": None, "by": "ada"}], ids=["object", "list", "named"])
async def test_a_review_channel_waits_for_one_accept_given_as_an_object_or_as_the_inboxs_list(world: World, accept: object) -> None:
    run_id = await world.begin("review")
    ended = await world.drive(run_id)
    assert (ended.status, world.run(run_id).status) == ("waiting", "waiting")
    assert "publish.1" not in world.caller.ran
    await world.answer(run_id, accept)
    assert (await world.drive(run_id)).status == "published"


async def test_a_manual_channel_asks_about_the_script_and_about_the_video(world: World) -> None:
    run_id = await world.begin("manual")
    await world.drive(run_id)
    assert await waiting_on(world, run_id) == "script"
    assert "narrate.0" not in world.caller.ran
    await world.answer(run_id, ACCEPT)
    await world.drive(run_id)
    assert await waiting_on(world, run_id) == "video"
    await world.answer(run_id, ACCEPT)
    assert (await world.drive(run_id)).status == "published"


async def test_an_autonomous_run_asks_nobody_and_still_leaves_an_approval_of_its_manifest(world: World) -> None:
    run_id = await world.begin("autonomous")
    ended = await world.drive(run_id)
    assert ended.state is not None
    row = "select decided_by || ' ' || status || ' ' || manifest_digest from approvals where run_id = :run"
    assert world.one(row, run=run_id) == f"policy accepted {ended.state['prepare']['manifest']}"


@pytest.mark.parametrize("trouble", ["none", "content", "media", "quality"])
async def test_policy_accepts_what_passes_every_check_and_asks_about_anything_less(world: World, trouble: str) -> None:
    world.players.warned = trouble == "content"
    world.players.inspections = [measured("render", severity="warn") if trouble == "media" else measured()]
    world.players.reviews = [weak(0.6)] if trouble == "quality" else world.players.reviews
    ended = await world.drive(await world.begin("policy"))
    assert ended.status == ("published" if trouble == "none" else "waiting")


async def test_the_person_reads_the_script_that_counts_not_the_newest(world: World) -> None:
    world.players.reviews = [weak(0.7), weak(0.2)]
    run_id = await world.begin("manual")
    ended = await world.drive(run_id)
    assert ended.waiting is not None
    assert "quality 0.70" in ended.waiting.description
    assert (await world.book.inbox.preview(ended.waiting))[0] == "Draft 0"
    await world.answer(run_id, {"type": "response", "args": "warmer"})
    await world.drive(run_id)
    told = world.cast.written[-4]
    assert told.previous is not None
    assert told.review is not None
    assert (told.previous.title, told.review.score, told.notes) == ("Draft 0", 0.7, ("warmer",))


async def test_a_response_to_the_video_is_written_into_a_new_script_and_asked_about_again(world: World) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    await world.answer(run_id, {"type": "response", "args": "say when it was built"})
    await world.drive(run_id)
    assert world.cast.written[-1].notes == ("say when it was built",)
    assert await title_of(world, run_id) == "Draft 1"
    assert {"narrate.10", "render.10"} <= set(world.caller.ran)
    await world.answer(run_id, ACCEPT)
    assert (await world.drive(run_id)).status == "published"


async def test_a_later_response_to_the_new_script_is_heard_beside_the_one_to_the_video(world: World) -> None:
    run_id = await world.begin("manual")
    for answer in (ACCEPT, {"type": "response", "args": "to the video"}, {"type": "response", "args": "to the script"}):
        await world.drive(run_id)
        await world.answer(run_id, answer)
    await world.drive(run_id)
    assert world.cast.written[-1].notes == ("to the video", "to the script")


async def test_people_may_send_a_script_back_more_often_than_the_writer_counts(world: World) -> None:
    run_id = await world.begin("manual")
    for number in range(12):
        await world.drive(run_id)
        await world.answer(run_id, {"type": "response", "args": f"again {number}"})
    assert (await world.drive(run_id)).status == "waiting"
    assert world.cast.written[-1].revision == 10


async def test_edits_bind_a_new_manifest_add_up_and_are_approved_anew(world: World) -> None:
    run_id = await world.begin("review")
    manifests = []
    for answer in ({"type": "edit", "args": {"title": "A better title"}}, {"type": "edit", "args": {"tags": ["sea"]}}, ACCEPT):
        ended = await world.drive(run_id)
        assert ended.status == "waiting"
        manifests.append((await world.orchestrator.state(run_id))["prepare"]["manifest"])
        await world.answer(run_id, answer)
    ended = await world.drive(run_id)
    assert (ended.status, len(set(manifests))) == ("published", 3)
    assert ended.state is not None
    listing = Listing.model_validate_json(world.book.store.read(ended.state["prepare"]["listing"]))
    assert (listing.title, listing.tags) == ("A better title", ("sea",))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"type": "edit", "args": {"title": "x" * 101}}, "title length"),
        ({"type": "edit", "args": {"privacy": "private"}}, "only title, description, tags"),
        ({"type": "edit", "args": {}}, "changes nothing"),
        ({"type": "response", "args": " "}, "says what should change"),
        ({"type": "response", "args": "x" * (LONGEST_RESPONSE + 1)}, "1 to 2000 characters"),
        ({"type": "perhaps"}, "type"),
        ([ACCEPT, ACCEPT], "exactly one"),
        ("accept", "answer"),
    ],
)
async def test_an_answer_that_cannot_be_taken_is_refused_and_the_run_keeps_waiting(world: World, answer: object, said: str) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    with pytest.raises(Invalid, match=said):
        await world.answer(run_id, answer)
    assert (await world.drive(run_id)).status == "waiting"


async def test_a_listing_is_not_edited_while_the_script_is_asked_about_so_an_edit_never_counts_as_a_yes(world: World) -> None:
    run_id = await world.begin("manual")
    await world.drive(run_id)
    with pytest.raises(Invalid, match="give `script`"):
        await world.answer(run_id, {"type": "edit", "args": {"title": "t"}})
    with pytest.raises(Invalid):
        read_answer({"type": "edit", "args": {}}, GateConfig(allow_edit=False))


async def test_a_no_ends_the_run_as_rejected_with_who_said_it_and_why(world: World) -> None:
    run_id = await world.begin("manual")
    for answer in (ACCEPT, {"type": "response", "args": "warmer"}, {"type": "ignore", "by": "ada", "args": "not our story"}):
        await world.drive(run_id)
        await world.answer(run_id, answer)
    ended = await world.drive(run_id)
    assert (ended.status, ended.reasons) == ("rejected", ("ignored by ada", "not our story"))
    assert world.one("select count(*) from publications") == 0


async def test_a_second_decision_is_a_conflict_and_changes_nothing(world: World) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    waiting = await world.book.inbox.find(run_id)
    await world.book.inbox.answer(waiting.approval_id, {"type": "accept", "by": "ada"})
    with pytest.raises(ApprovalDecided, match="accepted by ada"):
        await world.book.inbox.answer(waiting.approval_id, {"type": "ignore", "by": "bob"})
    assert (await world.drive(run_id)).status == "published"


async def test_of_two_people_who_decide_at_once_one_is_heard(world: World) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    approval = (await world.book.inbox.find(run_id)).approval_id
    answers = ({"type": "accept", "by": "ada"}, {"type": "ignore", "by": "bob"})
    told = await asyncio.gather(*(world.book.inbox.answer(approval, one) for one in answers), return_exceptions=True)
    assert sum(isinstance(one, ApprovalDecided) for one in told) == 1


async def test_an_unknown_approval_and_a_run_that_waits_for_nobody_are_errors(world: World) -> None:
    run_id = await world.begin()
    with pytest.raises(ApprovalMissing):
        await world.book.inbox.answer("approval_of_nothing", ACCEPT)
    with pytest.raises(RunMissing):
        await world.book.inbox.find("run_of_nothing")
    await world.drive(run_id)
    with pytest.raises(Conflict, match="waits for nobody"):
        await world.book.inbox.find(run_id)


async def test_an_accepted_manifest_that_changed_before_publication_is_refused(world: World) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    await world.answer(run_id, ACCEPT)
    with world.database.unit_of_work() as session:
        session.execute(text("update approvals set manifest_digest = repeat('0', 64)"))
    ended = await world.drive(run_id)
    assert ended.status == "failed"
    assert "no accepted video approval" in ended.reasons[0]
    assert "publish.1" not in world.caller.ran


async def test_sweeping_many_waiting_runs_again_and_again_grants_nothing(world: World) -> None:
    runs = [await world.begin("manual") for _ in range(50)]
    for run_id in runs:
        await world.drive(run_id)
    for run_id in runs[:25]:
        await world.answer(run_id, ACCEPT)
        await world.drive(run_id)
    asked = world.one("select count(*) from approvals")
    for _ in range(2):
        runner = Orchestrator(world.book, world.checkpointers)
        for one in await world.book.list_unfinished():
            assert (await runner.drive(one.id)).status == "waiting"
    assert world.one("select count(*) from approvals") == asked == 75
    assert world.one("select count(*) from approvals where status = 'pending'") == 50
    assert world.one("select count(*) from publications") == 0
    with world.database.unit_of_work() as session:
        told = [event.kind for event in RunEventRepository(session).list_(runs[-1])]
    assert told.count("run.waiting") == 1
