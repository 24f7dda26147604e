"""The rule of two holds by whatever way an answer comes, and every decision is in the trail with what it came by."""

import json

import pytest

from graphs.two_people import OwnRequest, SecondPersonNeeded
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from tests.fixtures.production import World


async def guarded(world: World, autonomy: str, **changes: str) -> tuple[str, str]:
    """Drive a run on a channel that wants two people until it asks; returns the run and its question."""
    run_id = await world.begin(autonomy, **changes)
    with world.database.unit_of_work() as session:
        ChannelRepository(session).set_two_person("field-notes", True)
    assert (await world.drive(run_id)).status == "waiting"
    return run_id, (await world.book.inbox.find(run_id)).approval_id


def trail(world: World) -> list[tuple[str, str, str]]:
    with world.database.unit_of_work() as session:
        events = [one for one in AuditRepository(session).list_() if one.action.startswith("approval.")]
        return [(one.action.partition(".")[2], one.actor, json.loads(one.details)["via"]) for one in events]


@pytest.mark.parametrize("autonomy", ["autonomous", "policy"])
async def test_a_channel_that_wants_two_people_asks_whatever_the_run_may_and_the_command_is_one_of_them(world: World, autonomy: str) -> None:
    run_id, approval = await guarded(world, autonomy)
    assert await world.book.inbox.answer(approval, {"type": "accept", "by": "ada"}) is None
    with pytest.raises(SecondPersonNeeded, match="another person has to sign in"):
        await world.book.inbox.answer(approval, {"type": "accept", "by": "bob"})
    assert (await world.drive(run_id)).status == "waiting"
    with world.database.unit_of_work() as session:
        assert [one.principal for one in ApprovalRepository(session).voices(approval)] == ["operator"]
    assert trail(world) == [("accepted_first", "ada", "command")]


async def test_whoever_asked_for_a_video_does_not_accept_it_and_may_ignore_it(world: World) -> None:
    run_id, approval = await guarded(world, "review", asked_by="operator")
    with pytest.raises(OwnRequest, match=r"needs two people to accept a video, and you asked for this one; let two others"):
        await world.book.inbox.answer(approval, {"type": "accept"})
    assert trail(world) == []
    assert await world.book.inbox.answer(approval, {"type": "ignore", "by": "ada"}) is not None
    assert (await world.drive(run_id)).status == "rejected"
    assert trail(world) == [("decided", "ada", "command")]


async def test_what_the_policy_accepts_is_in_the_trail(world: World) -> None:
    run_id = await world.begin()
    assert (await world.drive(run_id)).status == "published"
    assert trail(world) == [("decided", "policy", "policy")]
    assert world.one("select tenant_id from audit_events where action = 'approval.decided'") == world.run(run_id).tenant_id
