"""When productions of an autonomous run begin: as planned, and earlier once they have turned out to take longer."""

from datetime import timedelta

import pytest

from infra.clock import SYSTEM_CLOCK
from tests.fixtures.autonomy import Skies
from tests.fixtures.production import World


@pytest.fixture
async def skies(world: World) -> Skies:
    """A studio whose first production took two hours, with a second one planned when nobody knew."""
    skies = Skies(world)
    skies.begin(channels=("deep-orbit",), videos=2)
    await skies.wake()
    first, second = skies.slots()
    skies.execute("update slots set publish_at = now() + interval '40 hours', launch_at = now() + interval '39 hours' where id = :id", id=second.id)
    skies.due_now(first.key)
    await skies.cycle()
    skies.execute("update runs set started_at = finished_at - interval '2 hours' where status = 'published'")
    skies.execute("update slots set status = 'published', finished_at = now() where status = 'launched'")
    return skies


def _shown_in(skies: Skies, **time: float) -> None:
    """Let the second be shown so much later, and begin by its old plan ten minutes before."""
    begin, show = timedelta(**time) - timedelta(minutes=10), timedelta(**time)
    skies.execute("update slots set publish_at = now() + :show, launch_at = now() + :begin where status = 'planned'", show=show, begin=begin)


async def test_what_was_planned_before_productions_got_slow_begins_earlier_instead_of_being_missed(skies: Skies) -> None:
    _shown_in(skies, hours=2)
    await skies.wake()
    assert [slot.status for slot in skies.slots()][-1] == "launched"
    assert "slot.missed" not in skies.events()


async def test_the_run_wakes_when_the_earlier_beginning_is_due(skies: Skies) -> None:
    # Slow ones took two hours: planned for is half as much again, and half of that before the time of showing.
    _shown_in(skies, hours=4.5, minutes=5)
    await skies.wake()
    assert [slot.status for slot in skies.slots()][-1] == "planned"
    wake_at = skies.run().wake_at
    assert wake_at is not None
    assert timedelta(minutes=2) < wake_at - SYSTEM_CLOCK.now() < timedelta(minutes=5, seconds=1)


async def test_what_begins_late_enough_as_planned_is_left_alone(skies: Skies) -> None:
    _shown_in(skies, hours=30)
    await skies.wake()
    assert [slot.status for slot in skies.slots()][-1] == "planned"
