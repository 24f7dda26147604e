"""When a run is woken next."""

from datetime import timedelta

import pytest

from infra.clock import SYSTEM_CLOCK
from memory.repositories.tasks import NewTask, TaskRepository
from tests.fixtures.autonomy import CHANNELS, Skies
from tests.fixtures.production import World


@pytest.fixture
def skies(world: World) -> Skies:
    """A studio in which autonomous runs fly."""
    return Skies(world)


async def test_an_urgent_task_that_joins_is_begun_at_once_and_not_at_the_next_look_around(skies: Skies) -> None:
    skies.begin()
    await skies.wake()
    with skies.world.database.unit_of_work() as session:
        TaskRepository(session).add(NewTask("topic", {"topic": "An old bridge"}, "ada", CHANNELS[0], priority=10))
    await skies.wake()
    (urgent,) = (slot for slot in skies.slots() if slot.task_id)
    assert urgent.status == "planned"
    wake_at = skies.run().wake_at
    assert wake_at is not None
    assert wake_at - SYSTEM_CLOCK.now() < timedelta(seconds=5)
    await skies.wake()
    assert next(slot.status for slot in skies.slots() if slot.task_id) == "launched"


async def test_what_is_held_back_is_looked_at_now_and_then(skies: Skies) -> None:
    skies.begin(budget_usd=0.0)
    await skies.wake()
    skies.due_now()
    await skies.wake()
    wake_at = skies.run().wake_at
    assert wake_at is not None
    assert wake_at - SYSTEM_CLOCK.now() > timedelta(seconds=30)
