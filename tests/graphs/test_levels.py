"""The levels of control, and which one a production of a fleet goes by."""

from typing import Any

import pytest

from graphs.levels import LEVELS, is_freer, level_of, strictest
from memory.records.channels import AUTONOMY_LEVELS
from memory.repositories.channels import ChannelRepository
from memory.repositories.tasks import NewTask, TaskRepository
from tests.fixtures.autonomy import Skies
from tests.fixtures.production import World


def test_the_levels_are_those_of_a_channel_with_the_strictest_first() -> None:
    assert LEVELS == AUTONOMY_LEVELS == ("manual", "review", "policy", "autonomous")
    assert [is_freer(one, "review") for one in LEVELS] == [False, False, True, True]
    assert strictest(("autonomous", "manual", "policy")) == "manual"


@pytest.mark.parametrize(
    ("task", "fleet", "own", "expected"),
    [
        ({}, None, "review", "review"),
        ({}, None, "autonomous", "autonomous"),
        ({}, "autonomous", "review", "autonomous"),
        ({"autonomy": "manual"}, "autonomous", "review", "manual"),
        ({"autonomy": "autonomous"}, None, "review", "review"),
        ({"autonomy": "autonomous"}, "manual", "autonomous", "manual"),
        ({"autonomy": "autonomous", "freed_by": "user_1"}, "manual", "review", "autonomous"),
    ],
)
def test_a_task_makes_a_production_stricter_and_frees_it_only_by_a_person(task: dict[str, Any], fleet: str | None, own: str, expected: str) -> None:
    assert level_of(task, fleet, own) == expected


async def test_a_fleet_of_no_level_goes_by_what_the_channel_has_at_the_launch_whatever_a_program_injects(world: World) -> None:
    skies = Skies(world)
    skies.begin(channels=("deep-orbit",), videos=1, autonomy=None)
    with world.database.unit_of_work() as session:
        ChannelRepository(session).ensure("deep-orbit", "deep-orbit", "Deep Orbit")
        ChannelRepository(session).set_autonomy("deep-orbit", "policy")
        TaskRepository(session).add(NewTask("video", {"topic": "a topic of ours", "autonomy": "autonomous"}, "bot", "deep-orbit", 10))
    for _ in range(2):
        await skies.wake()
    assert world.one("select request->>'autonomy' from runs") == "policy"
    assert world.one("select request->>'asked_by' from runs") == "bot"
