"""Forecasting trends: the next 48 hours of each topic with a band, and whether the forecast beats naive rules on its own past."""

import math
from datetime import datetime
from typing import Literal, NamedTuple

import numpy as np

from tools.base import ToolContext
from tools.forecast_trends.backtest import MIN_FOLDS, Backtest, backtest, coverage, half_widths
from tools.forecast_trends.models import BASELINES, MODEL, Values, combined, last_value
from tools.forecast_trends.schema import ForecastPoint, ForecastTrendsArgs, ForecastTrendsResult, Skill, TopicForecast, TopicSeries
from tools.forecast_trends.series import HOUR, EvenSeries, even_series, times_ahead

MIN_POINTS = 4
MAX_WAIT_HOURS = 96.0


class _Line(NamedTuple):
    """A forecast on the log scale: its centre, the half width of its band, and the method's name."""

    method: str
    centre: Values
    width: Values


class _Span(NamedTuple):
    """How many steps bridge the time until the horizon begins, and how many steps the horizon has."""

    bridge: int
    horizon: int

    @property
    def steps(self) -> int:
        """All steps after the last known value."""
        return self.bridge + self.horizon


def run(args: ForecastTrendsArgs, ctx: ToolContext) -> ForecastTrendsResult:
    """Forecast every series; one that is too short or too old says so instead of guessing."""
    forecasts = []
    for number, series in enumerate(args.series):
        ctx.progress(number / len(args.series), series.topic)
        forecasts.append(forecast(series, args.horizon_hours, args.band, args.as_of))
    return ForecastTrendsResult(forecasts=tuple(forecasts))


def forecast(series: TopicSeries, horizon_hours: float, band: float, as_of: datetime | None = None) -> TopicForecast:
    """Return the forecast of one topic for the `horizon_hours` after `as_of`, or after its last value.

    Where the backtest finds no skill, the best naive rule's forecast is given, under its own name. Values are in the series' unit.
    """
    even = even_series(series)
    if even is None or len(even.values) < MIN_POINTS:
        count = 0 if even is None else len(even.values)
        return _refused(series.topic, even, "too_short", f"{count} usable points are too few: at least {MIN_POINTS} are needed")
    waited_h = max(0.0, (as_of - even.last).total_seconds() / HOUR) if as_of else 0.0
    if waited_h > max(MAX_WAIT_HOURS, 2 * even.step_hours):
        return _refused(series.topic, even, "stale", f"its newest value is {waited_h / 24:.1f} days old: too long ago to look ahead from")
    span = _Span(math.floor(waited_h / even.step_hours + 1e-9), max(1, math.ceil(horizon_hours / even.step_hours - 1e-9)))
    tested = backtest(even.values, span.steps, even.period, span.bridge)
    if tested is None:
        return _untested(series.topic, even, span, band)
    name = "model" if tested.has_skill else tested.baseline
    centre = combined(even.values, span.steps, even.period) if tested.has_skill else BASELINES[name](even.values, span.steps, even.period)
    method = MODEL if tested.has_skill else f"naive: {name}"
    return _result(series.topic, even, _Line(method, centre, half_widths(tested.residuals[name], band)), span, _skill(tested, name, band))


def _refused(topic: str, even: EvenSeries | None, why: Literal["too_short", "stale"], statement: str) -> TopicForecast:
    return TopicForecast(
        topic=topic,
        status=why,
        method="none",
        step_hours=even.step_hours if even else 0.0,
        length=len(even.values) if even else 0,
        skill=Skill(verdict=why, statement=statement),
    )


def _untested(topic: str, even: EvenSeries, span: _Span, band: float) -> TopicForecast:
    """Repeat the last value with a band from how much the series moved from step to step; no claim of skill."""
    moves = np.abs(np.diff(even.values))
    width = float(np.quantile(moves, band)) * np.sqrt(np.arange(1, span.steps + 1))
    statement = f"{len(even.values)} points are too few to test a forecast of {span.steps} steps on the past: the last value is repeated"
    line = _Line("naive: last value", last_value(even.values, span.steps, 1), width)
    return _result(topic, even, line, span, Skill(verdict="too_short", statement=statement))


def _skill(tested: Backtest, name: str, band: float) -> Skill:
    score = tested.skill_score
    share = "no error to beat" if score is None else f"{abs(score):.0%} {'less' if score > 0 else 'more'} error"
    statement = f"on {tested.folds} past moments: {share} than “{tested.baseline}”" + (
        "" if tested.has_skill else "; not enough to trust, so that naive rule is given instead"
    )
    if tested.folds < 2 * MIN_FOLDS:
        statement += f" (only {tested.folds} moments)"
    return Skill(
        verdict="skill" if tested.has_skill else "no_skill",
        folds=tested.folds,
        error=float(tested.errors["model"].mean()),
        baseline=tested.baseline,
        baseline_error=float(tested.errors[tested.baseline].mean()),
        skill_score=score,
        coverage=coverage(tested.residuals[name], band),
        statement=statement,
    )


def _result(topic: str, even: EvenSeries, line: _Line, span: _Span, skill: Skill) -> TopicForecast:
    centre, width = line.centre, line.width
    values, low, high = (np.maximum(np.expm1(line), 0.0) for line in (centre, centre - width, centre + width))
    points = tuple(
        ForecastPoint(at=at, value=float(value), low=float(least), high=float(most))
        for at, value, least, most in zip(times_ahead(even, len(centre)), values, low, high, strict=True)
    )
    before = float(np.expm1(even.values[-span.horizon :]).mean())
    peak = max(points[span.bridge :], key=lambda point: point.value)
    return TopicForecast(
        topic=topic,
        status="forecast",
        method=line.method,
        step_hours=even.step_hours,
        length=len(even.values),
        points=points,
        growth=float(values[span.bridge :].mean()) / before - 1 if before > 1e-9 else None,
        peak_at=peak.at,
        peak_value=peak.value,
        skill=skill,
    )
