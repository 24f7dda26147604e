"""Scheduling: cadence, audience hours, quota, budget, jitter, and clocks that jump."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.scheduling import APART, WEEK, Calendar, Peak, Period, Room, make_plan, may_take, plan_channel, urgent_time, wanted_of
from graphs.scheduling_times import jittered, latest_starts, local_days, local_moment, next_morning
from memory.quota import pacific_day

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
THREE_DAYS = Period(NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=72), seed=7)
CHANNEL = Calendar("deep-orbit", "America/Los_Angeles", (18, 20), per_week=7)


def test_a_time_that_summer_time_skips_moves_on_and_one_that_comes_twice_is_meant_once() -> None:
    assert local_moment(date(2027, 3, 14), time(2, 30), "America/New_York") == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    assert local_moment(date(2026, 11, 1), time(1, 30), "America/New_York") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert local_moment(date(2026, 11, 2), time(1, 30), "America/New_York") == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)


def test_an_audience_hour_stays_where_it_is_on_the_clock_over_a_change() -> None:
    before, after = (local_moment(date(2026, 11, day), time(18), "America/New_York") for day in (1, 2))
    assert after - before == timedelta(hours=24)
    assert local_moment(date(2026, 11, 1), time(18), "America/New_York") - local_moment(date(2026, 10, 31), time(18), "America/New_York") == timedelta(hours=25)


def test_days_and_mornings_are_those_of_the_zone() -> None:
    late = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    assert local_days(late, late + timedelta(hours=1), "Australia/Sydney") == (date(2026, 11, 2),)
    assert next_morning(late, 7, "UTC") == datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert next_morning(datetime(2026, 11, 2, 7, tzinfo=UTC), 7, "UTC") == datetime(2026, 11, 3, 7, tzinfo=UTC)


def test_a_channel_gets_its_share_of_a_week_in_its_audience_hours() -> None:
    slots = plan_channel(CHANNEL, THREE_DAYS)
    assert len(slots) == 3
    local = [slot.publish_at.astimezone(UTC) - timedelta(hours=8) for slot in slots]
    assert {moment.hour for moment in local} <= {18, 20}
    assert all("its audience watches at" in slot.reasons[0] for slot in slots)
    assert len({slot.key for slot in slots}) == 3
    assert plan_channel(CHANNEL, THREE_DAYS) == slots


def test_channels_of_equal_hours_do_not_post_in_lockstep() -> None:
    calendars = [replace(CHANNEL, channel_id=f"channel-{number}") for number in range(15)]
    plan = make_plan(calendars, THREE_DAYS, Room())
    moments = [slot.publish_at for slot in plan.slots]
    assert len(moments) == 45
    assert all(later - earlier >= APART for earlier, later in zip(moments, moments[1:], strict=False))
    assert sum(1 for moment in moments if moment.minute == 0) <= 2
    other = make_plan(calendars, replace(THREE_DAYS, seed=8), Room())
    assert [slot.publish_at for slot in other.slots] != moments


def test_a_short_run_without_an_audience_hour_still_publishes_once_a_channel_apart() -> None:
    period = Period(NOW, NOW + timedelta(minutes=4), NOW + timedelta(minutes=12), seed=1)
    plan = make_plan([replace(CHANNEL, channel_id="a"), replace(CHANNEL, channel_id="b")], period, Room())
    assert [slot.channel_id for slot in plan.slots] in (["a", "b"], ["b", "a"])
    assert all(period.earliest <= slot.publish_at <= period.end + APART for slot in plan.slots)
    assert plan.slots[0].reasons == ("no audience hour of the channel is left in this run",)


def test_the_cadence_counts_what_was_published_before_the_run() -> None:
    weekly = replace(CHANNEL, per_week=2, taken=(NOW - timedelta(days=1), NOW - timedelta(days=3)))
    plan = make_plan([weekly], THREE_DAYS, Room())
    assert plan.slots == ()
    assert "its cadence of 2 in 7 days leaves no time" in plan.dropped[0].reason
    asked = make_plan([replace(CHANNEL, videos=9)], THREE_DAYS, Room())
    assert len(asked.slots) <= CHANNEL.per_week


def test_planning_again_plans_only_what_is_missing() -> None:
    first = plan_channel(CHANNEL, THREE_DAYS)
    again = plan_channel(replace(CHANNEL, taken=tuple(slot.publish_at for slot in first), made=3), THREE_DAYS)
    assert again == ()
    used = frozenset(slot.key for slot in first)
    (in_its_place,) = plan_channel(replace(CHANNEL, taken=tuple(slot.publish_at for slot in first[1:]), made=2, used=used), THREE_DAYS)
    assert in_its_place.key not in used


def test_a_peak_is_met_and_named_and_a_channel_too_alike_gets_half() -> None:
    peak = Peak(NOW + timedelta(hours=40), "A comet returns", "the forecast of 'A comet returns'")
    slots = plan_channel(replace(CHANNEL, peaks=(peak,)), THREE_DAYS)
    (told,) = [slot for slot in slots if slot.topic]
    assert abs(told.publish_at - peak.at) < timedelta(hours=13)
    assert "expected to peak at 2026-11-29 02:00 UTC" in told.reasons[1]
    alike = replace(CHANNEL, too_alike=True)
    assert wanted_of(alike, THREE_DAYS) == 2
    assert "too alike" in plan_channel(alike, THREE_DAYS)[0].reasons[-1]


def test_budget_and_quota_are_shared_fairly_and_what_is_dropped_says_why() -> None:
    calendars = [replace(CHANNEL, channel_id=f"channel-{number}", platform=True) for number in range(4)]
    plan = make_plan(calendars, THREE_DAYS, Room(videos=4))
    assert {slot.channel_id for slot in plan.slots} == {calendar.channel_id for calendar in calendars}
    assert all("the budget pays for 4" in one.reason for one in plan.dropped)
    scarce = make_plan(calendars, THREE_DAYS, Room(uploads_a_day=1, uploads={pacific_day(NOW + timedelta(days=1)): 0}))
    days = [pacific_day(slot.publish_at) for slot in scarce.slots]
    assert len(days) == len(set(days)) or max(days.count(day) for day in days) == 1
    assert pacific_day(NOW + timedelta(days=1)) not in days
    assert any("no upload is left" in one.reason for one in scarce.dropped)


def test_a_breaking_story_is_told_at_once_only_within_the_cadence() -> None:
    soon = NOW + timedelta(minutes=20)
    assert urgent_time(CHANNEL, soon, THREE_DAYS.end) == soon
    assert urgent_time(replace(CHANNEL, taken=(NOW,)), soon, THREE_DAYS.end) is None
    full = tuple(NOW - timedelta(hours=20 * number) for number in range(1, 8))
    assert urgent_time(replace(CHANNEL, taken=full), soon, THREE_DAYS.end) is None
    assert urgent_time(CHANNEL, THREE_DAYS.end + APART, THREE_DAYS.end) is None


def test_work_begins_as_late_as_possible_and_never_more_at_once_than_there_is_room_for() -> None:
    ends = [NOW + timedelta(minutes=60)] * 4 + [NOW + timedelta(minutes=90)]
    starts = latest_starts(ends, timedelta(minutes=10), at_once=2)
    assert starts[4] == NOW + timedelta(minutes=80)
    assert sorted(starts[:4]) == [NOW + timedelta(minutes=minutes) for minutes in (40, 40, 50, 50)]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(1, 21), st.lists(st.integers(0, 23), min_size=1, max_size=4), st.sampled_from(["America/New_York", "Australia/Lord_Howe"])),
        max_size=6,
    ),
    st.integers(0, 2**16),
    st.integers(1, 14 * 24),
    st.datetimes(datetime(2026, 3, 1), datetime(2027, 4, 1)),  # noqa: DTZ001 - made aware below
)
def test_no_plan_breaks_a_cap_whatever_the_season(channels: list[tuple[int, list[int], str]], seed: int, hours: int, start: datetime) -> None:
    begins = start.replace(tzinfo=UTC)
    period = Period(begins, begins + timedelta(hours=0.2), begins + timedelta(hours=hours), seed)
    calendars = [Calendar(f"c{number}", zone, tuple(hours_), per_week) for number, (per_week, hours_, zone) in enumerate(channels)]
    plan = make_plan(calendars, period, Room(videos=30))
    assert len(plan.slots) <= 30
    assert len({slot.key for slot in plan.slots}) == len(plan.slots)
    for calendar in calendars:
        mine = [slot.publish_at for slot in plan.slots if slot.channel_id == calendar.channel_id]
        assert all(sum(1 for other in mine if first <= other < first + WEEK - APART * 31) <= calendar.per_week for first in mine)
    assert all(slot.publish_at >= period.earliest for slot in plan.slots)


@pytest.mark.parametrize("seed", range(3))
def test_jitter_depends_on_its_parts_only(seed: int) -> None:
    assert jittered(NOW, seed, "a") == jittered(NOW, seed, "a") != jittered(NOW, seed, "b")
    assert may_take(NOW, [], 1, timedelta(hours=1))
