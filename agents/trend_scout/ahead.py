"""The scout's look ahead: what the studio remembers of each story, what its readers are counted at, and what may come of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from pydantic import TypeAdapter

from agents.base import AgentContext
from agents.trend_scout import policy
from agents.trend_scout.schemas import Candidate
from infra.ids import canonical_json
from memory.attention import BAND, HORIZON_HOURS, AttentionPoint, AttentionSeries, Outlook, OutlookPoint, SeenStory
from tools.collect_trends.schema import CollectTrendsResult
from tools.forecast_trends.schema import SPEC as FORECAST_TRENDS
from tools.forecast_trends.schema import ForecastTrendsArgs, Observation, TopicForecast, TopicSeries
from tools.measure_attention.schema import SPEC as MEASURE_ATTENTION
from tools.measure_attention.schema import AskedTopic, MeasureAttentionArgs, MeasureAttentionResult
from tools.track_trends.schema import SPEC as TRACK_TRENDS
from tools.track_trends.schema import TrackTrendsArgs

LEAST_POINTS = 4
MOST_POINTS = 500
SERIES_A_TOPIC = 3
# Counts that only ever grow say how much was gained between two looks, not how much attention there is.
_IN_ALL, _AN_HOUR = " in all", " an hour"

SeriesByTopic = dict[str, tuple[AttentionSeries, ...]]
_SERIES = TypeAdapter(SeriesByTopic)


class Known(NamedTuple):
    """What the memory of trends says of one collection: the topic of each story, the stories by topic, and each topic's series."""

    topics: tuple[str, ...]
    stories: Mapping[str, SeenStory]
    history: SeriesByTopic


async def track(stories: Sequence[SeenStory], collected: CollectTrendsResult, ctx: AgentContext) -> Known:
    """Have every story of the collection join its topic and leave its observation."""
    if not stories:
        return Known((), {}, {})
    body = [story.model_dump(mode="json") for story in stories]
    asked = [status for status in collected.sources if status.status != "off"]
    args = TrackTrendsArgs(
        stories=ctx.store.put_bytes(canonical_json(body)),
        asked=",".join(sorted(ctx.personality.categories))[:300],
        collected_at=collected.collected_at,
        sources=len(asked),
        answered=sum(status.status != "failed" for status in asked),
    )
    found = await ctx.call(TRACK_TRENDS, args)
    return Known(found.topics, dict(zip(found.topics, stories, strict=True)), _SERIES.validate_json(ctx.store.read(found.history)))


async def look_ahead(ranked: Sequence[Candidate], known: Known, now: datetime, ctx: AgentContext) -> list[Candidate]:
    """Return the candidates, the most promising few with an outlook, and with momentum from it where the forecast has skill."""
    closer = [one for one in ranked if one.topic_id and not one.nearest and one.fit >= policy.LEAST_FIT][: policy.CLOSER_LOOKS]
    if not closer:
        return list(ranked)
    measured = await ctx.call(MEASURE_ATTENTION, MeasureAttentionArgs(topics=tuple(_asked(one, known) for one in closer), until=now))
    counted = _SERIES.validate_json(ctx.store.read(measured.series))
    series = {one.topic_id: _usable(counted.get(one.topic_id, ()), known.history.get(one.topic_id, ())) for one in closer}
    forecasts = await _forecasts(series, now, ctx)
    told = {one.topic: _foreseen(one, series[one.topic_id], forecasts, measured, now) for one in closer}
    return [told.get(one.topic, one) for one in ranked]


def best_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates by their score, repeats of earlier videos last."""
    return sorted(candidates, key=lambda candidate: (bool(candidate.nearest), -candidate.total, candidate.topic))


def flow_of(series: AttentionSeries) -> AttentionSeries:
    """Return a count that only grows as what it gained an hour between two looks; any other series as it is."""
    if not series.unit.endswith(_IN_ALL):
        return series
    steps = [(after.at, after.value - before.value, (after.at - before.at).total_seconds() / 3600) for before, after in pairwise(series.points)]
    points = tuple(AttentionPoint(at=at, value=max(0.0, gained) / hours) for at, gained, hours in steps if hours > 0)
    return series.model_copy(update={"unit": series.unit.removesuffix(_IN_ALL) + _AN_HOUR, "points": points})


def _asked(candidate: Candidate, known: Known) -> AskedTopic:
    story = known.stories[candidate.topic_id]
    articles = dict.fromkeys(signal.title for signal in story.signals if signal.kind == "wikipedia_top")
    return AskedTopic(topic_id=candidate.topic_id, topic=candidate.topic, articles=tuple(articles))


def _usable(counted: Sequence[AttentionSeries], remembered: Sequence[AttentionSeries]) -> tuple[AttentionSeries, ...]:
    """Return what can be looked ahead on, the newest count of a series before what is remembered of it."""
    found = {one.name: flow_of(one) for one in (*remembered, *counted)}
    long_enough = [one for one in found.values() if len(one.points) >= LEAST_POINTS]
    longest = sorted(long_enough, key=lambda one: (-len(one.points), one.name))[:SERIES_A_TOPIC]
    return tuple(one.model_copy(update={"points": one.points[-MOST_POINTS:]}) for one in longest)


async def _forecasts(series: SeriesByTopic, now: datetime, ctx: AgentContext) -> dict[tuple[str, str], TopicForecast]:
    asked = [(topic_id, one) for topic_id, several in series.items() for one in several]
    if not asked:
        return {}
    wanted = tuple(
        TopicSeries(topic=f"{topic_id} {one.name}", observations=tuple(Observation(at=point.at, value=point.value) for point in one.points))
        for topic_id, one in asked
    )
    args = ForecastTrendsArgs(series=wanted, horizon_hours=HORIZON_HOURS, as_of=now, band=BAND)
    found = (await ctx.call(FORECAST_TRENDS, args)).forecasts
    return {(topic_id, one.name): forecast for (topic_id, one), forecast in zip(asked, found, strict=True)}


def _foreseen(
    candidate: Candidate,
    series: Sequence[AttentionSeries],
    forecasts: Mapping[tuple[str, str], TopicForecast],
    measured: MeasureAttentionResult,
    now: datetime,
) -> Candidate:
    """Add the most telling outlook: of the series on whose past the forecaster did best, else of the longest."""
    pairs = [(one, forecasts[candidate.topic_id, one.name]) for one in series]
    if not pairs:
        reason = next((one.reason for one in measured.topics if one.topic_id == candidate.topic_id and one.reason), "")
        return candidate.model_copy(update={"unforeseen": f"nothing was measured of it {LEAST_POINTS} times yet" + (f"; {reason}" if reason else "")})
    best, forecast = max(pairs, key=lambda pair: (pair[1].skill.verdict == "skill", pair[1].skill.skill_score or 0.0, len(pair[0].points)))
    outlook = Outlook(
        series=best.name,
        source=best.source,
        unit=best.unit,
        length=len(best.points),
        method=forecast.method,
        verdict=forecast.skill.verdict,
        statement=forecast.skill.statement,
        growth=forecast.growth,
        peak_at=forecast.peak_at,
        points=tuple(OutlookPoint(at=one.at, value=one.value, low=one.low, high=one.high) for one in forecast.points),
        made_at=now,
    )
    if outlook.verdict != "skill" or outlook.growth is None:
        return candidate.model_copy(update={"outlook": outlook})
    ahead = policy.momentum_ahead(candidate.momentum, outlook.growth)
    return candidate.model_copy(update={"outlook": outlook, "momentum": ahead, "momentum_from": "forecast", "recency": candidate.momentum})
