"""Hacker News through the search API that HN Search documents (hn.algolia.com/api), without a key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from tools.fetch import Fetcher
from tools.fetch_json import get_json, listed, number_of, text_of
from tools.plain_text import clean_line

BASE_URL = "https://hn.algolia.com"
ITEM_URL = "https://news.ycombinator.com/item?id="


@dataclass(frozen=True)
class Story:
    """A story of the front page; `points` and `comments` are counts at the time of asking."""

    id: str
    title: str
    url: str
    points: float
    comments: float
    published: datetime | None


class FrontPage(Protocol):
    """Lists what is on the front page now."""

    def front_page(self, limit: int = 30, total_s: float | None = None) -> tuple[Story, ...]:
        """Return at most `limit` stories; raises errors of `tools.fetch` or `AnswerUnreadable`."""
        ...


class HackerNewsClient:
    """The real client; `base_url` may name a stand-in."""

    def __init__(self, fetcher: Fetcher, base_url: str = BASE_URL) -> None:
        self._fetcher = fetcher
        self._base_url = base_url

    def front_page(self, limit: int = 30, total_s: float | None = None) -> tuple[Story, ...]:
        """Return at most `limit` stories of the front page, in the order of the service."""
        answer = get_json(self._fetcher, f"{self._base_url}/api/v1/search", {"tags": "front_page", "hitsPerPage": min(limit, 100)}, total_s)
        stories = (_story(hit) for hit in listed(answer, "hits"))
        return tuple(story for story in stories if story.title and story.id)[:limit]


def _story(hit: dict[str, object]) -> Story:
    number = text_of(hit, "objectID")
    seconds = number_of(hit, "created_at_i")
    link = text_of(hit, "url")
    return Story(
        id=number if number.isdigit() else "",
        title=clean_line(text_of(hit, "title"))[:300],
        url=link if link.startswith(("http://", "https://")) else f"{ITEM_URL}{number}",
        points=number_of(hit, "points"),
        comments=number_of(hit, "num_comments"),
        published=datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 4e9 else None,
    )
