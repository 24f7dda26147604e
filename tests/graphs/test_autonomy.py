"""An autonomous run from its first plan to its last report, through the death of anything."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from graphs.fleet_flight import Flight
from graphs.restored import pause
from infra.clock import SYSTEM_CLOCK
from memory.repositories.autonomous_runs import AutonomousRunRepository
from tests.fixtures.autonomy import CHANNELS, Skies
from tests.fixtures.production import World

NODES = ["plan", "launch", "watch", "adapt", "report", "rest"]


class Killed(BaseException):
    """The conductor ends here: nothing after this runs."""


@pytest.fixture
def skies(world: World) -> Skies:
    """A studio in which autonomous runs fly."""
    return Skies(world)


async def test_the_first_wake_up_plans_every_channel_and_names_the_next(skies: Skies) -> None:
    skies.begin()
    assert await skies.wake() == 1
    slots = skies.slots()
    assert {slot.channel_id for slot in slots} == set(CHANNELS)
    assert all(slot.status == "planned" and slot.why["reasons"] for slot in slots)
    run = skies.run()
    assert (run.status, run.wakes, run.lease_owner) == ("running", 1, None)
    assert run.wake_at is not None
    assert timedelta() < run.wake_at - run.starts_at <= timedelta(minutes=16)
    assert skies.events() == ["run.planned"]
    assert skies.world.one("select count(*) from checkpoints") == 0


async def test_a_restored_home_rests_until_it_was_compared_with_the_outside_world(skies: Skies) -> None:
    skies.begin()
    pause(skies.world.database, "backup_1", SYSTEM_CLOCK.now())
    assert (await skies.fleet.turn()).quiet
    assert (skies.run().status, len(skies.slots())) == ("planning", 0)


async def test_a_slot_is_launched_made_shown_at_its_time_and_counted(skies: Skies) -> None:
    skies.begin(videos=1)
    await skies.wake()
    skies.due_now()
    await skies.cycle()
    slots = skies.slots()
    assert [slot.status for slot in slots] == ["launched", "launched"]
    assert skies.world.one("select count(*) from publications where state = 'verified' and published_at > now()") == 2
    skies.pass_time(hours=1.1)
    await skies.cycle()
    assert [slot.status for slot in skies.slots()] == ["published", "published"]
    assert skies.events().count("slot.published") == 2
    assert skies.world.one("select count(*) from publications where details ? 'shown'") == 2
    assert skies.world.one("select count(*) from runs where autonomous_run_id = 'auto_1'") == 2
    await skies.wake()
    assert len(skies.slots()) == 2


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_wake_up_killed_at_any_node_is_gone_on_with_and_nothing_is_launched_twice(
    skies: Skies, monkeypatch: pytest.MonkeyPatch, node: str, after: bool
) -> None:
    skies.begin(videos=1)
    await skies.wake()
    skies.due_now()
    other = skies.another()
    await _killed_at(skies, monkeypatch, NODES.index(node) + 1, after)
    assert await other.wake_due() >= (0 if (node, after) == ("rest", True) else 1)
    assert [slot.status for slot in skies.slots()] == ["launched", "launched"]
    assert skies.world.one("select count(*) from runs where kind = 'production'") == 2
    assert skies.world.one("select count(distinct production_run_id) from slots") == 2
    await other.sweep()
    assert skies.world.one("select count(*) from checkpoints where thread_id like 'auto%'") == 0


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_run_whose_conductor_dies_as_it_ends_has_ended_once_with_one_last_report(skies: Skies, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    skies.begin(videos=1)
    await skies.wake()
    with skies.world.database.unit_of_work() as session:
        AutonomousRunRepository(session).change("auto_1", status="stopping", stop_reason="stopped by the operator: enough")
    other = skies.another()
    await _killed_at(skies, monkeypatch, len(NODES), after)
    assert (skies.run().status == "ended") == after
    assert await other.wake_due() == (0 if after else 1)
    run = skies.run()
    assert (run.status, run.ended_reason, run.lease_owner, run.wakes) == ("ended", "stopped by the operator: enough", None, 2)
    assert skies.events().count("run.ended") == 1
    assert skies.world.one("select count(*) from run_reports where kind = 'final'") == 1
    assert skies.world.one("select count(*) from messages where key = 'report:auto_1:final'") == 1
    assert skies.world.one("select count(*) from runs where kind = 'production'") == 0
    await other.sweep()
    assert skies.world.one("select count(*) from checkpoints where thread_id like 'auto%'") == 0


async def _killed_at(skies: Skies, monkeypatch: pytest.MonkeyPatch, part: int, after: bool) -> None:
    """Wake the run with a conductor that dies in the n-th node of the wake-up, before or after its transaction, and let its leases run out."""
    within, passed = Flight.within, []

    async def die(flight: Flight, work: Any) -> Any:
        passed.append(part)
        if len(passed) != part:
            return await within(flight, work)
        if after:
            await within(flight, work)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Flight, "within", die)
        with pytest.raises(Killed):
            await skies.wake()
    skies.execute("update autonomous_runs set lease_expires_at = now(), wake_at = now() where status <> 'ended'")
    skies.execute("update named_leases set expires_at = now()")


async def test_one_scheduler_at_a_time_and_another_takes_over_when_its_lease_ends(skies: Skies) -> None:
    skies.begin()
    other = skies.another()
    await skies.wake()
    assert await skies.wake(fleet=other) == 0
    skies.execute("update named_leases set expires_at = now()")
    assert await skies.wake(fleet=other) == 1
    assert skies.run().wakes == 2


async def test_two_conductors_at_once_make_each_wake_up_once(skies: Skies) -> None:
    skies.begin()
    fleets = [skies.fleet, skies.another()]
    for _ in range(4):
        skies.execute("update autonomous_runs set wake_at = now()")
        made = await asyncio.gather(*(fleet.wake_due(most=1) for fleet in fleets))
        assert sum(made) == 1
    assert skies.run().wakes == 4


async def test_a_wake_up_that_was_taken_over_stops_without_a_trace(skies: Skies, monkeypatch: pytest.MonkeyPatch) -> None:
    skies.begin()
    within, reached = Flight.within, []

    async def overtaken(flight: Flight, work: Any) -> Any:
        reached.append(await within(flight, work))
        skies.execute("update autonomous_runs set lease_token = lease_token + 1, lease_owner = 'another', lease_expires_at = now() + interval '1 hour'")
        return reached[-1]

    monkeypatch.setattr(Flight, "within", overtaken)
    await skies.wake()
    assert len(reached) == 1
    assert (skies.run().lease_owner, skies.run().wakes) == ("another", 1)
    assert await skies.wake() == 0


async def test_an_edit_is_seen_by_the_next_wake_up(skies: Skies) -> None:
    skies.begin(channels=["deep-orbit"], videos=1)
    await skies.wake()
    request = {**skies.run().request, "channels": ["deep-orbit", "field-notes"]}
    with skies.world.database.unit_of_work() as session:
        AutonomousRunRepository(session).change("auto_1", request=request)
    assert await skies.fleet.wake_due() == 1
    assert {slot.channel_id for slot in skies.slots()} == {"deep-orbit", "field-notes"}


async def test_a_run_ends_at_its_deadline_with_its_last_report_and_nothing_half_done(skies: Skies) -> None:
    skies.begin(videos=2)
    await skies.wake()
    skies.due_now("deep-orbit%")
    await skies.cycle()
    skies.pass_time(hours=49)
    await skies.show()
    for _ in range(3):
        await skies.cycle()
    run = skies.run()
    assert (run.status, run.ended_reason, run.wake_at) == ("ended", "its 48 hours are over", None)
    assert not {slot.status for slot in skies.slots()} & {"planned", "launched", "asked"}
    assert skies.world.one("select kind from run_reports where key = 'final'") == "final"
    assert skies.world.one("select count(*) from messages where key = 'report:auto_1:final'") == 1
    assert skies.events()[-1] == "run.ended"
    assert await skies.wake() == 0
