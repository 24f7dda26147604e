"""A run that kills its runners is given up with a reason; one that gets further after each kill is not."""

import asyncio
from contextlib import suppress

import pytest

from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunFinished
from tests.fixtures.production import World


async def die_at(world: World, run_id: str, node: str) -> None:
    """Drive a run, end the runner when a job of `node` is about to run, and leave its lease as a killed process leaves it."""
    reached = asyncio.Event()

    async def stop(running: str) -> None:
        if running == node:
            reached.set()
            await asyncio.sleep(3600)

    world.caller.before = stop
    work = asyncio.create_task(world.drive(run_id))
    await asyncio.wait({work, asyncio.ensure_future(reached.wait())}, return_when=asyncio.FIRST_COMPLETED)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    world.caller.before = None
    await world.book.claim(run_id, "died", 0.0)


def allow(world: World, recoveries: int) -> None:
    world.book.settings = world.book.settings.model_copy(update={"run_recoveries": recoveries})


async def test_a_run_that_dies_at_the_same_place_again_and_again_is_given_up_with_a_reason_and_never_taken_up_again(world: World) -> None:
    allow(world, 2)
    run_id = await world.begin()
    for _ in range(3):
        await die_at(world, run_id, "render")
    ended = await world.drive(run_id)
    assert ended.status == "failed"
    assert ended.reasons[0].startswith("given up: 3 times in a row the process that worked on this run died at render")
    listed = (await world.book.list_newest())[0]
    assert (listed["status"], listed["reasons"]) == ("failed", list(ended.reasons))
    assert (world.run(run_id).error or {})["code"] == "run_poisoned"
    assert world.one("select count(*) from checkpoints") == 0
    with pytest.raises(RunFinished):
        await world.drive(run_id)


async def test_a_run_that_gets_further_after_every_death_is_finished_however_often_it_dies(world: World) -> None:
    allow(world, 1)
    run_id = await world.begin()
    for node in ("scout", "write", "narrate", "render", "screen", "publish"):
        await die_at(world, run_id, node)
    assert (await world.drive(run_id)).status == "published"
    assert world.run(run_id).recovery_attempts == 6
    with world.database.unit_of_work() as session:
        recovered = [event.payload for event in RunEventRepository(session).list_(run_id) if event.kind == "run.recovered"]
    assert [one["attempt"] for one in recovered] == [1, 2, 3, 4, 5, 6]
    assert recovered[-1]["nodes"] == ["publish"]


async def test_a_run_that_stopped_in_good_order_counts_as_no_death(world: World) -> None:
    allow(world, 1)
    run_id = await world.begin("review")
    for _ in range(4):
        assert (await world.drive(run_id)).status == "waiting"
    await world.answer(run_id, {"type": "accept"})
    assert (await world.drive(run_id)).status == "published"
    assert world.run(run_id).recovery_attempts == 0
