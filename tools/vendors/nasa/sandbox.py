"""A stand-in for the NASA Image and Video Library: search, and the asset host."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.sandbox_pictures import StandInPicture, base_of, serve

_KNOWN = frozenset(
    {"q", "center", "description", "keywords", "location", "media_type", "nasa_id", "page", "page_size", "photographer", "title", "year_start", "year_end"}
)


def nasa_app(pictures: tuple[StandInPicture, ...]) -> Starlette:
    """Serve `pictures` (`creator` as the photographer). Shape: https://images.nasa.gov/docs/images.nasa.gov_api_docs.pdf."""

    async def search(request: Request) -> JSONResponse:
        params = request.query_params
        if not params or set(params) - _KNOWN:
            return JSONResponse({"reason": "Expected 'q' text search parameter or other keywords."}, status_code=400)
        found = [picture for picture in pictures if picture.matches(params.get("q", ""))]
        base = base_of(request, "/search")
        items = [_item(picture, base) for picture in found[: int(params.get("page_size", "100"))]]
        return JSONResponse({"collection": {"version": "1.1", "href": str(request.url), "items": items, "metadata": {"total_hits": len(found)}}})

    async def asset(request: Request) -> Response:
        return serve(pictures, request.path_params["name"].partition("~")[0])

    return Starlette(routes=[Route("/search", search), Route("/image/{folder}/{name}", asset)])


def _item(picture: StandInPicture, base: str) -> dict[str, object]:
    data = {
        "center": "JPL",
        "title": picture.title,
        "nasa_id": picture.id,
        "media_type": "image",
        "keywords": list(picture.tags),
        "date_created": "2020-01-01T00:00:00Z",
        "description": picture.description,
        "photographer": picture.creator,
    }
    address = f"{base}/image/{picture.id}/{picture.id}"
    links = [
        {"href": f"{address}~orig.jpg", "rel": "canonical", "width": picture.width, "height": picture.height, "size": 1, "render": "image"},
        {"href": f"{address}~large.jpg", "rel": "alternate", "width": picture.width, "height": picture.height, "size": 1, "render": "image"},
        {"href": f"{address}~thumb.jpg", "rel": "preview", "width": 640, "height": 400, "size": 1, "render": "image"},
    ]
    return {"href": f"{base}/image/{picture.id}/collection.json", "data": [data], "links": links}
