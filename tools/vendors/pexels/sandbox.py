"""A stand-in for the Pexels photo search: its key, its parameters, its limits and its answer's shape."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.sandbox import Fault
from tools.sandbox_pictures import StandInPicture, base_of, serve

_KNOWN = frozenset({"query", "orientation", "size", "color", "locale", "page", "per_page"})
_DOCS = "https://www.pexels.com/api/documentation/#guidelines"


def requests_used_up() -> Fault:
    """Answer 429 as after the hourly or monthly number of requests. Source: the published guidelines."""
    return Fault("status", _DOCS, status=429, body=b'{"code":"Rate limit exceeded"}', headers=(("content-type", "application/json"),))


def pexels_app(pictures: tuple[StandInPicture, ...], api_key: str = "pexels-sandbox", monthly: int = 20_000) -> Starlette:
    """Serve `pictures` to `api_key`. Shapes: https://www.pexels.com/api/documentation/#photos-search."""
    left = [monthly]

    async def search(request: Request) -> JSONResponse:
        params = request.query_params
        if request.headers.get("authorization") != api_key:
            return JSONResponse({"status": 401, "code": "Unauthorized"}, status_code=401)
        if not params.get("query") or set(params) - _KNOWN or not 1 <= int(params.get("per_page", "15")) <= 80:
            return JSONResponse({"status": 400, "code": "Bad Request"}, status_code=400)
        if left[0] <= 0:
            return JSONResponse({"code": "Rate limit exceeded"}, status_code=429)
        left[0] -= 1
        found = [picture for picture in pictures if picture.matches(params["query"])]
        base = base_of(request, "/v1/search")
        photos = [_photo(number, picture, base) for number, picture in enumerate(found[: int(params.get("per_page", "15"))], start=1)]
        headers = {"x-ratelimit-limit": str(monthly), "x-ratelimit-remaining": str(left[0]), "x-ratelimit-reset": "1790812800"}
        return JSONResponse({"total_results": len(found), "page": 1, "per_page": len(photos), "photos": photos}, headers=headers)

    async def photo(request: Request) -> Response:
        return serve(pictures, request.path_params["name"])

    return Starlette(routes=[Route("/v1/search", search), Route("/photos/{name}/large2x.jpeg", photo)])


def _photo(number: int, picture: StandInPicture, base: str) -> dict[str, object]:
    address = f"{base}/photos/{picture.id}/large2x.jpeg"
    return {
        "id": number,
        "width": picture.width,
        "height": picture.height,
        "url": f"https://www.pexels.com/photo/{picture.id}/",
        "photographer": picture.creator,
        "photographer_url": "https://www.pexels.com/@someone",
        "photographer_id": 1,
        "avg_color": "#808080",
        "src": dict.fromkeys(("original", "large2x", "large", "medium", "small", "portrait", "landscape", "tiny"), address),
        "liked": False,
        "alt": picture.description or picture.title,
    }
