"""Fault plans: data by seed, within their time, and calendars that turn."""

from zoneinfo import ZoneInfo

import pytest

from evals.simulation.faults import LEVELS, RATES, Level, plan, quiet_s, start_of

CHANNELS = ("deep-orbit", "storm-desk", "pulse")


def test_a_seed_gives_the_same_plan_and_another_seed_another() -> None:
    first, again, other = (plan(seed, "hostile", 72, CHANNELS) for seed in (1, 1, 2))
    assert first == again != other
    assert first[0].told()["kind"] == first[0].kind


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("hours", [6.0, 72.0])
def test_no_fault_begins_or_lasts_in_the_quiet_end(level: Level, hours: float) -> None:
    last = hours * 3600 - quiet_s(hours)
    faults = [fault for seed in range(20) for fault in plan(seed, level, hours, CHANNELS)]
    assert all(fault.at_s >= 0 and fault.at_s + fault.duration_s <= last + 0.01 for fault in faults)
    assert bool(faults) == (level != "none")


def test_a_hostile_run_meets_every_kind_and_far_more_of_it_than_a_standard_one() -> None:
    hostile = {fault.kind for seed in range(5) for fault in plan(seed, "hostile", 72, CHANNELS)}
    assert hostile == set(RATES)
    assert all(len(plan(seed, "hostile", 72, CHANNELS)) > 5 * len(plan(seed, "standard", 72, CHANNELS)) for seed in range(5))


def test_some_runs_cross_the_end_and_some_the_beginning_of_summer_time() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    turned = set()
    for seed in range(30):
        begins = start_of(seed, 72)
        before, after = (moment.astimezone(zone).utcoffset() for moment in (begins, begins.fromtimestamp(begins.timestamp() + 72 * 3600, begins.tzinfo)))
        assert before is not None
        assert after is not None
        turned.add((after > before) - (after < before))
    assert turned == {-1, 0, 1}
