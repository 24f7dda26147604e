"""What the scout says about its figures."""

from agents.trend_scout.schemas import Candidate, TopicFigures
from memory.attention import Outlook


def scores_of(candidate: Candidate) -> dict[str, float]:
    """Return the figures a choice is made on, each 0..1."""
    scores = {"momentum": candidate.momentum, "breadth": candidate.breadth, "fit": candidate.fit, "novelty": candidate.novelty, "total": candidate.total}
    return {name: round(value, 4) for name, value in scores.items()}


def figures_of(candidate: Candidate) -> TopicFigures:
    """Return what the memory of trends keeps of a candidate."""
    return TopicFigures(topic_id=candidate.topic_id, scores=scores_of(candidate), outlook=candidate.outlook)


def momentum_told(candidate: Candidate) -> str:
    """Say where a candidate's momentum comes from: the forecast with its series, method, skill, growth and peak, or recency and why."""
    outlook, score = candidate.outlook, f"momentum {candidate.momentum:.2f}"
    if outlook is None:
        return f"{score} comes from how recently it was seen: {candidate.unforeseen or 'no forecast was asked for'}"
    if candidate.momentum_from == "forecast":
        before = "" if candidate.recency is None else f" ({candidate.recency:.2f} by recency alone)"
        return f"{score}{before} comes from a forecast of {_series(outlook)}: {_expected(outlook)}; method: {outlook.method}; skill: {outlook.statement}"
    expected = f"; for what it is worth: {_expected(outlook)}, method: {outlook.method}" if outlook.points else ""
    return f"{score} comes from how recently it was seen, since a forecast of {_series(outlook)} has no shown skill: {outlook.statement}{expected}"


def _series(outlook: Outlook) -> str:
    return f"{outlook.source} ({outlook.length} values, {outlook.unit})"


def _expected(outlook: Outlook) -> str:
    growth = "no growth can be told" if outlook.growth is None else f"{outlook.growth:+.0%} over the next 48 hours"
    peak = next((point for point in outlook.points if point.at == outlook.peak_at), None)
    if peak is None:
        return growth
    return f"{growth}, most on {peak.at:%Y-%m-%d %H:%M} UTC ({peak.value:,.0f}, likely {peak.low:,.0f} to {peak.high:,.0f})"
