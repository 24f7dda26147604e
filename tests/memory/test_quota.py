"""Quota: tariffs by their dates, the Pacific day with its short and long days, plans that nobody else can spend."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from infra.database import Database
from infra.errors import Invalid
from memory.quota import next_reset, pacific_day, tariff_on
from memory.repositories.quota import QuotaExhausted, QuotaLedger, Spender

NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
FULL = ("videos.insert", "thumbnails.set", "videos.update", "captions.insert", "playlistItems.insert")


def _who(key: str) -> Spender:
    return Spender("project-1", key, "tide_lines")


def _spend(database: Database, key: str, operation: str, now: datetime = NOON) -> bool:
    try:
        with database.unit_of_work() as session:
            QuotaLedger(session, now).spend(_who(key), operation)
    except QuotaExhausted:
        return False
    return True


@pytest.fixture
def ledger(database: Database) -> Iterator[QuotaLedger]:
    with database.unit_of_work() as session:
        yield QuotaLedger(session, NOON)


@pytest.mark.parametrize(
    ("day", "cost"),
    [
        (date(2025, 12, 3), ("units", 1600)),
        (date(2025, 12, 4), ("units", 100)),
        (date(2026, 5, 31), ("units", 100)),
        (date(2026, 6, 1), ("insert_calls", 1)),
    ],
)
def test_an_upload_costs_what_the_tariff_of_its_day_says(day: date, cost: tuple[str, int]) -> None:
    assert tariff_on(day).cost("videos.insert") == cost


def test_a_full_set_beside_an_upload_is_550_units_and_statistics_have_a_bucket() -> None:
    today = tariff_on(date(2026, 11, 22))
    assert today.total(FULL) == {"insert_calls": 1, "units": 550}
    assert today.cost("videos.batchGetStats") == ("stats_calls", 1)
    assert today.cost("commentThreads.list") == ("units", 1)
    with pytest.raises(Invalid):
        tariff_on(date(2009, 1, 1))


@pytest.mark.parametrize(
    ("before", "reset"),
    [
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
        (datetime(2027, 3, 14, 8, 0, tzinfo=UTC), datetime(2027, 3, 15, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 22, 8, 0, tzinfo=UTC), datetime(2026, 11, 23, 8, 0, tzinfo=UTC)),
    ],
    ids=["25 hours", "23 hours", "24 hours"],
)
def test_the_day_ends_at_midnight_in_california(before: datetime, reset: datetime) -> None:
    assert next_reset(before) == reset
    assert next_reset(reset - timedelta(seconds=1)) == reset
    assert pacific_day(reset - timedelta(seconds=1)) == pacific_day(before)
    assert pacific_day(reset) != pacific_day(before)


def test_fifty_spenders_at_once_never_pass_a_bucket(database: Database) -> None:
    with database.unit_of_work() as session:
        for _ in range(75):
            QuotaLedger(session, NOON).spend(_who("earlier"), "videos.insert")
    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(lambda number: _spend(database, f"run-{number}", "videos.insert"), range(50))) == 25
    with database.unit_of_work() as session:
        assert QuotaLedger(session, NOON).free("project-1", "insert_calls") == 0


def test_what_is_planned_for_one_publication_is_not_there_for_another(database: Database) -> None:
    with database.unit_of_work() as session:
        ledger = QuotaLedger(session, NOON, {"units": 120})
        ledger.plan(_who("a"), ("thumbnails.set", "videos.update"))
        ledger.plan(_who("a"), ("thumbnails.set", "videos.update"))
        assert ledger.free("project-1", "units") == 20
        with pytest.raises(QuotaExhausted, match="50 of units are needed and 20 are left") as caught:
            ledger.plan(_who("b"), ("thumbnails.set",))
        assert caught.value.until == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
        for operation in ("thumbnails.set", "videos.update"):
            ledger.spend(_who("a"), operation)
        ledger.spend(_who("b"), "videos.list")
        assert ledger.free("project-1", "units") == 19


def test_the_next_day_starts_full_and_what_a_plan_did_not_need_comes_back(database: Database) -> None:
    with database.unit_of_work() as session:
        ledger = QuotaLedger(session, NOON, {"units": 100})
        ledger.plan(_who("a"), ("thumbnails.set",))
        ledger.release(_who("a"))
        assert ledger.free("project-1", "units") == 100
        ledger.spend(_who("a"), "thumbnails.set")
        assert QuotaLedger(session, next_reset(NOON), {"units": 100}).free("project-1", "units") == 100


def test_a_bucket_the_platform_calls_empty_is_closed_until_the_reset_and_the_other_stays_open(ledger: QuotaLedger) -> None:
    until = ledger.close_bucket("project-1", "videos.insert")
    others = {"stats_calls": 10_000, "analytics_calls": 10_000, "reporting_calls": 10_000}
    assert ledger.summary("project-1") == {"insert_calls": 0, "search_calls": 100, "units": 10_000, **others}
    assert QuotaLedger(ledger.session, until).free("project-1", "insert_calls") == 100


def test_shortly_after_our_midnight_the_platform_may_still_count_yesterday(ledger: QuotaLedger) -> None:
    midnight = next_reset(NOON)
    ahead = QuotaLedger(ledger.session, midnight + timedelta(minutes=5))
    assert ahead.close_bucket("project-1", "videos.insert") == midnight + timedelta(minutes=15)
    later = QuotaLedger(ledger.session, midnight + timedelta(minutes=16))
    assert later.free("project-1", "insert_calls") == 100
    assert later.close_bucket("project-1", "videos.insert") == next_reset(midnight + timedelta(minutes=16))


def test_a_channel_at_its_own_limit_waits_alone(ledger: QuotaLedger) -> None:
    ledger.close_channel("tide_lines", NOON + timedelta(hours=24))
    with pytest.raises(QuotaExhausted, match="tide_lines"):
        ledger.ensure_channel_open("tide_lines")
    ledger.ensure_channel_open("deep_orbit")
    QuotaLedger(ledger.session, NOON + timedelta(hours=24)).ensure_channel_open("tide_lines")


def test_a_clock_that_jumps_an_hour_over_midnight_counts_by_the_day_it_shows(database: Database) -> None:
    late = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    with database.unit_of_work() as session:
        QuotaLedger(session, late).spend(_who("a"), "videos.insert")
        QuotaLedger(session, late + timedelta(hours=1)).spend(_who("a"), "videos.insert")
        assert QuotaLedger(session, late).free("project-1", "insert_calls") == 99
