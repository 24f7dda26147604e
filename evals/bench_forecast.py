"""Whether the forecaster's own statement of skill can be believed: its verdict, then what really came, on real series it never saw."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from evals.attention_series import RealSeries, real_series
from infra.errors import Invalid
from infra.ids import seeded
from infra.settings import Settings
from tools.forecast_trends.models import BASELINES, combined
from tools.forecast_trends.schema import Observation, TopicSeries
from tools.forecast_trends.series import even_series
from tools.forecast_trends.tool import forecast

HORIZON_HOURS = 48.0
WINDOW = 500
_RESAMPLES = 1000


@dataclass(frozen=True)
class Asked:
    """One moment: what was claimed, and the mean absolute errors that followed, as shares of the series' usual size.

    `ahead` is the forecaster's model (whatever the verdict), `naive` the rule it names as the best, `last` the last value repeated.
    """

    dataset: str
    topic: str
    verdict: str
    ahead: float
    naive: float
    last: float
    inside: float


@dataclass(frozen=True)
class Verdicts:
    """What a verdict was worth: 1 - error of the model / error of the naive rule over all its moments, with a 90% interval taken by topic."""

    moments: int
    topics: int
    skill: float
    low: float
    high: float
    against_last_value: float
    wins: float
    coverage: float


def measure_forecast(settings: Settings) -> dict[str, Any]:
    """Ask the forecaster about every real series there is and return, by verdict and set, how it did; raises Invalid without data."""
    if settings.data is None or not settings.data.is_dir():
        raise Invalid("bench forecast: YTEMPIRE_DATA is not set to a folder; it reads real series that do not come with the studio")
    asked = [moment for series in real_series(settings.data) for moment in ask(series)]
    if not asked:
        raise Invalid(f"bench forecast: {settings.data} holds none of the series that it reads")
    sets = sorted({one.dataset for one in asked})
    claimed = [one for one in asked if one.verdict == "skill"]
    figures: dict[str, Any] = {"moments": len(asked), "claimed": len(claimed), "skill_when_claimed": _skill(claimed) if claimed else None}
    for verdict in ("skill", "no_skill"):
        for name in ("all", *sets):
            chosen = [one for one in asked if one.verdict == verdict and name in {"all", one.dataset}]
            figures[f"{verdict}_{name.replace(' ', '_')}"] = asdict(judge(chosen)) if chosen else None
    return figures


def ask(series: RealSeries) -> Iterable[Asked]:
    """Yield one outcome for each cut of a series whose forecast could be tested on the past and whose future is known."""
    for cut in series.cuts:
        known = series.points[max(0, cut - WINDOW) : cut]
        topic = TopicSeries(topic=series.topic, observations=tuple(Observation(at=at, value=value) for at, value in known))
        found, even = forecast(topic, HORIZON_HOURS, 0.8), even_series(topic)
        if found.skill.verdict not in {"skill", "no_skill"} or even is None:
            continue
        steps = len(found.points)
        step = timedelta(hours=found.step_hours)
        truth = np.array([_mean([value for at, value in series.points[cut:] if point.at - step < at <= point.at]) for point in found.points])
        if np.isnan(truth).any():
            continue
        size = float(np.expm1(even.values[-4 * steps :]).mean()) + 1.0
        model = np.expm1(combined(even.values, steps, even.period))
        naive = np.expm1(BASELINES[found.skill.baseline](even.values, steps, even.period))
        last = np.expm1(np.full(steps, even.values[-1]))
        ahead, rule, repeated = (float(np.abs(truth - line).mean()) / size for line in (model, naive, last))
        inside = float(np.mean([point.low <= real <= point.high for point, real in zip(found.points, truth, strict=True)]))
        yield Asked(series.dataset, f"{series.dataset} {series.topic}", found.skill.verdict, ahead, rule, repeated, inside)


def judge(asked: Sequence[Asked]) -> Verdicts:
    """Return what came of these moments; the interval resamples whole topics, since moments of one topic hang together."""
    by_topic: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        by_topic[one.topic].append(one)
    names, draw = sorted(by_topic), seeded("bench forecast")
    resampled = sorted(_skill([one for name in draw.choices(names, k=len(names)) for one in by_topic[name]]) for _ in range(_RESAMPLES))
    return Verdicts(
        moments=len(asked),
        topics=len(names),
        skill=_skill(asked),
        low=resampled[round(0.05 * (_RESAMPLES - 1))],
        high=resampled[round(0.95 * (_RESAMPLES - 1))],
        against_last_value=1 - sum(one.ahead for one in asked) / max(1e-9, sum(one.last for one in asked)),
        wins=float(np.mean([one.ahead < one.naive for one in asked])),
        coverage=float(np.mean([one.inside for one in asked])),
    )


def _skill(asked: Sequence[Asked]) -> float:
    return 1 - sum(one.ahead for one in asked) / max(1e-9, sum(one.naive for one in asked))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
