"""Silence publishes nothing, and a brake lets nothing begin."""

import pytest

from memory.repositories.approvals import ApprovalRepository
from memory.repositories.brakes import LAUNCHES, Braked, BrakeRepository
from tests.fixtures.production import World


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
