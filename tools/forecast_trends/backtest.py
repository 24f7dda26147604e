"""Rolling-origin backtest: how a method and the naive rules did on a topic's own past."""

from dataclasses import dataclass

import numpy as np

from tools.forecast_trends.models import BASELINES, SEASONS, Forecaster, Values, combined

MAX_FOLDS = 8
MIN_FOLDS = 4
MIN_TRAINING = 12
LEAST_SKILL = 0.05


@dataclass(frozen=True)
class Backtest:
    """Errors by fold (mean absolute error in the series' own unit) and residuals on the log scale, one row a fold, one column a step."""

    errors: dict[str, Values]
    residuals: dict[str, Values]

    @property
    def folds(self) -> int:
        """How many past moments were forecast from."""
        return len(self.errors["model"])

    @property
    def baseline(self) -> str:
        """The naive rule with the least mean error."""
        return min(BASELINES, key=lambda name: float(self.errors[name].mean()))

    @property
    def skill_score(self) -> float | None:
        """1 - error of the model / error of the best naive rule; None when that rule made no error at all."""
        best = float(self.errors[self.baseline].mean())
        return None if best <= 1e-12 else 1.0 - float(self.errors["model"].mean()) / best

    @property
    def has_skill(self) -> bool:
        """Whether the model was better by over 5% on the mean and better in at least 60% of the folds."""
        score = self.skill_score
        wins = float((self.errors["model"] < self.errors[self.baseline]).mean())
        return score is not None and score > LEAST_SKILL and wins >= 0.6


def backtest(history: Values, steps: int, period: int, skipped: int = 0) -> Backtest | None:
    """Forecast `steps` ahead from up to eight past moments, each time with only what was known then; None when the past is too short.

    Errors are of the steps after the first `skipped`, which only bridge the time until a horizon begins. The moments lie in the later half of the past,
    and where seasons can be modelled, where there are enough of them: from much less history than it has now, the method is another one.
    """
    first = max(MIN_TRAINING, 2 * steps if steps <= 12 else steps + 12)
    last = len(history) - steps
    if last - first + 1 < MIN_FOLDS:
        return None
    first = max(first, min(max(SEASONS * period, len(history) // 2), last - MAX_FOLDS + 1))
    origins = np.unique(np.linspace(first, last, MAX_FOLDS).astype(int))
    methods: dict[str, Forecaster] = {"model": combined, **BASELINES}
    errors: dict[str, list[float]] = {name: [] for name in methods}
    residuals: dict[str, list[Values]] = {name: [] for name in methods}
    for origin in origins:
        actual = history[origin : origin + steps]
        for name, method in methods.items():
            predicted = method(history[:origin], steps, period)
            errors[name].append(float(np.abs(np.expm1(actual) - np.expm1(predicted))[skipped:].mean()))
            residuals[name].append(actual - predicted)
    return Backtest({name: np.array(values) for name, values in errors.items()}, {name: np.array(rows) for name, rows in residuals.items()})


def half_widths(residuals: Values, band: float) -> Values:
    """Return the half width of the band at each step, on the log scale: split-conformal quantile of the residuals, pooled over steps.

    Residuals are divided by the square root of the step first, as errors of a random walk grow, which lets few folds inform all steps.
    """
    steps = residuals.shape[1]
    growth = np.sqrt(np.arange(1, steps + 1))
    scaled = np.abs(residuals / growth).ravel()
    # One fold's errors hang together, so the finite-sample correction counts folds, not points.
    level = min(1.0, band * (1 + 1 / len(residuals)))
    return np.asarray(np.quantile(scaled, level) * growth, dtype=np.float64)


def coverage(residuals: Values, band: float) -> float:
    """Return the share of outcomes inside the band when each fold is judged by a band made from the other folds only."""
    hits = []
    for fold in range(len(residuals)):
        width = half_widths(np.delete(residuals, fold, axis=0), band)
        hits.append(float((np.abs(residuals[fold]) <= width).mean()))
    return float(np.mean(hits))
