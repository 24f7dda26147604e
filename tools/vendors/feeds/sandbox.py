"""A stand-in for publishers' web servers: serves feed documents with validators and answers conditional requests."""

import hashlib
import html
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class ServedFeed:
    """A feed document under a path of the stand-in."""

    path: str
    body: bytes
    content_type: str = "application/rss+xml"
    last_modified: str = "Sat, 21 Nov 2026 10:00:00 GMT"


@dataclass(frozen=True)
class FeedItem:
    """An item of a made-up feed."""

    title: str
    text: str
    url: str
    published: str
    rights: str = ""


def rss(title: str, items: tuple[FeedItem, ...], language: str = "en") -> bytes:
    """Return an RSS 2.0 document with full contents. Shape: https://www.rssboard.org/rss-specification."""
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    parts = [f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {spaces}><channel>']
    parts.append(f"<title>{html.escape(title)}</title><link>https://example.com/</link><language>{language}</language>")
    parts.extend(_item(item) for item in items)
    return "".join([*parts, "</channel></rss>"]).encode()


def _item(item: FeedItem) -> str:
    content = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in item.text.split("\n\n"))
    rights = f"<dc:rights>{html.escape(item.rights)}</dc:rights>" if item.rights else ""
    return (
        f"<item><title>{html.escape(item.title)}</title><link>{html.escape(item.url)}</link><guid>{html.escape(item.url)}</guid>"
        f"<pubDate>{item.published}</pubDate>{rights}<description>{html.escape(item.text[:200])}</description>"
        f"<content:encoded>{html.escape(content)}</content:encoded></item>"
    )


def feeds_app(feeds: tuple[ServedFeed, ...]) -> Starlette:
    """Serve `feeds` with ETag and Last-Modified, 304 where a validator matches (RFC 9110, section 13), 404 elsewhere."""
    by_path = {feed.path: feed for feed in feeds}

    async def serve(request: Request) -> Response:
        feed = by_path.get("/" + request.path_params["path"])
        if feed is None:
            return Response("not found", status_code=404, media_type="text/plain")
        etag = f'"{hashlib.sha256(feed.body).hexdigest()[:16]}"'
        headers = {"etag": etag, "last-modified": feed.last_modified}
        if request.headers.get("if-none-match") == etag or request.headers.get("if-modified-since") == feed.last_modified:
            return Response(status_code=304, headers=headers)
        return Response(feed.body, headers=headers, media_type=feed.content_type)

    return Starlette(routes=[Route("/{path:path}", serve)])
