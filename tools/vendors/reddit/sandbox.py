"""A stand-in for Reddit's Atom listings."""

import html

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def listing(posts: tuple[str, ...], updated: str = "2026-11-21T10:00:00+00:00") -> bytes:
    """Return an Atom listing of posts by title, in the shape of www.reddit.com/r/<name>/.rss."""
    entries = "".join(
        f'<entry><author><name>/u/someone</name><uri>https://www.reddit.com/user/someone</uri></author><category term="science" label="r/science"/>'
        f'<content type="html">&lt;!-- SC_OFF --&gt;&lt;div class="md"&gt;&lt;p&gt;submitted&lt;/p&gt;&lt;/div&gt;</content><id>t3_{number}</id>'
        f'<link href="https://www.reddit.com/r/science/comments/{number}/"/><updated>{updated}</updated><published>{updated}</published>'
        f"<title>{html.escape(post)}</title></entry>"
        for number, post in enumerate(posts, start=1)
    )
    head = f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>top</title><updated>{updated}</updated>'
    return f"{head}{entries}</feed>".encode()


def reddit_app(posts: tuple[str, ...]) -> Starlette:
    """Serve the listing to clients that name themselves, 429 to others (https://github.com/reddit-archive/reddit/wiki/API)."""

    async def serve(request: Request) -> Response:
        if "YTEMPIRE" not in request.headers.get("user-agent", ""):
            return Response("Too Many Requests", status_code=429, headers={"retry-after": "60"})
        return Response(listing(posts), media_type="application/atom+xml")

    return Starlette(routes=[Route("/{path:path}", serve)])
