"""Measuring attention: the Wikipedia article a story is about, and how many people read it each day."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import quote

from infra.database import Database
from infra.errors import StudioError
from infra.ids import canonical_json
from memory.attention import AttentionPoint, AttentionSeries
from memory.trend_history import TrendHistory
from tools.base import ToolContext
from tools.gateway_free import open_reader
from tools.lexical import content_terms
from tools.measure_attention.schema import AskedTopic, MeasureAttentionArgs, MeasureAttentionResult, MeasuredTopic
from tools.vendors.wikipedia.client import WIKIPEDIA, WikiClient
from tools.vendors.wikipedia.pageviews import PAGEVIEWS, DayViews, PageViewsClient

UNIT = "readers a day"
LEAST_SHARE = 1 / 3
SEARCHED = 5
_REMEMBERED = "pageviews"


class _Found(NamedTuple):
    report: MeasuredTopic
    series: AttentionSeries | None = None


def run(args: MeasureAttentionArgs, ctx: ToolContext) -> MeasureAttentionResult:
    """Find each topic's article, read its daily views and keep them with the topic where there is a database.

    A service that does not answer, an article without readers in the span and a topic that is no article's are reported as reasons, never raised.
    """
    stand_in = ctx.settings.sources_sandbox_url
    with open_reader(ctx) as fetcher:
        wiki = WikiClient(fetcher, f"{stand_in}/wikipedia" if stand_in else WIKIPEDIA.format(language=args.language))
        views = PageViewsClient(fetcher, f"{stand_in}/wikipedia" if stand_in else PAGEVIEWS)
        found = _Looker(args, ctx, wiki, views).look()
    kept = {one.report.topic_id: [one.series] for one in found if one.series is not None}
    _file(kept, ctx)
    bodies = {topic_id: [one.model_dump(mode="json") for one in series] for topic_id, series in kept.items()}
    return MeasureAttentionResult(topics=tuple(one.report for one in found), series=ctx.store.put_bytes(canonical_json(bodies)))


class _Looker:
    """One round of look-ups, within its time."""

    def __init__(self, args: MeasureAttentionArgs, ctx: ToolContext, wiki: WikiClient, views: PageViewsClient) -> None:
        self._args, self._ctx, self._wiki, self._views = args, ctx, wiki, views
        self._deadline = ctx.clock.monotonic() + args.budget_s
        # The count of a day is complete some hours after its end.
        self._last = (args.until - timedelta(hours=30)).date()

    def look(self) -> list[_Found]:
        """Return what was found for each topic, in order."""
        found = []
        for number, topic in enumerate(self._args.topics):
            self._ctx.progress(number / len(self._args.topics), topic.topic)
            try:
                found.append(self._one(topic))
            except StudioError as error:
                found.append(_Found(MeasuredTopic(topic_id=topic.topic_id, reason=error.message[:300])))
        return found

    def _one(self, topic: AskedTopic) -> _Found:
        if self._left() <= 0:
            return _Found(MeasuredTopic(topic_id=topic.topic_id, reason="not reached within the time given (budget_s)"))
        article = next(iter(topic.articles), "") or article_about(topic.topic, self._wiki.search(query_of(topic.topic), SEARCHED, self._left()))
        if not article:
            return _Found(MeasuredTopic(topic_id=topic.topic_id, reason="no Wikipedia article is about it"))
        days = self._daily(article)
        url = f"https://{self._args.language}.wikipedia.org/wiki/{quote(article.replace(' ', '_'))}"
        report = MeasuredTopic(topic_id=topic.topic_id, article=article, url=url, days=len(days))
        if not days:
            return _Found(report.model_copy(update={"reason": f"{article!r} had no reader in the last {self._args.days} days"}))
        points = tuple(AttentionPoint(at=one.end, value=one.views) for one in days)
        name = f"wikipedia.views {self._args.language}:{article}"
        return _Found(report, AttentionSeries(name=name, source=f"Wikipedia readers of “{article}”", unit=UNIT, points=points))

    def _daily(self, article: str) -> tuple[DayViews, ...]:
        """Return the article's days; a span that was asked for before is not asked for again, since finished days do not change."""
        first = self._last - timedelta(days=self._args.days - 1)
        stand_in = self._ctx.settings.sources_sandbox_url or ""
        key = {"language": self._args.language, "article": article, "first": first.isoformat(), "last": self._last.isoformat(), "stand_in": stand_in}
        digest = self._ctx.store.remembered(_REMEMBERED, key)
        if digest is not None:
            return tuple(DayViews(date.fromisoformat(day), views) for day, views in json.loads(self._ctx.store.read(digest)))
        days = self._views.daily(article, first, self._last, self._args.language, self._left())
        if days and days[-1].day == self._last:
            self._ctx.store.remember(_REMEMBERED, key, self._ctx.store.put_bytes(canonical_json([[one.day.isoformat(), one.views] for one in days])))
        return days

    def _left(self) -> float:
        return self._deadline - self._ctx.clock.monotonic()


def query_of(topic: str) -> str:
    """Return the words of a topic that a search is made of."""
    words = [word.strip(".,;:!?\"'“”‘’()") for word in topic.split() if content_terms(word)]
    return " ".join(words[:8]) or topic[:100]


def article_about(topic: str, titles: Sequence[str]) -> str:
    """Return the title among `titles` that names what the topic is about, or nothing.

    Every meaningful word of the title must stand in the topic, and the title must have two of them or make up a third of the topic: “Ice” is not
    what a story about the ice of Mars is about. Of several, the one that covers most of the topic.
    """
    terms = content_terms(topic)
    best, share = "", 0.0
    for title in titles:
        named = content_terms(title.partition(" (")[0])
        covered = len(named) / len(terms) if terms else 0.0
        if named and set(named) <= set(terms) and (len(named) > 1 or covered >= LEAST_SHARE) and covered > share:
            best, share = title, covered
    return best


def _file(found: dict[str, list[AttentionSeries]], ctx: ToolContext) -> None:
    """Keep the series with their topics; one that was forgotten meanwhile is left alone."""
    if ctx.settings.database_url is None or not found:
        return
    ctx.ensure_live()
    database = Database(ctx.settings.database_url, pool_size=1)
    try:
        with database.unit_of_work() as session:
            TrendHistory(session, ctx.channel_id, ctx.provenance_of_sources).file(found)
    finally:
        database.dispose()
