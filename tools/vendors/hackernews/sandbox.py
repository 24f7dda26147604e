"""A stand-in for the HN Search API that answers in its documented shape."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def hackernews_app(stories: tuple[tuple[str, int, int], ...] = (), created_at_i: int = 1_700_000_000) -> Starlette:
    """Serve `stories` of (title, points, comments) as the front page. Shape: https://hn.algolia.com/api."""

    async def search(request: Request) -> JSONResponse:
        if request.query_params.get("tags") != "front_page":
            return JSONResponse({"hits": [], "nbHits": 0, "page": 0, "nbPages": 0, "hitsPerPage": 20})
        size = request.query_params.get("hitsPerPage", "20")
        if not size.isdigit() or not 1 <= int(size) <= 1000:
            return JSONResponse({"message": "invalid hitsPerPage", "status": 400}, status_code=400)
        hits = [_hit(number, story, created_at_i) for number, story in enumerate(stories[: int(size)], start=1)]
        return JSONResponse({"hits": hits, "nbHits": len(stories), "page": 0, "nbPages": 1, "hitsPerPage": int(size)})

    return Starlette(routes=[Route("/api/v1/search", search)])


def _hit(number: int, story: tuple[str, int, int], created_at_i: int) -> dict[str, object]:
    title, points, comments = story
    return {
        "objectID": str(40_000_000 + number),
        "title": title,
        "url": f"https://example.com/story/{number}",
        "author": "someone",
        "points": points,
        "num_comments": comments,
        "created_at": "2023-11-14T22:13:20Z",
        "created_at_i": created_at_i,
        "_tags": ["story", "author_someone", f"story_{40_000_000 + number}", "front_page"],
    }
