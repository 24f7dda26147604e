"""The history of trends on a real database: one story is one topic, unrelated ones stay apart, and nothing is counted twice."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from infra.database import Database
from infra.errors import Invalid
from memory.artifacts import Provenance, TrendSignal
from memory.attention import AttentionPoint, AttentionSeries, Outlook, SeenStory
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.channels import ChannelRepository
from memory.repositories.keyset import encode_cursor
from memory.repositories.trends import TopicMissing, TrendRepository
from memory.trend_history import SAME_ADDRESS, SAME_TOPIC, Measured, Tracked, TrendHistory
from memory.trend_report import trend_report

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAMES = {"attention": "weighted sightings"}


def direction(cosine: float, axis: int = 1) -> tuple[float, ...]:
    """Return a unit vector at that cosine to the first axis."""
    vector = np.zeros(384)
    vector[0], vector[axis] = cosine, np.sqrt(1 - cosine**2)
    return tuple(vector.tolist())


def story(title: str, *urls: str, vector: tuple[float, ...] = direction(1.0)) -> SeenStory:
    signals = tuple(
        TrendSignal(source_id=url.split("/")[2], source_name="Wire", kind="feed", category="space", title=title, url=url, seen_at=NOW) for url in urls
    )
    return SeenStory(title=title, category="space", keywords=("Moon",), signals=signals, vector=vector)


def track(database: Database, stories: Sequence[SeenStory], hours: float = 0.0, provenance: Provenance = Provenance.REAL, channel: str = "one") -> Tracked:
    measured = [(Measured("attention space", "weighted sightings", float(len(one.signals))),) for one in stories]
    with database.unit_of_work() as session:
        return TrendHistory(session, channel, provenance).track(stories, measured, NOW + timedelta(hours=hours), NAMES)


@pytest.fixture(autouse=True)
def channels(database: Database) -> None:
    with database.unit_of_work() as session:
        ChannelRepository(session).ensure("one", "deep-orbit", "One")


def test_one_story_in_three_collections_is_one_topic_with_three_observations(database: Database) -> None:
    first = track(database, [story("The Moon landing", "https://a.example/1", "https://b.example/1")])
    second = track(database, [story("A landing on the Moon", "https://a.example/1", vector=direction(0.5))], hours=6)
    third = track(database, [story("Moon landing succeeds", "https://c.example/9", vector=direction(SAME_TOPIC + 0.01))], hours=12)
    assert [one.joined[0].how for one in (first, second, third)] == ["new", "address", "meaning"]
    (topic_id,) = {one.joined[0].topic_id for one in (first, second, third)}
    (series,) = third.history[topic_id]
    assert [point.value for point in series.points] == [2.0, 1.0, 1.0]
    assert [point.at for point in series.points] == [NOW, NOW + timedelta(hours=6), NOW + timedelta(hours=12)]
    assert (series.source, series.unit) == ("weighted sightings", "weighted sightings")


def test_unrelated_stories_do_not_merge_not_even_at_one_address(database: Database) -> None:
    track(database, [story("The Moon landing", "https://a.example/live")])
    far = track(database, [story("A recipe", "https://b.example/2", vector=direction(SAME_TOPIC - 0.02))], hours=1)
    same_page = track(database, [story("Another recipe", "https://a.example/live", vector=direction(SAME_ADDRESS - 0.02, axis=2))], hours=2)
    assert far.joined[0].how == same_page.joined[0].how == "new"
    both = [story("One", "https://c.example/all", vector=direction(1, 1)), story("Two", "https://c.example/all", vector=direction(0.1, 3))]
    assert len({one.topic_id for one in track(database, both, hours=3).joined}) == 2


def test_the_same_collection_again_changes_nothing(database: Database) -> None:
    seen = [story("The Moon landing", "https://a.example/1"), story("Its pilot", "https://a.example/2", vector=direction(0.8))]
    first, again = track(database, seen), track(database, seen)
    assert (first.observations, again.observations) == (2, 0)
    assert [one.topic_id for one in first.joined] == [one.topic_id for one in again.joined]
    assert first.history == again.history
    with database.unit_of_work() as session:
        assert len(TrendRepository(session, "tenant_local", Provenance.REAL).list_topics(NOW)) == 2


def test_two_stories_that_join_one_topic_count_together(database: Database) -> None:
    track(database, [story("The Moon landing", "https://a.example/1")])
    later = track(database, [story("A", "https://a.example/5", vector=direction(0.9)), story("B", "https://a.example/6", vector=direction(0.9, 2))], hours=6)
    (topic_id,) = {one.topic_id for one in later.joined}
    assert [point.value for point in later.history[topic_id][0].points] == [1.0, 2.0]


@pytest.mark.parametrize("provenance", [Provenance.REHEARSAL, Provenance.SIMULATED, Provenance.DEMO])
def test_what_is_not_real_never_enters_real_memory_nor_reads_it(database: Database, provenance: Provenance) -> None:
    seen = [story("The Moon landing", "https://a.example/1")]
    real, other = track(database, seen), track(database, seen, hours=1, provenance=provenance)
    assert other.joined[0].how == "new"
    again = track(database, seen, hours=2)
    assert len(again.history[real.joined[0].topic_id][0].points) == 2
    with database.unit_of_work() as session, pytest.raises(TopicMissing):
        TrendRepository(session, "tenant_local", Provenance.REAL).get_topic(other.joined[0].topic_id)


def test_a_story_that_comes_back_after_weeks_is_a_new_one_and_half_a_year_is_forgotten(database: Database) -> None:
    old = track(database, [story("The Moon landing", "https://a.example/1")])
    back = track(database, [story("The Moon landing", "https://b.example/7")], hours=24 * 15)
    assert back.joined[0].how == "new"
    track(database, [story("Something else", "https://c.example/1", vector=direction(0.1))], hours=24 * 190)
    with database.unit_of_work() as session:
        assert TrendRepository(session, "tenant_local", Provenance.REAL).find_topic(old.joined[0].topic_id) is None


def test_series_of_sources_are_filed_once_and_corrected_by_newer_counts(database: Database) -> None:
    topic_id = track(database, [story("The Moon landing", "https://a.example/1")]).joined[0].topic_id
    for views in (900.0, 910.0):
        points = (AttentionPoint(at=NOW - timedelta(days=1), value=views),)
        series = AttentionSeries(name="wikipedia.views en:Moon", source="Wikipedia", unit="readers a day", points=points)
        with database.unit_of_work() as session:
            TrendHistory(session, "one", Provenance.REAL).file({topic_id: (series,), "trend_gone": (series,)})
    with database.unit_of_work() as session:
        rows = TrendRepository(session, "tenant_local", Provenance.REAL).list_observations([topic_id], NOW - timedelta(days=5))
        assert [row.value for row in rows if row.series.startswith("wikipedia")] == [910.0]


def test_a_ranking_is_paged_through_whole_and_a_cursor_of_no_page_is_refused(database: Database) -> None:
    seen = [story(f"Story {n}", f"https://a.example/{n}", vector=direction(0.1 * n, n % 3)) for n in range(7)]
    ids = [one.topic_id for one in track(database, seen).joined]
    with database.unit_of_work() as session:
        for topic_id, total in zip(ids, (0.2, 0.9, 0.9, 0.5), strict=False):
            TrendHistory(session, "one", Provenance.REAL).conclude(topic_id, {"total": total}, None)
    with database.unit_of_work() as session:
        trends = TrendRepository(session, LOCAL_TENANT, Provenance.REAL)
        found: list[str] = []
        cursor: str | None = None
        whole = [topic.id for topic in trends.list_topics(NOW - timedelta(days=7))]
        for _ in range(4):
            page = trends.page_topics(NOW - timedelta(days=7), cursor, 2)
            found, cursor = [*found, *(topic.id for topic in page.items)], page.next
        assert (found, cursor, set(found)) == (whole, None, set(ids))
        for wrong in (encode_cursor(NOW, "nan x"), encode_cursor(NOW, "x"), "x"):
            with pytest.raises(Invalid, match="cursor"):
                trends.page_topics(NOW, wrong, 2)


def test_the_report_tells_scores_series_sources_and_the_forecast_best_first(database: Database) -> None:
    seen = [story("The Moon landing", "https://a.example/1", "https://b.example/1"), story("A recipe", "https://a.example/2", vector=direction(0.1))]
    moon, recipe = (one.topic_id for one in track(database, seen).joined)
    told = {"series": "attention space", "source": "our sources", "unit": "weighted sightings", "length": 1, "method": "none", "made_at": NOW}
    outlook = Outlook.model_validate({**told, "verdict": "too_short", "statement": "1 usable points are too few"})
    with database.unit_of_work() as session:
        history = TrendHistory(session, "one", Provenance.REAL)
        history.conclude(recipe, {"total": 0.7}, outlook)
        history.conclude("trend_gone", {"total": 0.7}, None)
    with database.unit_of_work() as session:
        report = trend_report(TrendRepository(session, LOCAL_TENANT, Provenance.REAL), NOW + timedelta(hours=1), days=7, limit=10)
        assert trend_report(TrendRepository(session, LOCAL_TENANT, Provenance.REHEARSAL), NOW, 7, 10)["topics"] == []
    assert [topic["topic_id"] for topic in report["topics"]] == [recipe, moon]
    assert report["topics"][0]["forecast"]["statement"] == "1 usable points are too few"
    assert [source["id"] for source in report["topics"][1]["sources"]] == ["a.example", "b.example"]
    assert report["topics"][1]["series"] == [
        {"name": "attention space", "unit": "weighted sightings", "values": 1, "points": [{"at": NOW.isoformat(), "value": 2.0}]}
    ]
