"""Forecasting: what it finds, when it admits no skill, and series that are short, odd or hostile."""

import csv
import gzip
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.ids import seeded
from infra.settings import load_settings
from tests.fixtures.sources import tool_context
from tools.forecast_trends.schema import ForecastTrendsArgs, Observation, TopicForecast, TopicSeries
from tools.forecast_trends.tool import forecast, run

START = datetime(2026, 1, 1, tzinfo=UTC)


def hourly(value: Callable[[int], float], hours: int, topic: str = "t") -> TopicSeries:
    return TopicSeries(topic=topic, observations=tuple(Observation(at=START + timedelta(hours=hour), value=max(0.0, value(hour))) for hour in range(hours)))


def test_a_daily_rhythm_is_foreseen_with_its_peak_and_a_band_that_holds() -> None:
    noise = seeded("rhythm")

    def wave(hour: int) -> float:
        return 200 + 100 * math.sin(hour / 24 * math.tau) + noise.gauss(0, 8)

    found = forecast(hourly(wave, 240), 48, 0.8)
    truth = [200 + 100 * math.sin((240 + step) / 24 * math.tau) for step in range(48)]
    assert (found.status, found.step_hours, len(found.points)) == ("forecast", 1.0, 48)
    assert sum(abs(point.value - real) for point, real in zip(found.points, truth, strict=True)) / 48 < 15
    assert sum(point.low <= real <= point.high for point, real in zip(found.points, truth, strict=True)) >= 38
    assert found.peak_at is not None
    assert (found.peak_at.hour - 6) % 24 in {22, 23, 0, 1, 2}
    assert abs(found.growth or 0) < 0.1


def test_steady_growth_is_skill_against_every_naive_rule() -> None:
    found = forecast(hourly(lambda hour: 50 * 1.02**hour, 168), 24, 0.8)
    assert found.skill.verdict == "skill"
    assert found.skill.skill_score is not None
    assert found.skill.skill_score > 0.3
    assert found.growth is not None
    assert found.growth > 0.2


def test_a_random_walk_has_no_skill_and_gets_the_naive_forecast_under_its_name() -> None:
    noise = seeded("walk")
    level = [500.0]
    for _ in range(239):
        level.append(max(1.0, level[-1] + noise.gauss(0, 15)))
    found = forecast(hourly(lambda hour: level[hour], 240), 24, 0.8)
    assert found.skill.verdict == "no_skill"
    assert found.method.startswith("naive")
    assert "naive rule" in found.skill.statement


def test_short_series_say_so() -> None:
    none = forecast(hourly(lambda _: 3.0, 2), 48, 0.8)
    few = forecast(hourly(lambda hour: 3.0 + hour, 10), 48, 0.8)
    empty = forecast(TopicSeries(topic="t", observations=()), 48, 0.8)
    assert (none.status, none.points, none.skill.verdict) == ("too_short", (), "too_short")
    assert (empty.status, empty.growth) == ("too_short", None)
    assert (few.status, few.skill.verdict, few.method) == ("forecast", "too_short", "naive: last value")
    assert few.points[-1].high > few.points[-1].value > few.points[-1].low
    assert "too few" in few.skill.statement


def test_the_horizon_begins_now_though_the_newest_value_is_older() -> None:
    series = TopicSeries(topic="t", observations=tuple(Observation(at=START + timedelta(days=day), value=100 * 1.05**day) for day in range(60)))
    last = START + timedelta(days=59)
    now = last + timedelta(hours=30)
    bridged, plain = forecast(series, 48, 0.8, now), forecast(series, 48, 0.8)
    assert [(point.at - last).days for point in bridged.points] == [1, 2, 3]
    assert (len(plain.points), bridged.length, bridged.skill.verdict) == (2, 60, "skill")
    assert bridged.peak_at is not None
    assert bridged.peak_at > now
    assert (bridged.growth or 0) > (plain.growth or 0) > 0.05
    stale = forecast(series, 48, 0.8, last + timedelta(days=5))
    assert (stale.status, stale.points, stale.skill.verdict) == ("stale", (), "stale")
    assert "5.0 days old" in stale.skill.statement


def test_a_rhythm_with_growth_is_skill_though_its_first_weeks_were_too_few_for_it() -> None:
    def read(day: int) -> float:
        return 500 * 1.01**day * (1.3 if day % 7 > 4 else 1.0)

    series = TopicSeries(topic="t", observations=tuple(Observation(at=START + timedelta(days=day), value=read(day)) for day in range(70)))
    assert forecast(series, 48, 0.8).skill.verdict == "skill"


def test_a_flat_series_and_an_all_zero_series_are_survived() -> None:
    flat, zero = forecast(hourly(lambda _: 7.0, 150), 48, 0.8), forecast(hourly(lambda _: 0.0, 150), 48, 0.8)
    assert {round(point.value, 6) for point in flat.points} == {7.0}
    assert flat.skill.verdict == "no_skill"
    assert flat.growth == pytest.approx(0)
    assert zero.growth is None
    assert {point.value for point in zero.points} == {0.0}


def test_uneven_unsorted_and_repeated_observations_are_evened_out() -> None:
    draw = seeded("uneven")
    moments = [START + timedelta(minutes=draw.randrange(0, 60 * 200)) for _ in range(400)]
    series = TopicSeries(topic="t", observations=tuple(Observation(at=at, value=10.0) for at in [*moments, moments[0]]))
    found = forecast(series, 48, 0.8)
    assert found.status == "forecast"
    assert all(abs(point.value - 10) < 1e-6 for point in found.points)
    assert found.points[0].at > max(moments)


def test_a_burst_does_not_run_away() -> None:
    found = forecast(hourly(lambda hour: 10.0 if hour < 110 else 10.0 * 3 ** (hour - 109), 120), 48, 0.8)
    highest = 10.0 * 3**10
    assert all(point.value <= highest * math.e * 1.01 + 2 for point in found.points)
    assert all(0 <= point.low <= point.value <= point.high for point in found.points)


def test_numbers_that_are_no_numbers_are_refused() -> None:
    for value in (float("nan"), float("inf"), -1.0):
        with pytest.raises(ValidationError):
            Observation(at=START, value=value)
    with pytest.raises(ValidationError):
        Observation(at=datetime(2026, 1, 1), value=1.0)  # noqa: DTZ001 - a naive time is the point
    with pytest.raises(ValidationError):
        ForecastTrendsArgs(series=())


def test_every_series_is_answered_in_order_and_the_same_every_time(tmp_path: Path) -> None:
    args = ForecastTrendsArgs(series=(hourly(lambda hour: hour % 24, 72, "a"), hourly(lambda _: 1.0, 3, "b")))
    first, second = (run(args, tool_context(tmp_path)) for _ in range(2))
    assert [each.topic for each in first.forecasts] == ["a", "b"]
    assert first == second


def rows(folder: str, name: str) -> Iterable[dict[str, str]]:
    data = load_settings().data
    if data is None or not (data / folder).is_dir():
        pytest.skip(f"YTEMPIRE_DATA is not set, so the real {folder} cannot be read")
    with gzip.open(data / folder / name, "rt", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def held_out(points: list[tuple[datetime, float]], cut: int) -> tuple[TopicForecast, list[bool], float, float]:
    """Forecast from the first `cut` points; return the forecast, hits of the band, and the errors of the forecast and of the last value."""
    known = sorted(points)[:cut]
    found = forecast(TopicSeries(topic="t", observations=tuple(Observation(at=at, value=value) for at, value in known)), 48, 0.8)
    step = timedelta(hours=found.step_hours)
    hits, error, naive = [], 0.0, 0.0
    for point in found.points:
        values = [value for at, value in points if point.at - step < at <= point.at]
        real = sum(values) / len(values)
        hits.append(point.low <= real <= point.high)
        error += abs(real - point.value)
        naive += abs(real - known[-1][1])
    return found, hits, error, naive


@pytest.mark.slow
@pytest.mark.data
def test_on_real_topics_the_band_holds_and_the_forecast_is_no_worse_than_the_last_value() -> None:
    series: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for row in rows("hn_topics_2020_21", "topics_daily.csv.gz"):
        series[row["topic"]].append((datetime.fromisoformat(row["date"]).replace(tzinfo=UTC), float(row["story_hours"])))
    largest = sorted(series.values(), key=lambda points: -sum(value for _, value in points))[::40]
    outcomes = [held_out(points, 360) for points in largest]
    hits = [hit for _, inside, _, _ in outcomes for hit in inside]
    assert 0.6 <= sum(hits) / len(hits) <= 0.98
    assert sum(error for _, _, error, _ in outcomes) <= 1.1 * sum(naive for _, _, _, naive in outcomes)


@pytest.mark.slow
@pytest.mark.data
def test_on_real_tweet_volumes_the_band_holds_and_the_statement_is_honest() -> None:
    series: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for row in rows("nab_tweet_volume_a", "tweets_5min.csv.gz"):
        series[row["ticker"]].append((datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC), float(row["tweets"])))
    outcomes = [held_out(points, 12_000) for points in series.values()]
    hits = [hit for _, inside, _, _ in outcomes for hit in inside]
    assert 0.6 <= sum(hits) / len(hits) <= 0.99
    assert all((found.skill.verdict == "skill") == (not found.method.startswith("naive")) for found, _, _, _ in outcomes)
