"""A stand-in for the RSS of Google's trending searches."""

import html

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def trending(searches: tuple[tuple[str, str], ...], published: str = "Sat, 21 Nov 2026 10:00:00 -0800") -> bytes:
    """Return the feed of (search, approximate traffic such as `200K+`) in the shape of trends.google.com/trending/rss."""
    items = "".join(
        f"<item><title>{html.escape(search)}</title><ht:approx_traffic>{html.escape(traffic)}</ht:approx_traffic><description></description>"
        f"<link>https://trends.google.com/trending/rss?geo=US</link><pubDate>{published}</pubDate></item>"
        for search, traffic in searches
    )
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><rss xmlns:ht="https://trends.google.com/trending/rss" version="2.0"><channel><title>Daily Search Trends</title>'
    )
    return f"{head}{items}</channel></rss>".encode()


def gtrends_app(searches: tuple[tuple[str, str], ...]) -> Starlette:
    """Serve the feed to requests that name a country, 400 to others."""

    async def serve(request: Request) -> Response:
        if not request.query_params.get("geo"):
            return Response("missing geo", status_code=400)
        return Response(trending(searches), media_type="application/xml")

    return Starlette(routes=[Route("/{path:path}", serve)])
