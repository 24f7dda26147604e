"""The scout's look ahead on real tools, a real database and the shipped stand-ins: what was measured decides, and a restart doubles nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents import trend_scout
from agents.trend_scout import policy
from agents.trend_scout.ahead import flow_of
from agents.trend_scout.gather import gather
from agents.trend_scout.schemas import Snapshot
from agents.trend_scout.telling import momentum_told
from evals.context import START, Bench, EvalContext, open_bench
from evals.tasks.documents import CaseDocument
from evals.tasks.trend_scout import ScoutCase, Story
from evals.tasks.trend_scout import run as run_case
from infra.database import Database
from memory.artifacts import Provenance
from memory.attention import AttentionPoint, AttentionSeries, Outlook
from memory.personality import get_personality
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.trends import TrendRepository
from memory.trend_report import trend_report
from tests.fixtures.sources import GLACIER, VOLCANO, know_tenant
from tools.collect_trends.catalogue import shipped_sources
from tools.collect_trends.schema import CollectTrendsArgs
from tools.collect_trends.tool import choose_sources
from tools.sandbox import Sandbox
from tools.sources_sandbox import sources_app
from tools.vendors.feeds.sandbox import FeedItem, ServedFeed, feeds_app, rss
from tools.vendors.wikipedia.sandbox import WikiArticle, wiki_app

ICE, FIRE = "Glaciers of Northland", "Volcanoes of Northland"
WANTED = CollectTrendsArgs(categories=get_personality("field-notes").categories, limit_sources=40)
DATED = "Mon, 02 Mar 2026 08:00:00 GMT"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with open_bench() as made:
        yield made


def growing(rate: float) -> tuple[tuple[date, int], ...]:
    """Return readers of the 60 days before the bench's day, with a weekly rhythm."""
    days = [START.date() - timedelta(days=back) for back in range(60, 0, -1)]
    return tuple((day, round(10_000 * (1 + rate) ** (number - 59) * (1.02 if day.weekday() > 4 else 1.0))) for number, day in enumerate(days))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[dict[str, Sandbox]]:
    """Two worlds with the same two stories in two feeds: in one people read ever more about ice, in the other about fire."""
    items = (FeedItem(ICE, GLACIER, "https://one.example/ice", DATED), FeedItem(FIRE, VOLCANO, "https://one.example/fire", DATED))
    feeds = [one for one in shipped_sources() if one.kind == "feed"]
    carrying = {one.id for one in feeds if one.category == "science"} & {one.id for one in choose_sources(WANTED, tmp_path) if one.licence != "SIGNAL-ONLY"}
    carrying = set(sorted(carrying)[:2])
    served = tuple(ServedFeed(f"/{one.url.partition('://')[2]}", rss(one.name, items if one.id in carrying else ())) for one in feeds)
    made = {}
    for name, ice, fire in (("ice", 0.15, -0.08), ("fire", -0.08, 0.15)):
        articles = (WikiArticle(ICE, GLACIER, daily=growing(ice)), WikiArticle(FIRE, VOLCANO, daily=growing(fire)))
        made[name] = Sandbox(sources_app({"feeds": feeds_app(served), "wikipedia": wiki_app(articles)}))
    with made["ice"], made["fire"]:
        yield made


def context(bench: Bench, box: Sandbox, database_url: str) -> EvalContext:
    know_tenant(database_url, "field-notes")
    settings = bench.settings.model_copy(update={"network": "auto", "sources_sandbox_url": box.url, "database_url": database_url})
    return Bench(settings, bench.store).context("trend_scout", "field-notes", provenance=Provenance.REAL)


@dataclass
class Restarting:
    """A context whose tools keep their results as the job kernel does: a re-run finds what was done, and must ask the same."""

    inner: EvalContext
    crash_before: str = ""
    done: list[tuple[str, Any]] = field(default_factory=list)
    ordinal: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def call(self, spec: Any, args: Any, patience_s: float | None = None) -> Any:  # noqa: ARG002 - the shape of a context
        asked = spec.name + args.model_dump_json()
        if self.ordinal == len(self.done):
            if spec.name == self.crash_before:
                raise RuntimeError("killed")
            self.done.append((asked, await self.inner.call(spec, args)))
        known, result = self.done[self.ordinal]
        assert known == asked, f"the re-run asked {spec.name} something else"
        self.ordinal += 1
        return result


def report(database_url: str, provenance: Provenance = Provenance.SIMULATED) -> list[dict[str, Any]]:
    database = Database(database_url, pool_size=1)
    with database.unit_of_work() as session:
        found = trend_report(TrendRepository(session, LOCAL_TENANT, provenance), START + timedelta(hours=1), 7, 50)
    database.dispose()
    topics: list[dict[str, Any]] = found["topics"]
    return topics


async def test_what_readers_did_moves_momentum_and_the_outlook_is_told(bench: Bench, box: dict[str, Sandbox], database_url: str) -> None:
    for name, rising, falling in (("ice", ICE, FIRE), ("fire", FIRE, ICE)):
        snapshot = await gather(trend_scout.Input(), context(bench, box[name], database_url))
        found = {one.topic: one for one in snapshot.candidates}
        assert found[rising].momentum > found[falling].momentum
        assert {one.momentum_from for one in found.values()} == {"forecast"}
        assert found[rising].recency == found[falling].recency
        growth = [one.outlook.growth if one.outlook else None for one in (found[rising], found[falling])]
        assert growth[0] is not None
        assert growth[1] is not None
        assert growth[0] > 0 > growth[1]
        told = momentum_told(found[rising])
        words = (f"forecast of Wikipedia readers of “{rising}” (60 values", "skill: on 8 past moments", "over the next 48 hours, most on")
        assert all(one in told for one in words), told


async def test_of_two_stories_alike_but_for_their_history_the_rising_one_is_told(bench: Bench) -> None:
    told = {"series": "wikipedia.views", "source": "Wikipedia", "unit": "readers a day", "length": 120, "method": "m", "verdict": "skill", "statement": "s"}
    for first, second, chosen in ((1.0, -0.5, "Ice of Mars"), (-0.5, 1.0, "Craters of Titan")):
        stories = tuple(
            Story(
                topic=topic,
                category="space",
                momentum=policy.momentum_ahead(0.5, growth),
                momentum_from="forecast",
                recency=0.5,
                outlook=Outlook.model_validate({**told, "growth": growth, "made_at": START}),
                evidence=(CaseDocument(demo=demo),),
            )
            for topic, demo, growth in (("Ice of Mars", "mars-ice", first), ("Craters of Titan", "titan-craters", second))
        )
        outcome = await run_case(ScoutCase(channel="deep-orbit", mode="trends", stories=stories), bench)
        assert outcome.output.brief.topic == chosen
        assert outcome.output.decisions[0].scores["expected_growth_48h"] == 1.0


async def test_a_restart_between_collection_and_decision_leaves_one_observation_each(bench: Bench, box: dict[str, Sandbox], database_url: str) -> None:
    ctx = Restarting(context(bench, box["ice"], database_url), crash_before="forecast_trends")
    with pytest.raises(RuntimeError, match="killed"):
        await gather(trend_scout.Input(), ctx)
    ctx.crash_before, ctx.ordinal = "", 0
    again = await gather(trend_scout.Input(), ctx)
    assert {one.topic for one in again.candidates} == {ICE, FIRE}
    topics = report(database_url)
    assert sorted(topic["topic"] for topic in topics) == [ICE, FIRE]
    for topic in topics:
        counted = {one["name"].split(" ")[0]: one["values"] for one in topic["series"]}
        assert counted == {"attention": 1, "wikipedia.views": 60}
    assert report(database_url, Provenance.REAL) == []


async def test_the_snapshot_holds_everything_the_decision_rests_on(bench: Bench, box: dict[str, Sandbox], database_url: str) -> None:
    ctx = context(bench, box["ice"], database_url)
    snapshot = await gather(trend_scout.Input(), ctx)
    stored = Bench(bench.settings, bench.store).context("trend_scout", "field-notes", stored=Snapshot.model_validate_json(snapshot.model_dump_json()))
    output = await trend_scout.run(trend_scout.Input(), stored)
    assert {call.tool for call in stored.calls} <= {"embed_text"}
    assert output.brief is not None
    assert any("Wikipedia readers" in reason for reason in output.decisions[0].reasons)


async def test_without_a_network_nothing_is_measured_or_remembered(bench: Bench, database_url: str) -> None:
    know_tenant(database_url, "field-notes")
    settings = bench.settings.model_copy(update={"database_url": database_url})
    ctx = Bench(settings, bench.store).context("trend_scout", "field-notes", provenance=Provenance.REAL)
    output = await trend_scout.run(trend_scout.Input(), ctx)
    assert output.provenance is Provenance.DEMO
    assert output.topics == ()
    assert not {call.tool for call in ctx.calls} & {"track_trends", "measure_attention", "forecast_trends"}
    assert all(report(database_url, provenance) == [] for provenance in Provenance)


def test_a_count_that_only_grows_is_looked_at_as_what_it_gains_an_hour() -> None:
    def at(hour: int, value: float) -> AttentionPoint:
        return AttentionPoint(at=datetime(2026, 3, 2, hour, tzinfo=UTC), value=value)

    points = AttentionSeries(name="hackernews.points", source="Hacker News points", unit="points in all", points=(at(1, 10), at(3, 50), at(4, 45)))
    assert flow_of(points).unit == "points an hour"
    assert [(one.at.hour, one.value) for one in flow_of(points).points] == [(3, 20.0), (4, 0.0)]
    assert flow_of(points.model_copy(update={"unit": "searches"})).points == points.points


def test_a_candidate_nothing_is_known_of_says_so() -> None:
    candidate = trend_scout.schemas.Candidate(topic="T", summary="", category="", sources=(), urls=(), momentum=0.4, breadth=0, fit=0, novelty=1)
    assert momentum_told(candidate) == "momentum 0.40 comes from how recently it was seen: no forecast was asked for"
