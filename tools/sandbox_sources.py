"""What the stand-ins of the keyless sources serve in a rehearsal: the demo corpus as today's feeds, articles, stories and pictures."""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from starlette.applications import Starlette

from infra.clock import SYSTEM_CLOCK, Clock
from infra.ids import seeded
from memory.artifacts import SourceDocument
from memory.demo_corpus import load_demo_documents
from tools.collect_trends.catalogue import shipped_sources
from tools.collect_trends.schema import Source
from tools.sandbox_pictures import StandInClip, StandInPicture
from tools.sources_sandbox import sources_app
from tools.vendors.feeds.sandbox import FeedItem, ServedFeed, feeds_app, rss
from tools.vendors.hackernews.sandbox import hackernews_app
from tools.vendors.nasa.sandbox import nasa_app
from tools.vendors.openverse.sandbox import openverse_app
from tools.vendors.wikimedia.sandbox import commons_app
from tools.vendors.wikipedia.sandbox import WikiArticle, wiki_app

_STORIES_PER_FEED = 4
_KINDS_OF_A_CATEGORY = {"environment": "nature", "world": "countries", "general": "countries", "energy": "technology", "games": "culture", "sport": "health"}


def rehearsed_sources(clock: Clock = SYSTEM_CLOCK) -> Starlette:
    """Serve every keyless source, filled with the demo corpus as if it had been published during the last day."""
    briefs, now = load_demo_documents(), clock.now()
    pictures = tuple(_picture(brief, licence="cc0") for brief in briefs)
    articles = tuple(
        WikiArticle(brief.title, brief.text, views=90_000 - 1000 * number, daily=_readers(brief.id, number, now.date())) for number, brief in enumerate(briefs)
    )
    return sources_app(
        {
            "feeds": feeds_app(_feeds(briefs, now)),
            "hackernews": hackernews_app(tuple((brief.title, 300 - 10 * number, 40) for number, brief in enumerate(briefs)), int(now.timestamp()) - 7200),
            "wikipedia": wiki_app(articles),
            "wikinews": wiki_app((), rights_url="https://creativecommons.org/licenses/by/2.5/", rights_text="Creative Commons Attribution 2.5"),
            "openverse": openverse_app(pictures),
            "wikimedia": commons_app(tuple(_picture(brief, licence="CC BY-SA 4.0") for brief in briefs)),
            "nasa": nasa_app(tuple(_picture(brief, licence="PD") for brief in briefs if brief.category == "space")),
        }
    )


def rehearsed_pictures() -> tuple[StandInPicture, ...]:
    """Return the made-up photographs that stock services have of the demo corpus."""
    return tuple(_picture(brief, licence="stock") for brief in load_demo_documents())


def rehearsed_clips() -> tuple[StandInClip, ...]:
    """Return the made-up clips that stock services have of every second document of the demo corpus."""
    # Named as such services name clips: by what is seen, which is how the documents begin.
    return tuple(
        StandInClip(id=brief.id, title=" ".join(re.findall(r"[A-Za-z0-9]+", brief.text)[:12]), creator="Rehearsal", tags=_words(brief))
        for brief in load_demo_documents()[::2]
    )


def _words(brief: SourceDocument) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip(".,").lower() for word in brief.title.split() if len(word) > 3))


def _feeds(briefs: Sequence[SourceDocument], now: datetime) -> tuple[ServedFeed, ...]:
    served = []
    for number, source in enumerate(one for one in shipped_sources() if one.kind == "feed"):
        near = [brief for brief in briefs if brief.category in {source.category, _KINDS_OF_A_CATEGORY.get(source.category)}] or list(briefs)
        stories = [near[(number + step) % len(near)] for step in range(min(_STORIES_PER_FEED, len(near)))]
        items = tuple(_item(brief, source, now - timedelta(hours=2 + 3 * place + number % 3)) for place, brief in enumerate(stories))
        path = f"/{urlsplit(source.url).netloc}{urlsplit(source.url).path}"
        served.append(ServedFeed(path=path, body=rss(source.name, items), last_modified=format_datetime(now, usegmt=True)))
    return tuple(served)


def _readers(name: str, number: int, today: date) -> tuple[tuple[date, int], ...]:
    """Return made-up readers of the last 150 days: a weekly rhythm that grows or shrinks a little each day, and some noise.

    Every third article is read at random, so that a rehearsal also meets series without anything to foresee.
    """
    draw = seeded("rehearsed readers", name)
    level, growth, days = draw.uniform(300, 3000), draw.uniform(-0.006, 0.02), []
    for back in range(150, 0, -1):
        day = today - timedelta(days=back)
        level *= math.exp(draw.gauss(0, 0.25)) if number % 3 == 2 else 1 + growth
        rhythm = 1.0 if number % 3 == 2 else 1 + 0.35 * math.sin(math.tau * day.weekday() / 7)
        days.append((day, max(1, round(level * rhythm * math.exp(draw.gauss(0, 0.03))))))
    return tuple(days)


def _item(brief: SourceDocument, source: Source, published: datetime) -> FeedItem:
    home = urlsplit(source.url)
    rights = source.licence_name if source.licence != "SIGNAL-ONLY" else ""
    address = f"{home.scheme}://{home.netloc}/rehearsal/{brief.id}"
    return FeedItem(title=brief.title, text=brief.text, url=address, published=format_datetime(published, usegmt=True), rights=rights)


def _picture(brief: SourceDocument, licence: str) -> StandInPicture:
    return StandInPicture(id=brief.id, title=brief.title, description=brief.text[:200], licence=licence, creator="Rehearsal", tags=_words(brief))
