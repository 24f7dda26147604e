"""How often Wikipedia articles are read, through the Wikimedia REST API: the most viewed of a day, and one article day by day; no key.

Shapes and limits: https://doc.wikimedia.org/generated-data-platform/aqs/analytics-api/reference/page-views.html (100 requests a second, a User-Agent
that names a contact, counts since July 2015, CC0).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from infra.errors import Invalid
from tools.fetch import Fetcher, SourceGone
from tools.fetch_json import get_json, listed, number_of, text_of
from tools.plain_text import clean_line

PAGEVIEWS = "https://wikimedia.org"
FIRST_DAY = date(2015, 7, 1)

_NOT_ARTICLES = ("Main_Page", "Special:", "Wikipedia:", "Portal:", "File:", "Help:", "Category:", "Template:", "User:", "Talk:", "-")


@dataclass(frozen=True)
class PageViews:
    """How often an article was read on a day."""

    title: str
    url: str
    views: float
    rank: int


@dataclass(frozen=True)
class DayViews:
    """How often an article was read on one day (UTC) by people, not by known bots."""

    day: date
    views: float

    @property
    def end(self) -> datetime:
        """The moment the day was over, from which on its count was known."""
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) + timedelta(days=1)


class PageViewsClient:
    """The most viewed articles of a day."""

    def __init__(self, fetcher: Fetcher, base_url: str = PAGEVIEWS) -> None:
        self._fetcher = fetcher
        self._base_url = base_url

    def top(self, day: date, language: str = "en", limit: int = 50, total_s: float | None = None) -> tuple[PageViews, ...]:
        """Return the most viewed articles of `day` (UTC), pages that are no articles left out."""
        path = f"/api/rest_v1/metrics/pageviews/top/{quote(language)}.wikipedia/all-access/{day:%Y/%m/%d}"
        answer = get_json(self._fetcher, self._base_url + path, total_s=total_s)
        found = [entry for item in listed(answer, "items") for entry in listed(item, "articles")]
        kept = (entry for entry in found if text_of(entry, "article") and not text_of(entry, "article").startswith(_NOT_ARTICLES))
        return tuple(
            PageViews(
                title=clean_line(text_of(entry, "article").replace("_", " ")),
                url=f"https://{language}.wikipedia.org/wiki/{quote(text_of(entry, 'article'))}",
                views=number_of(entry, "views"),
                rank=int(number_of(entry, "rank")),
            )
            for entry in list(kept)[:limit]
        )

    def daily(self, title: str, first: date, last: date, language: str = "en", total_s: float | None = None) -> tuple[DayViews, ...]:
        """Return an article's readings by people on each day from `first` to `last`, oldest first.

        Days without a reading are left out, as the service leaves them out; an article without any in the span, for which it answers 404, gives
        nothing. Raises Invalid for a span that the service cannot answer, and errors of `tools.fetch`.
        """
        if not title.strip() or last < first or last < FIRST_DAY:
            raise Invalid(f"pageviews of {title!r} from {first} to {last}: give a title and days in order, none before {FIRST_DAY}")
        article = quote(title.strip().replace(" ", "_"), safe="")
        span = f"{max(first, FIRST_DAY):%Y%m%d}/{last:%Y%m%d}"
        path = f"/api/rest_v1/metrics/pageviews/per-article/{quote(language)}.wikipedia/all-access/user/{article}/daily/{span}"
        try:
            answer = get_json(self._fetcher, self._base_url + path, total_s=total_s)
        except SourceGone:
            return ()
        days = {day: number_of(item, "views") for item in listed(answer, "items") if (day := _day(text_of(item, "timestamp"))) is not None}
        return tuple(DayViews(day, max(0.0, views)) for day, views in sorted(days.items()) if first <= day <= last)


def _day(stamp: str) -> date | None:
    """Return the day of a timestamp such as 2026112800."""
    try:
        return datetime.strptime(stamp[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
