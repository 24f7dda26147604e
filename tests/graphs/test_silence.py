"""Silence publishes nothing, and a brake lets nothing begin."""

import psycopg
import pytest

from graphs.retention import Sweeper
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.brakes import LAUNCHES, Braked, BrakeRepository
from tests.fixtures.production import World

OLD = """jsonb_set(checkpoint, '{ts}', '"2026-01-01T00:00:00+00:00"')"""


async def test_a_question_that_expired_ends_its_run_as_if_it_had_been_ignored(world: World) -> None:
    run_id = await world.begin("review")
    assert (await world.drive(run_id)).status == "waiting"
    with world.database.unit_of_work() as session:
        assert len(ApprovalRepository(session).expire(older_than_s=0.0)) == 1
    ended = await world.drive(run_id)
    assert ended.status == "rejected"
    assert "nobody answered within 0 h" in " ".join(ended.reasons)


async def test_no_run_begins_while_launches_are_braked(world: World) -> None:
    with world.database.unit_of_work() as session:
        BrakeRepository(session).put(LAUNCHES, "2000 MB are free", "watchdog", 60)
    with pytest.raises(Braked, match="launches are held back by the watchdog: 2000 MB are free"):
        await world.begin()
    with world.database.unit_of_work() as session:
        BrakeRepository(session).release(LAUNCHES)
    assert await world.begin()


async def test_checkpoints_that_a_killed_runner_left_go_and_those_of_a_waiting_run_stay(world: World) -> None:
    over, waiting = await world.begin(), await world.begin("review")
    assert (await world.drive(over)).status == "published"
    assert (await world.drive(waiting)).status == "waiting"
    with psycopg.connect(world.urls.admin) as connection:
        copied = (
            "insert into checkpoints select {}, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, {}, metadata from checkpoints where thread_id = '{}'"
        )
        connection.execute(copied.format(f"'{over}'", "checkpoint", waiting).encode())
        connection.execute(copied.format("'wake.1'", "checkpoint", waiting).encode())
        connection.execute(copied.format("'wake.0'", OLD, waiting).encode())
    sweeper = Sweeper(world.database, keep_days=90)
    assert await sweeper.sweep_due() == {"threads": 2}
    assert await sweeper.sweep_due() is None
    assert set(await world.checkpointers.list_threads()) == {waiting, "wake.1"}
