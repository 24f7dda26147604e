"""What forecasting trends takes and gives."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from memory.attention import Verdict
from tools.base import Args, Result, ToolSpec


class Observation(BaseModel):
    """One measured value of a topic's attention at a time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    value: float = Field(ge=0, allow_inf_nan=False)


class TopicSeries(BaseModel):
    """The history of one topic, in any order; times need not be evenly spaced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str
    observations: tuple[Observation, ...]


class ForecastTrendsArgs(Args):
    """Series to look ahead on. `band` is the share of outcomes the band should hold (0.8 = 80%).

    The horizon begins at `as_of`, which bridges the time since a series' newest value; without it, at each series' own last value.
    """

    series: tuple[TopicSeries, ...] = Field(min_length=1, max_length=200)
    horizon_hours: float = Field(default=48.0, gt=0, le=336)
    as_of: AwareDatetime | None = None
    band: float = Field(default=0.8, gt=0, lt=1)


class ForecastPoint(BaseModel):
    """A future value and its band."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime
    value: float
    low: float
    high: float


class Skill(BaseModel):
    """How the method did on the topic's own past, by rolling backtest.

    `skill_score` is 1 - error / error of the best naive baseline (mean absolute error): above 0 is better than naive.
    `coverage` is the measured share of outcomes inside the band. None where the history was too short to measure.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    folds: int = 0
    error: float | None = None
    baseline: str = ""
    baseline_error: float | None = None
    skill_score: float | None = None
    coverage: float | None = None
    statement: str


class TopicForecast(BaseModel):
    """What is expected of one topic, from `length` even steps. `growth` is the mean of the horizon over the mean of as many known steps, minus 1.

    `points` begin right after the last known value; `growth` and `peak_at` speak of the horizon only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str
    status: Literal["forecast", "too_short", "stale"]
    method: str
    step_hours: float
    length: int = 0
    points: tuple[ForecastPoint, ...] = ()
    growth: float | None = None
    peak_at: datetime | None = None
    peak_value: float | None = None
    skill: Skill


class ForecastTrendsResult(Result):
    """One forecast per series, in the order given."""

    forecasts: tuple[TopicForecast, ...]


SPEC = ToolSpec(
    name="forecast_trends",
    queue="cpu",
    args=ForecastTrendsArgs,
    result=ForecastTrendsResult,
    implementation="tools.forecast_trends.tool:run",
    timeout_s=240.0,
    max_attempts=2,
    why_not_alone="",
)
