"""A publication whose Pacific day takes no upload any more is moved to the first time that fits, and dropped only where none does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api import autonomous_runs
from graphs.scheduling import Calendar, Period, Room, make_plan
from infra.clock import SYSTEM_CLOCK
from infra.errors import Conflict
from memory.quota import next_reset, pacific_day
from memory.repositories.quota import QuotaLedger
from tests.fixtures.autonomy import Skies
from tests.fixtures.production import World
from tests.fixtures.sources import FixedClock

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
THREE_DAYS = Period(NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=72), seed=7)
CHANNEL = Calendar("deep-orbit", "America/Los_Angeles", (18, 20), per_week=7, videos=1, platform=True)


@pytest.fixture
def skies(world: World, monkeypatch: pytest.MonkeyPatch) -> Skies:
    """A studio whose channels publish to the platform, as far as planning knows."""
    for module in ("fleet_channels", "fleet_launch", "fleet_uploads"):
        monkeypatch.setattr(f"graphs.{module}.platform_of", lambda *_: frozenset({"deep-orbit", "field-notes"}))
    return Skies(world)


def test_a_plan_moves_what_its_day_does_not_take_to_an_audience_hour_of_a_day_that_does() -> None:
    (usual,) = make_plan([CHANNEL], THREE_DAYS, Room()).slots
    full = Room(uploads_a_day=1, uploads={pacific_day(usual.publish_at): 0})
    (moved,) = make_plan([CHANNEL], THREE_DAYS, full).slots
    assert pacific_day(moved.publish_at) > pacific_day(usual.publish_at)
    assert moved.key != usual.key
    assert "its audience watches at" in moved.reasons[0]
    assert moved.reasons[-1].startswith(f"moved from {usual.publish_at:%Y-%m-%d %H:%M} UTC")


def test_without_an_audience_hour_it_comes_soon_after_midnight_in_california_and_without_a_day_it_is_dropped() -> None:
    short = Period(NOW, NOW + timedelta(hours=15), NOW + timedelta(hours=24), seed=7)
    night = Calendar("deep-orbit", "America/Los_Angeles", (17,), per_week=7, videos=1, platform=True)
    today = pacific_day(NOW + timedelta(hours=15))
    assert next_reset(NOW) < short.end
    (moved,) = make_plan([night], short, Room(uploads_a_day=2, uploads={today: 0})).slots
    reset = next_reset(NOW + timedelta(hours=15))
    assert reset < moved.publish_at < reset + timedelta(hours=1)
    none = make_plan([night], short, Room(uploads_a_day=0))
    assert (none.slots, "no upload is left on 2026-11-27" in none.dropped[0].reason) == ((), True)


def _midday() -> FixedClock:
    """A clock that stands at noon in California, so that no reset comes while a test runs."""
    return FixedClock(next_reset(SYSTEM_CLOCK.now()) + timedelta(hours=12))


async def _held(skies: Skies, **changes: Any) -> datetime:
    """Plan one video that is due now on a day whose quota is spent, and let it become hopeless; returns when the platform takes uploads again."""
    skies.begin(**{"channels": ("deep-orbit",), "videos": 1, **changes})
    await skies.wake()
    now = SYSTEM_CLOCK.now()
    with skies.world.database.unit_of_work() as session:
        until = QuotaLedger(session, now).close_bucket("", "videos.insert")
    skies.execute("update slots set launch_at = :at, publish_at = :at", at=now - timedelta(minutes=1))
    await skies.wake()
    assert "no upload is left until" in skies.run().notes["held"]["deep-orbit"]
    skies.execute("update slots set publish_at = :at where status = 'planned'", at=now - timedelta(hours=1))
    await skies.wake()
    return until


async def test_what_the_quota_turned_away_is_caught_up_after_the_reset_and_nothing_is_begun_before(skies: Skies) -> None:
    with SYSTEM_CLOCK.installed(_midday()):
        until = await _held(skies, missed="catch_up")
        (slot,) = skies.slots()
        assert (slot.status, slot.publish_at > until) == ("planned", True)
        assert slot.publish_at < skies.run().ends_at
        assert "moved to" in slot.history[-1]["note"]
        assert "quota: no upload is left until" in slot.history[-1]["note"]
        await skies.wake()
        assert len(skies.slots()) == 1
        assert skies.world.one("select count(*) from runs") == 0


async def test_it_is_missed_with_the_reason_where_no_later_day_belongs_to_the_run_or_the_operator_skips(skies: Skies) -> None:
    with SYSTEM_CLOCK.installed(_midday()):
        await _held(skies, missed="catch_up", hours=6)
        (slot,) = skies.slots()
        assert slot.status == "missed"
        assert "no later time of the run has an upload left" in slot.history[-1]["note"]
        skies.begin("auto_2", channels=("field-notes",), videos=1, missed="skip")
        await skies.wake("auto_2")
        late = SYSTEM_CLOCK.now() - timedelta(hours=1)
        skies.execute("update slots set publish_at = :at, launch_at = :at where channel_id = 'field-notes'", at=late)
        await skies.wake("auto_2")
        assert [one.status for one in skies.slots("auto_2")] == ["missed"]


async def test_a_person_who_catches_up_gets_the_time_that_the_quota_allows(skies: Skies) -> None:
    settings = skies.world.book.settings
    with SYSTEM_CLOCK.installed(_midday()):
        until = await _held(skies, missed="ask")
        (slot,) = skies.slots()
        assert slot.status == "asked"
        with skies.world.database.unit_of_work() as session:
            answered = autonomous_runs.answer(session, settings, slot.id, catch_up=True)
            assert answered.publish_at > until
            session.rollback()
        skies.execute("update autonomous_runs set ends_at = :at", at=SYSTEM_CLOCK.now() + timedelta(hours=2))
        with skies.world.database.unit_of_work() as session, pytest.raises(Conflict, match="lengthen the run or skip it"):
            autonomous_runs.answer(session, settings, slot.id, catch_up=True)


async def test_uploads_that_are_spoken_for_by_what_is_being_made_are_not_given_again(skies: Skies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.fleet_uploads.uploads_left", lambda *_: (9, 1))
    with SYSTEM_CLOCK.installed(_midday()):
        now = SYSTEM_CLOCK.now()
        skies.begin(videos=1)
        await skies.wake()
        skies.execute("update slots set launch_at = :now, publish_at = :at", now=now - timedelta(minutes=1), at=now + timedelta(hours=1))
        for _ in range(2):
            await skies.wake()
        assert sorted(slot.status for slot in skies.slots()) == ["launched", "planned"]
        (held,) = skies.run().notes["held"].values()
        assert "no upload is left until" in held
