"""Making a topic's observations even in time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from tools.forecast_trends.models import Values
from tools.forecast_trends.schema import TopicSeries

HOUR = 3600.0
_STEPS_HOURS = (1.0, 2.0, 3.0, 6.0, 12.0, 24.0)
MAX_POINTS = 500


@dataclass(frozen=True)
class EvenSeries:
    """Values at even steps ending at `last`; `period` is the length of a season in steps, `filled` the share of steps that were interpolated."""

    values: Values
    last: datetime
    step_hours: float
    period: int
    filled: float


def even_series(series: TopicSeries) -> EvenSeries | None:
    """Average observations into bins of the series' own pace (1 to 24 hours) and interpolate gaps; None below two distinct bins.

    Bins end at the last observation, so that the newest value is never split off into a bin of its own.
    """
    points = sorted((observation.at.astimezone(UTC).timestamp(), observation.value) for observation in series.observations)
    if len(points) < 2:
        return None
    times = np.array([at for at, _ in points])
    values = np.array([value for _, value in points])
    gaps = np.diff(np.unique(times))
    if not len(gaps):
        return None
    pace = float(np.median(gaps)) / HOUR
    step = min(_STEPS_HOURS, key=lambda hours: (abs(np.log(hours / max(pace, 1.0))), hours))
    bins = np.floor((times[-1] - times) / (step * HOUR) + 1e-9).astype(int)
    length = int(min(bins.max() + 1, MAX_POINTS))
    kept = bins < length
    sums = np.bincount(bins[kept], weights=values[kept], minlength=length)
    counts = np.bincount(bins[kept], minlength=length)
    known = counts > 0
    if known.sum() < 2:
        return None
    filled = np.interp(np.arange(length), np.arange(length)[known], sums[known] / counts[known])[::-1]
    last = datetime.fromtimestamp(times[-1], UTC)
    return EvenSeries(np.log1p(np.maximum(filled, 0.0)), last, step, round(24 / step) if step < 24 else 7, float(1 - known.mean()))


def times_ahead(series: EvenSeries, steps: int) -> tuple[datetime, ...]:
    """Return the moments of the next `steps` steps."""
    return tuple(series.last + timedelta(hours=series.step_hours * number) for number in range(1, steps + 1))
