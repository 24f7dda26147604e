"""RSS and Atom: the one door to feedparser, fed with bytes that our own fetcher brought."""

import io
import re
from calendar import timegm
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import feedparser

from infra.errors import Invalid
from tools.fetch import Fetched, Fetcher, FetchRequest
from tools.plain_text import clean_line, html_to_text

ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
MAX_FEED_BYTES = 5_000_000
MAX_ENTRIES = 500

_ENTITY = re.compile(rb"<!ENTITY\s+(?:%\s+)?[^\s>]+\s+(?:(SYSTEM|PUBLIC)\b|[\"']([^\"']*)[\"'])", re.IGNORECASE)
_HAS_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
_MAX_TITLE = 300
_MAX_SUMMARY = 2_000
_MAX_TEXT = 100_000


class FeedUnreadable(Invalid):
    """The answer is not a feed that can be read."""

    code = "feed_unreadable"


class FeedHostile(Invalid):
    """The feed declares entities that only serve to blow up or to reach files."""

    code = "feed_hostile"


@dataclass(frozen=True)
class FeedEntry:
    """One entry, all texts plain. `text` is the full content where the feed carries it, else empty; `attention` is a vendor's own number."""

    title: str
    summary: str
    text: str
    url: str
    published: datetime | None
    author: str
    rights: str
    categories: tuple[str, ...] = ()
    attention: str = ""


@dataclass(frozen=True)
class Feed:
    """A feed as read. `damaged` says why the document was not well-formed, where it was not."""

    title: str
    language: str
    rights: str
    entries: tuple[FeedEntry, ...]
    damaged: str = ""


@dataclass(frozen=True)
class FeedAnswer:
    """What a publisher answered: `feed` is None when nothing changed since the validators given."""

    feed: Feed | None
    etag: str
    last_modified: str


class FeedReader(Protocol):
    """Reads a publisher's feed over the network."""

    def read(self, url: str, etag: str = "", last_modified: str = "", total_s: float | None = None) -> FeedAnswer:
        """Fetch and parse `url`; raises errors of `tools.fetch`, `FeedUnreadable` or `FeedHostile`."""
        ...


class FeedClient:
    """The real reader. `base_url` is a stand-in's origin: then the path and query of each address are asked of it."""

    def __init__(self, fetcher: Fetcher, base_url: str | None = None) -> None:
        self._fetcher = fetcher
        self._base_url = base_url

    def read(self, url: str, etag: str = "", last_modified: str = "", total_s: float | None = None) -> FeedAnswer:
        """Fetch `url` conditionally and parse it; at most 5 MB after decoding."""
        answer = self._fetcher.get(FetchRequest(self._address(url), etag, last_modified, ACCEPT, MAX_FEED_BYTES, total_s))
        if answer.not_modified:
            return FeedAnswer(None, answer.etag or etag, answer.last_modified or last_modified)
        return FeedAnswer(self._parse(answer), answer.etag, answer.last_modified)

    def _parse(self, answer: Fetched) -> Feed:
        content_type = answer.content_type + (f"; charset={answer.charset}" if answer.charset else "")
        return parse_feed(answer.body, content_type, answer.url)

    def _address(self, url: str) -> str:
        if self._base_url is None:
            return url
        parts = urlsplit(url)
        path = f"{self._base_url}/feeds/{parts.netloc}{parts.path}"
        return f"{path}?{parts.query}" if parts.query else path


def parse_feed(body: bytes, content_type: str = "", url: str = "") -> Feed:
    """Parse a feed document into plain texts.

    Lenient towards damaged XML, as feedparser is; entries without a title and a text are dropped. Raises `FeedHostile` for entity
    declarations that nest or point outside, `FeedUnreadable` when no feed is found (an HTML page, an empty body).
    """
    if not body.strip():
        raise FeedUnreadable("feed: the document is empty")
    refuse_hostile_entities(body)
    parsed = raw_parse(body, content_type, url, sanitize=False)
    if not parsed.get("version") and not parsed.entries:
        raise FeedUnreadable(f"feed: no RSS or Atom found in {len(body)} bytes of {content_type or 'unknown type'}")
    damaged = str(parsed.get("bozo_exception", ""))[:200] if parsed.bozo else ""
    entries = (_entry(entry, url) for entry in parsed.entries[:MAX_ENTRIES])
    head = parsed.feed
    return Feed(
        title=clean_line(_string(head, "title"))[:_MAX_TITLE],
        language=_string(head, "language")[:20].lower(),
        rights=clean_line(_string(head, "rights") or _string(head, "license"))[:500],
        entries=tuple(entry for entry in entries if entry.title or entry.summary),
        damaged=damaged,
    )


def raw_parse(body: bytes, content_type: str = "", url: str = "", sanitize: bool = True) -> Any:
    """Return feedparser's own result for bytes in memory. It never opens an address: it is given a stream."""
    headers = {"content-type": content_type or "application/xml"}
    if url:
        headers["content-location"] = url
    return feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=sanitize, resolve_relative_uris=True)


def refuse_hostile_entities(body: bytes) -> None:
    """Raise `FeedHostile` for an external entity, a parameter entity with markup or an entity built from entities (billion laughs).

    feedparser itself drops unsafe declarations; this refuses the document instead, so that the source is reported.
    """
    for text in (body, *([body.replace(b"\x00", b"")] if b"\x00" in body[:200] else [])):
        for outside, value in _ENTITY.findall(text[: 1 << 20]):
            if outside or len(value) > 1000 or re.search(rb"&[A-Za-z_]|%[A-Za-z_]", value):
                raise FeedHostile("feed: it declares an entity that nests or points outside; the document was refused")


def _entry(entry: Any, base: str) -> FeedEntry:
    contents = [str(part.get("value", "")) for part in entry.get("content", []) if part.get("type", "text/html") in _HAS_MARKUP | {"text/plain"}]
    full = html_to_text(max(contents, key=len))[:_MAX_TEXT] if contents else ""
    summary = html_to_text(_string(entry, "summary"))
    return FeedEntry(
        title=clean_line(_string(entry, "title"))[:_MAX_TITLE],
        summary=(summary or full)[:_MAX_SUMMARY],
        text=full if len(full) >= len(summary) else summary,
        url=_link(entry, base),
        published=_moment(entry),
        author=clean_line(_string(entry, "author"))[:200],
        rights=clean_line(_string(entry, "rights") or _string(entry, "license"))[:500],
        categories=tuple(clean_line(str(tag.get("term") or ""))[:100] for tag in entry.get("tags", [])[:20] if tag.get("term")),
        attention=clean_line(_string(entry, "ht_approx_traffic"))[:40],
    )


def _string(holder: Any, key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _link(entry: Any, base: str) -> str:
    """Return an http(s) address only: a feed may carry `javascript:` or `file:` links."""
    for candidate in (_string(entry, "link"), _string(entry, "id")):
        try:
            joined = urljoin(base, candidate.strip()) if candidate else ""
            if urlsplit(joined).scheme in {"http", "https"} and urlsplit(joined).netloc:
                return joined[:2000]
        except ValueError:
            continue
    return ""


def _moment(entry: Any) -> datetime | None:
    stamp = entry.get("published_parsed") or entry.get("updated_parsed")
    if stamp is None:
        return None
    try:
        return datetime.fromtimestamp(timegm(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def without_future(feed: Feed, now: datetime) -> Feed:
    """Return the feed with times that lie ahead of `now` by over a day taken out: publishers' clocks and jokes."""
    limit = now.timestamp() + 86_400
    entries = tuple(replace(entry, published=None) if entry.published and entry.published.timestamp() > limit else entry for entry in feed.entries)
    return replace(feed, entries=entries)
