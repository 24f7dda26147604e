"""What one collection measures of a story: its weighted sightings, and the counts that sources publish themselves."""

from datetime import datetime, timedelta

from memory.artifacts import TrendSignal
from memory.attention import SeenStory
from memory.trend_history import Measured

# A place on a list that thousands of readers vote or read into says more than one publisher's decision to write.
WEIGHTS = {"feed": 1.0, "reddit": 1.0, "hackernews": 2.0, "wikipedia_top": 2.0, "gtrends": 2.0}
HALF_LIFE_HOURS = 18.0
SERIES_NAMES = {
    "attention": "weighted sightings in our own sources",
    "hackernews.points": "Hacker News points",
    "hackernews.comments": "Hacker News comments",
    "gtrends.searches": "Google Trends searches",
    "wikipedia.views": "Wikipedia readers",
}


def measured_of(story: SeenStory, asked: str, at: datetime) -> tuple[Measured, ...]:
    """Return every value this collection gives for a story; a count that no source states is left out, never put at zero."""
    found = [Measured(f"attention {asked}".strip(), "weighted sightings", attention(story.signals, at))]
    points = [signal.strength for signal in story.signals if signal.kind == "hackernews" and signal.strength is not None]
    comments = [signal.comments for signal in story.signals if signal.kind == "hackernews" and signal.comments is not None]
    searches = [signal.strength for signal in story.signals if signal.kind == "gtrends" and signal.strength is not None]
    found += [Measured("hackernews.points", "points in all", sum(points))] if points else []
    found += [Measured("hackernews.comments", "comments in all", sum(comments))] if comments else []
    found += [Measured("gtrends.searches", "searches", sum(searches))] if searches else []
    return tuple(found)


def attention(signals: tuple[TrendSignal, ...], at: datetime) -> float:
    """Return the sum over distinct sources of the source kind's weight, halved for every 18 hours since its newest piece on the story."""
    newest: dict[str, float] = {}
    for signal in signals:
        age = max(at - (signal.published or at), timedelta())
        weight = WEIGHTS.get(signal.kind, 1.0) * 2 ** -(age / timedelta(hours=HALF_LIFE_HOURS))
        newest[signal.source_id] = max(newest.get(signal.source_id, 0.0), weight)
    return round(sum(newest.values()), 6)
