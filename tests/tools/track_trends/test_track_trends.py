"""Tracking trends: what one collection measures, who may not be compared, and that only a worker can remember."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.ids import canonical_json
from memory.artifacts import TrendSignal
from memory.attention import SeenStory
from tests.fixtures.sources import know_tenant, tool_context
from tools.base import ToolContext, ToolError
from tools.track_trends.attention import attention, measured_of
from tools.track_trends.schema import TrackTrendsArgs, TrackTrendsResult
from tools.track_trends.tool import run

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)


def signal(source: str, kind: str = "feed", hours: float = 0.0, strength: float | None = None, comments: float | None = None) -> TrendSignal:
    return TrendSignal(
        source_id=source,
        source_name=source.title(),
        kind=kind,
        category="science",
        title="Ice",
        url=f"https://{source}.example/ice",
        published=NOW - timedelta(hours=hours),
        seen_at=NOW,
        strength=strength,
        comments=comments,
    )


def story(*signals: TrendSignal, title: str = "Ice", axis: int = 0) -> SeenStory:
    vector = tuple(1.0 if number == axis else 0.0 for number in range(384))
    return SeenStory(title=title, category="science", keywords=("Ice",), signals=signals, vector=vector)


def track(ctx: ToolContext, *stories: SeenStory, answered: int = 10, at: datetime = NOW) -> TrackTrendsResult:
    digest = ctx.store.put_bytes(canonical_json([one.model_dump(mode="json") for one in stories]))
    return run(TrackTrendsArgs(stories=digest, asked="science", collected_at=at, sources=10, answered=answered), ctx)


def test_attention_counts_each_source_once_by_its_kind_and_fades_with_age() -> None:
    assert attention((signal("a"), signal("b")), NOW) == 2.0
    assert attention((signal("a"), signal("a", hours=18)), NOW) == 1.0
    assert attention((signal("a", hours=18), signal("hn", kind="hackernews", hours=36)), NOW) == 0.5 + 0.5
    assert attention((signal("a", hours=-30),), NOW) == 1.0


def test_counts_of_sources_are_kept_beside_it_and_never_made_up() -> None:
    seen = story(signal("a"), signal("hn", kind="hackernews", strength=120, comments=40), signal("g", kind="gtrends", strength=200_000))
    values = {one.series: (one.value, one.unit) for one in measured_of(seen, "science", NOW)}
    assert values == {
        "attention science": (5.0, "weighted sightings"),
        "hackernews.points": (120.0, "points in all"),
        "hackernews.comments": (40.0, "comments in all"),
        "gtrends.searches": (200_000.0, "searches"),
    }
    assert [one.series for one in measured_of(story(signal("hn", kind="hackernews")), "", NOW)] == ["attention"]


def test_stories_are_remembered_once_and_their_history_comes_back(tmp_path: Path, database_url: str) -> None:
    know_tenant(database_url)
    ctx = tool_context(tmp_path, database_url=database_url)
    first = track(ctx, story(signal("a")), story(signal("b"), title="Fire", axis=1))
    again = track(ctx, story(signal("a")), story(signal("b"), title="Fire", axis=1))
    later = track(ctx, story(signal("a")), at=NOW + timedelta(hours=6))
    assert (first.joined, first.observations, again.observations, again.topics) == (("new", "new"), 2, 0, first.topics)
    assert (later.joined, later.topics, later.unmeasured) == (("address",), first.topics[:1], "")
    assert ctx.store.read(later.history).count(b'"at"') == 2


def test_a_collection_that_saw_less_than_half_measures_nothing(tmp_path: Path, database_url: str) -> None:
    know_tenant(database_url)
    found = track(tool_context(tmp_path, database_url=database_url), story(signal("a")), answered=4)
    assert (found.joined, found.observations) == (("new",), 0)
    assert "only 4 of 10 sources answered" in found.unmeasured


def test_outside_a_worker_nothing_can_be_remembered(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="DATABASE_URL"):
        track(tool_context(tmp_path), story(signal("a")))
