"""Measuring attention: which article a story is about, its readers by day, and every way of finding nothing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from memory.attention import AttentionSeries
from tests.fixtures.sources import FixedClock, tool_context
from tools.base import ToolContext
from tools.measure_attention.schema import AskedTopic, MeasureAttentionArgs, MeasureAttentionResult
from tools.measure_attention.tool import article_about, query_of, run
from tools.sandbox import Fault, Sandbox, cut_connection, other_body, rate_limited, server_error
from tools.sources_sandbox import sources_app
from tools.vendors.wikipedia.sandbox import WikiArticle, wiki_app

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)
LAST = date(2026, 11, 20)
READ = tuple((LAST - timedelta(days=back), 100 + back) for back in range(200) if back != 7)
SERIES = TypeAdapter(dict[str, tuple[AttentionSeries, ...]])


@pytest.fixture
def box() -> Iterator[Sandbox]:
    articles = (WikiArticle("Voyager 1", "A probe that left the Solar System.", daily=READ), WikiArticle("Orla", "A moon nobody reads about."))
    with Sandbox(sources_app({"wikipedia": wiki_app(articles)})) as running:
        yield running


def measure(ctx: ToolContext, *topics: AskedTopic, **fields: object) -> MeasureAttentionResult:
    return run(MeasureAttentionArgs.model_validate({"topics": topics, "until": NOW, **fields}), ctx)


def asked(topic: str, *articles: str) -> AskedTopic:
    return AskedTopic(topic_id=f"trend_{topic[:8]}", topic=topic, articles=articles)


def test_a_story_gets_the_finished_days_of_its_article_and_the_same_day_is_asked_for_once(tmp_path: Path, box: Sandbox) -> None:
    ctx = tool_context(tmp_path, box.url)
    topic = asked("Voyager 1 sends data again")
    first = measure(ctx, topic)
    (line,) = first.topics
    (series,) = SERIES.validate_json(ctx.store.read(first.series))[topic.topic_id]
    assert (line.article, line.days, line.reason) == ("Voyager 1", 119, "")
    assert series.points[-1].at == datetime(2026, 11, 21, tzinfo=UTC)
    assert (series.unit, len(series.points)) == ("readers a day", 119)
    assert all(point.value > 0 for point in series.points)
    seen = len([one for one in box.seen if "per-article" in one.path])
    assert measure(ctx, topic).series == first.series
    assert len([one for one in box.seen if "per-article" in one.path]) == seen == 1


def test_an_article_that_a_source_named_is_not_searched_for(tmp_path: Path, box: Sandbox) -> None:
    (line,) = measure(tool_context(tmp_path, box.url), asked("Something about space", "Voyager 1")).topics
    assert line.article == "Voyager 1"
    assert not [one for one in box.seen if "list=search" in one.query]


def test_what_is_not_found_is_said_and_the_others_count(tmp_path: Path, box: Sandbox) -> None:
    ctx = tool_context(tmp_path, box.url)
    result = measure(ctx, asked("A quarrel over nothing at all"), asked("Orla"), asked("Voyager 1 sends data again"))
    assert [line.reason for line in result.topics] == ["no Wikipedia article is about it", "'Orla' had no reader in the last 120 days", ""]
    assert list(SERIES.validate_json(ctx.store.read(result.series))) == ["trend_Voyager "]


@pytest.mark.parametrize(
    "fault",
    [server_error(503), rate_limited("60"), cut_connection(), other_body(b'{"items": 7}', "application/json", "https://www.rfc-editor.org/rfc/rfc8259")],
    ids=["503", "429", "cut", "another shape"],
)
def test_a_service_in_trouble_is_a_reason_and_no_series(tmp_path: Path, box: Sandbox, fault: Fault) -> None:
    box.faults.always("/wikipedia/api/rest_v1/metrics/pageviews/per-article", fault)
    ctx = tool_context(tmp_path, box.url)
    result = measure(ctx, asked("Voyager 1 sends data again"))
    assert result.topics[0].reason
    assert ctx.store.read(result.series) == b"{}"


def test_without_a_network_or_time_it_says_so_at_once(tmp_path: Path, box: Sandbox) -> None:
    off = measure(tool_context(tmp_path, network="off"), asked("Voyager 1 sends data again"))
    assert "YTEMPIRE_NETWORK" in off.topics[0].reason
    late = measure(tool_context(tmp_path, box.url, FixedClock(NOW)), asked("Voyager 1"), budget_s=1e-9)
    assert "budget_s" in late.topics[0].reason


def test_the_article_is_the_one_that_names_the_subject_and_nothing_in_general() -> None:
    assert article_about("Voyager 1 sends data again", ["Data", "Voyager program", "Voyager 1"]) == "Voyager 1"
    assert article_about("Mars glaciers are losing their ice", ["Ice", "Mars", "Glacier"]) == ""
    assert article_about("Etna erupts again", ["Mount Etna", "Etna (disambiguation)"]) == "Etna (disambiguation)"
    assert article_about("", ["Ice"]) == article_about("Ice", []) == ""
    assert query_of("The “ice” of Mars, again") == "ice Mars"
