"""One adapter for each kind of source: what it answers becomes signals, and documents where its words may be quoted."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from infra.clock import Clock
from infra.ids import content_digest
from infra.settings import Settings
from memory.artifacts import Provenance, SourceDocument, TrendSignal
from memory.rights import QUOTABLE, Rights
from tools.collect_trends.schema import Source
from tools.fetch import Fetcher
from tools.licence_text import read_licence
from tools.plain_text import clean_line
from tools.vendors.feeds.client import FeedAnswer, FeedClient, FeedEntry, FeedReader, without_future
from tools.vendors.gtrends.client import GoogleTrendsClient, approximate_traffic
from tools.vendors.hackernews import client as hackernews
from tools.vendors.reddit.client import RedditClient
from tools.vendors.wikipedia.pageviews import PAGEVIEWS, PageViewsClient

MIN_DOCUMENT_WORDS = 120
_WIRE = re.compile(r"\b(?:Associated Press|Reuters|Agence France-Presse)\b|\((?:AP|AFP)\)")


class Answer(NamedTuple):
    """What a source gave this time; `unchanged` means nothing new since the validators."""

    signals: tuple[TrendSignal, ...]
    documents: tuple[SourceDocument, ...]
    etag: str = ""
    last_modified: str = ""
    unchanged: bool = False


@dataclass(frozen=True)
class Ask:
    """One question to one source, with the validators of its last answer."""

    source: Source
    etag: str = ""
    last_modified: str = ""
    entries: int = 30
    max_age_days: float | None = 7.0
    total_s: float = 20.0
    provenance: Provenance = Provenance.REAL


class Adapters:
    """Asks sources of every kind through one fetcher. A stand-in's origin in the settings replaces every publisher's."""

    def __init__(self, settings: Settings, fetcher: Fetcher, clock: Clock) -> None:
        stand_in = settings.sources_sandbox_url
        feeds = FeedClient(fetcher, stand_in)
        self._readers: dict[str, FeedReader] = {"feed": feeds, "reddit": RedditClient(settings, feeds), "gtrends": GoogleTrendsClient(settings, feeds)}
        self._hackernews = hackernews.HackerNewsClient(fetcher, f"{stand_in}/hackernews" if stand_in else hackernews.BASE_URL)
        self._pageviews = PageViewsClient(fetcher, f"{stand_in}/wikipedia" if stand_in else PAGEVIEWS)
        self._clock = clock

    def ask(self, question: Ask) -> Answer:
        """Return what the source says now; raises errors of `tools.fetch` and of the vendors' clients."""
        kind = question.source.kind
        if kind == "hackernews":
            return self._front_page(question)
        if kind == "wikipedia_top":
            return self._most_viewed(question)
        answer = self._readers[kind].read(question.source.url, question.etag, question.last_modified, question.total_s)
        return self._feed(question, answer)

    def _feed(self, question: Ask, answer: FeedAnswer) -> Answer:
        if answer.feed is None:
            return Answer((), (), answer.etag, answer.last_modified, unchanged=True)
        now = self._clock.now()
        recent = [entry for entry in without_future(answer.feed, now).entries if _is_recent(entry.published, now, question.max_age_days)]
        signals: list[TrendSignal] = []
        documents: list[SourceDocument] = []
        for entry in recent[: question.entries]:
            document = _document(question, entry, answer.feed.language, now)
            if document is not None:
                documents.append(document)
            if entry.title:
                signals.append(_signal(question.source, entry, now, document))
        return Answer(tuple(signals), tuple(documents), answer.etag, answer.last_modified)

    def _front_page(self, question: Ask) -> Answer:
        now, source = self._clock.now(), question.source
        signals = (
            TrendSignal(
                source_id=source.id,
                source_name=source.name,
                kind=source.kind,
                category=source.category,
                title=story.title,
                url=story.url,
                published=story.published,
                seen_at=now,
                strength=story.points,
                strength_unit="points",
                comments=story.comments,
            )
            for story in self._hackernews.front_page(question.entries, question.total_s)
        )
        return Answer(tuple(signals), ())

    def _most_viewed(self, question: Ask) -> Answer:
        now, source = self._clock.now(), question.source
        # The list of a day is complete some hours after its end, so yesterday's is asked for, and the day before in the first hours.
        day = (now - timedelta(hours=30)).date()
        found = self._pageviews.top(day, source.language, question.entries, question.total_s)
        signals = (
            TrendSignal(
                source_id=source.id,
                source_name=source.name,
                kind=source.kind,
                category=source.category,
                title=page.title,
                url=page.url,
                published=None,
                seen_at=now,
                strength=page.views,
                strength_unit="views a day",
                quotable=source.licence in QUOTABLE,
            )
            for page in found
        )
        return Answer(tuple(signals), ())


def _is_recent(published: datetime | None, now: datetime, max_age_days: float | None) -> bool:
    return published is None or max_age_days is None or now - published <= timedelta(days=max_age_days)


def entry_rights(source: Source, entry: FeedEntry) -> Rights:
    """Return what may be done with an entry's words: its own statement where it is stricter or the catalogue knows nothing, else the catalogue's.

    A wire agency's name in the text withdraws the licence: agencies sell their texts, and publishers' own licences do not cover them.
    """
    credit = ", ".join(part for part in (entry.author, source.name) if part)
    listed = Rights(licence=source.licence, licence_name=source.licence_name, licence_url=source.terms_url, credit=credit, source_url=entry.url)
    stated = read_licence(entry.rights, credit, entry.url) if entry.rights else None
    if _WIRE.search(f"{entry.author} {entry.text[-600:]} {entry.text[:300]}"):
        return Rights(licence="SIGNAL-ONLY", credit=credit, source_url=entry.url)
    if stated is None or (listed.quotable and stated.licence == "SIGNAL-ONLY" and source.licence != "PD"):
        return listed
    return stated if not listed.quotable or not stated.quotable or stated.share_alike else listed


def _document(question: Ask, entry: FeedEntry, language: str, now: datetime) -> SourceDocument | None:
    source = question.source
    rights = entry_rights(source, entry)
    if not rights.quotable or len(entry.text.split()) < MIN_DOCUMENT_WORDS or not entry.title:
        return None
    return SourceDocument(
        id=f"{source.id}-{content_digest((entry.url or entry.title).encode())[:10]}",
        title=entry.title,
        text=entry.text,
        url=entry.url or source.url,
        publisher=source.name,
        author=entry.author,
        published=entry.published.date() if entry.published else None,
        retrieved=now,
        language=(language or source.language)[:2],
        category=source.category,
        rights=rights,
        provenance=question.provenance,
    )


def _signal(source: Source, entry: FeedEntry, now: datetime, document: SourceDocument | None) -> TrendSignal:
    strength = approximate_traffic(entry.attention) if entry.attention else None
    return TrendSignal(
        source_id=source.id,
        source_name=source.name,
        kind=source.kind,
        category=source.category,
        title=clean_line(entry.title),
        summary=entry.summary[:600],
        url=entry.url or source.url,
        published=entry.published,
        seen_at=now,
        strength=strength,
        strength_unit="searches" if strength is not None else "",
        quotable=entry_rights(source, entry).quotable,
        document_id=document.id if document else None,
    )
