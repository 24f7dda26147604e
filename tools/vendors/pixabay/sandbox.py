"""A stand-in for the Pixabay picture search: its key in the query, its parameters, its limits and its answer's shape."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tools.sandbox_pictures import StandInPicture, base_of, serve

_KNOWN = frozenset(
    {
        *("key", "q", "lang", "id", "image_type", "orientation", "category", "min_width", "min_height", "colors", "editors_choice", "safesearch"),
        *("order", "page", "per_page", "callback", "pretty"),
    }
)


def pixabay_app(pictures: tuple[StandInPicture, ...], api_key: str = "pixabay-sandbox", per_minute: int = 100) -> Starlette:
    """Serve `pictures` to `api_key`. Shapes and limits: https://pixabay.com/api/docs/. Errors are plain text, as the real ones are."""
    left = [per_minute]

    async def search(request: Request) -> Response:
        params = request.query_params
        if params.get("key") != api_key:
            return PlainTextResponse("[ERROR 400] Invalid or missing API key (https://pixabay.com/api/docs/).", status_code=400)
        if len(params.get("q", "")) > 100 or set(params) - _KNOWN:
            return PlainTextResponse('[ERROR 400] "q" is too long or a parameter is unknown.', status_code=400)
        if not 3 <= int(params.get("per_page", "20")) <= 200:
            return PlainTextResponse('[ERROR 400] "per_page" is out of valid range.', status_code=400)
        if left[0] <= 0:
            return PlainTextResponse("[ERROR 429] Too Many Requests", status_code=429, headers={"x-ratelimit-reset": "30"})
        left[0] -= 1
        found = [picture for picture in pictures if picture.matches(params.get("q", ""))]
        base = base_of(request, "/api/")
        hits = [_hit(number, picture, base) for number, picture in enumerate(found[: int(params.get("per_page", "20"))], start=1)]
        headers = {"x-ratelimit-limit": str(per_minute), "x-ratelimit-remaining": str(left[0]), "x-ratelimit-reset": "60"}
        return JSONResponse({"total": len(found), "totalHits": len(found), "hits": hits}, headers=headers)

    async def picture(request: Request) -> Response:
        return serve(pictures, request.path_params["name"].removesuffix("_1280.jpg"))

    return Starlette(routes=[Route("/api/", search), Route("/get/{name}", picture)])


def _hit(number: int, picture: StandInPicture, base: str) -> dict[str, object]:
    return {
        "id": number,
        "pageURL": f"https://pixabay.com/photos/{picture.id}/",
        "type": "photo",
        "tags": ", ".join(picture.tags or (picture.title,)),
        "previewURL": f"{base}/get/{picture.id}_150.jpg",
        "webformatURL": f"{base}/get/{picture.id}_640.jpg",
        "largeImageURL": f"{base}/get/{picture.id}_1280.jpg",
        "imageWidth": picture.width,
        "imageHeight": picture.height,
        "imageSize": 1_000_000,
        "views": 10,
        "downloads": 5,
        "likes": 1,
        "comments": 0,
        "user_id": 7,
        "user": picture.creator,
        "userImageURL": "",
    }
