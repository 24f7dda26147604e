"""What more channels need follows from what one video costs."""

from typing import Any

import pytest

from evals.bench_growth import BUSY, forecast

COSTS: dict[str, Any] = {
    "cpu_s": 100.0,
    "media_mb": 50.0,
    "library_mb": 10.0,
    "database_mb": 1.0,
    "rows": 500.0,
    "usd": 0.2,
    "quota": {"insert_calls": 1, "units": 550},
}
LIMITS = {"cores": 2.0, "disk_gb_30_days": 100.0, "usd_a_day": 45.0, "youtube_insert_calls": 100.0, "youtube_units": 10_000.0, "youtube_search_calls": 100.0}


def test_needs_grow_with_the_channels_and_the_tightest_limit_is_named() -> None:
    ten, hundred = (forecast(COSTS, LIMITS, channels) for channels in (10, 100))
    assert ten["cores"] == pytest.approx(10 * 100 / (86_400 * BUSY))
    assert ten["disk_gb_30_days"] == pytest.approx(18.3)
    assert (ten["rows_a_day"], ten["usd_a_day"]) == (5000, pytest.approx(2.0))
    assert hundred["rows_a_day"] == 10 * ten["rows_a_day"]
    assert ten["saturates_first"] == hundred["saturates_first"] == "youtube_units"
    assert hundred["shares"]["youtube_units"] == pytest.approx(5.5)


def test_a_limit_that_was_raised_lets_another_be_the_first() -> None:
    raised = forecast(COSTS, {**LIMITS, "youtube_units": 1e7, "youtube_insert_calls": 1e5}, 1000)
    assert raised["saturates_first"] == "disk_gb_30_days"
