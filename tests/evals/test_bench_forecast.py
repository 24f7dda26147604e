"""The forecaster's claims of skill against what came, on real series; and the bench's own arithmetic."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evals.attention_series import RealSeries, real_series
from evals.bench_forecast import Asked, ask, judge, measure_forecast
from infra.errors import Invalid
from infra.settings import Settings, load_settings


def asked(topic: str, ahead: float, naive: float) -> Asked:
    return Asked("set", topic, "skill", ahead=ahead, naive=naive, last=2 * naive, inside=0.8)


def test_skill_is_the_share_of_the_naive_error_that_was_saved_with_an_interval_over_topics() -> None:
    found = judge([asked("a", 0.5, 1.0), asked("a", 0.7, 1.0), asked("b", 1.1, 1.0)])
    assert (found.moments, found.topics) == (3, 2)
    assert found.skill == pytest.approx(1 - 2.3 / 3)
    assert found.low < found.skill < found.high
    assert found.against_last_value == pytest.approx(1 - 2.3 / 6)
    assert found.wins == pytest.approx(2 / 3)


def test_only_moments_whose_future_is_known_and_whose_claim_was_tested_are_asked() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    points = tuple((start + timedelta(days=day), 100 * 1.03**day) for day in range(80))
    found = list(ask(RealSeries("set", "growth", points, (3, 60, 79))))
    assert [one.verdict for one in found] == ["skill"]
    assert found[0].ahead < found[0].naive


def test_without_data_the_bench_says_what_it_needs(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(Invalid, match="YTEMPIRE_DATA"):
        measure_forecast(settings.model_copy(update={"data": None}))
    with pytest.raises(Invalid, match="none of the series"):
        measure_forecast(settings.model_copy(update={"data": tmp_path}))


@pytest.mark.slow
@pytest.mark.data
def test_where_skill_is_claimed_for_daily_readers_the_error_is_less_than_the_best_naive_rules() -> None:
    """The series that the scout really asks for; `ytempire bench forecast` measures the others as well, in minutes."""
    data = load_settings().data
    if data is None or not data.is_dir():
        pytest.skip("YTEMPIRE_DATA is not set, so the real series cannot be read")
    asked = [moment for series in real_series(data) if series.dataset == "wikipedia" for moment in ask(series)]
    claimed = judge([one for one in asked if one.verdict == "skill"])
    assert claimed.moments >= 10
    assert claimed.skill > 0
    assert claimed.against_last_value > 0
    assert 0.6 <= claimed.coverage <= 0.98
