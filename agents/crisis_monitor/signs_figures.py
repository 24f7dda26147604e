"""What a publication's counts show: sudden dislikes, reports, and views that stop."""

from collections.abc import Sequence

from agents.crisis_monitor.schemas import Figures, Severity, Sign
from agents.crisis_monitor.statistics import exceeds

USUAL_DISLIKES = 0.10
LEAST_DISLIKES = 20
MANY_DISLIKES = 100
LEAST_REPORTS = 5
MANY_REPORTS = 25
# Fewer views than this in the window before say nothing about the window after.
LEAST_VIEWS = 200
_STOPPED = 0.02
# How sure a stop is: what stops is more often a platform's change of mind than a fault of ours.
_STOP_CONFIDENCE = 0.6


def figure_signs(figures: Sequence[Figures]) -> list[Sign]:
    """Return what the newest window, between the last two times of counting, shows against those before."""
    if len(figures) < 2:
        return []
    return [*_dislikes(figures), *_reports(figures), *_views(figures)]


def _dislikes(figures: Sequence[Figures]) -> list[Sign]:
    before, now = figures[-2], figures[-1]
    against, for_ = _gain(before.dislikes, now.dislikes), _gain(before.likes, now.likes)
    if against < LEAST_DISLIKES or against <= for_:
        return []
    told = (before.dislikes or 0) + (before.likes or 0)
    usual = min(0.6, max(USUAL_DISLIKES, (before.dislikes or 0) / told)) if told >= LEAST_DISLIKES else USUAL_DISLIKES
    sure = exceeds(against, against + for_, usual)
    severity: Severity = "critical" if against >= MANY_DISLIKES else "warning"
    reason = f"{against} of {against + for_} votes since {before.at:%Y-%m-%d %H:%M} UTC are against it, usually {usual:.0%} (binomial tail)"
    return [Sign(kind="dislike_spike", severity=severity, confidence=round(sure, 3), reason=reason)]


def _reports(figures: Sequence[Figures]) -> list[Sign]:
    before, now = figures[-2], figures[-1]
    new = _gain(before.reports, now.reports)
    if new < LEAST_REPORTS or new <= (before.reports or 0):
        return []
    severity: Severity = "critical" if new >= MANY_REPORTS else "warning"
    reason = f"{new} viewers reported it since {before.at:%Y-%m-%d %H:%M} UTC, {before.reports or 0} ever before"
    return [Sign(kind="report_spike", severity=severity, confidence=round(1 - 0.75**new, 3), reason=reason)]


def _views(figures: Sequence[Figures]) -> list[Sign]:
    if len(figures) < 3:
        return []
    first, before, now = figures[-3:]
    earlier, later = _gain(first.views, before.views), _gain(before.views, now.views)
    spent, spends = (before.at - first.at).total_seconds(), (now.at - before.at).total_seconds()
    if earlier < LEAST_VIEWS or spent <= 0 or spends <= 0 or spends > 2 * spent:
        return []
    expected = earlier * spends / spent
    if later > _STOPPED * expected or expected < LEAST_VIEWS / 2:
        return []
    reason = f"{later} views since {before.at:%Y-%m-%d %H:%M} UTC, where the window before had {earlier}: it may be restricted or hidden from search"
    return [Sign(kind="views_collapse", severity="warning", confidence=_STOP_CONFIDENCE, reason=reason)]


def _gain(before: int | None, now: int | None) -> int:
    return max(0, now - before) if before is not None and now is not None else 0
