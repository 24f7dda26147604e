"""The forecaster and the naive rules it must beat; all work on log(1 + value), since attention grows by factors."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing

Values = npt.NDArray[np.float64]
Forecaster = Callable[[Values, int, int], Values]

# Attention has a short memory: older points cost time and add nothing.
_WINDOW = 120
SEASONS = 4

MODEL = "theta and damped exponential smoothing, averaged"


def last_value(history: Values, steps: int, _period: int) -> Values:
    """Return the last value, repeated: the naive forecast."""
    return np.full(steps, history[-1])


def same_time_before(history: Values, steps: int, period: int) -> Values:
    """Return the last season again (the seasonal naive forecast); the last value where no whole season is known."""
    if period <= 1 or len(history) < period:
        return last_value(history, steps, period)
    season = history[-period:]
    return np.resize(season, steps)


def recent_mean(history: Values, steps: int, period: int) -> Values:
    """Return the mean of the last season (at least three values), repeated."""
    return np.full(steps, history[-max(3, period) :].mean())


BASELINES: dict[str, Forecaster] = {"last value": last_value, "same time one season before": same_time_before, "mean of the last season": recent_mean}


def combined(history: Values, steps: int, period: int) -> Values:
    """Return the average of the theta method (Assimakopoulos and Nikolopoulos 2000) and damped-trend exponential smoothing (Gardner and McKenzie 1985).

    Both did best for their cost in the M3 and M4 competitions, and their average did better than either. A season is modelled when the history
    holds at least four of them. A method that does not converge is replaced by the last value.
    """
    seasonal = period > 1 and len(history) >= SEASONS * period
    history = history[-max(_WINDOW, 7 * period) :]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = [method(history, steps, period if seasonal else 1) for method in (_theta, _damped)]
    top, bottom = history.max() + 1.0, max(0.0, history.min() - 1.0)
    return np.asarray(np.clip(np.mean(found, axis=0), bottom, top), dtype=np.float64)


def _theta(history: Values, steps: int, period: int) -> Values:
    model: Any = ThetaModel(history, period=max(2, period), deseasonalize=period > 1, use_test=False, method="additive")
    return _usable(lambda: model.fit(use_mle=False).forecast(steps), history, steps)


def _damped(history: Values, steps: int, period: int) -> Values:
    seasonal = "add" if period > 1 else None
    model: Any = ExponentialSmoothing(
        history, trend="add", damped_trend=True, seasonal=seasonal, seasonal_periods=period if period > 1 else None, initialization_method="heuristic"
    )
    # The grid search for starting values costs ten times the fit and ends at the same place.
    return _usable(lambda: model.fit(optimized=True, use_brute=False).forecast(steps), history, steps)


def _usable(fit: Callable[[], Any], history: Values, steps: int) -> Values:
    try:
        found = np.asarray(fit(), dtype=np.float64)
    except (ValueError, np.linalg.LinAlgError, FloatingPointError, ZeroDivisionError):
        return last_value(history, steps, 1)
    return found if np.all(np.isfinite(found)) else last_value(history, steps, 1)
