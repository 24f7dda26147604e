"""A stand-in for the Openverse API: anonymous search with its limits, and the thumbnail proxy."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.sandbox_pictures import StandInPicture, base_of, serve

_CODES = frozenset({"by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd", "cc0", "pdm", "sampling+", "nc-sampling+"})


def openverse_app(pictures: tuple[StandInPicture, ...], strict: bool = True) -> Starlette:
    """Serve `pictures` (licence in Openverse's codes). Shapes and limits: https://api.openverse.org/v1/.

    With `strict` the licence filter is applied, as the real one does; without it a client's own check can be tested.
    """

    async def search(request: Request) -> JSONResponse:
        params = request.query_params
        if not params.get("q"):
            return JSONResponse({"detail": {"q": ["This field is required."]}}, status_code=400)
        if int(params.get("page_size", "20")) > 20:
            return JSONResponse({"detail": "page_size must be between 1 & 20 for anonymous requests."}, status_code=401)
        asked = set(filter(None, params.get("license", "").split(",")))
        if asked - _CODES:
            return JSONResponse({"detail": {"license": [f"Invalid options: {sorted(asked - _CODES)}"]}}, status_code=400)
        found = [picture for picture in pictures if picture.matches(params["q"]) and (not strict or not asked or picture.licence in asked)]
        results = [_result(picture, base_of(request, "/v1/images/")) for picture in found]
        return JSONResponse({"result_count": len(results), "page_count": 1, "page_size": 20, "page": 1, "results": results, "warnings": []})

    async def thumb(request: Request) -> Response:
        return serve(pictures, request.path_params["name"])

    return Starlette(routes=[Route("/v1/images/", search), Route("/v1/images/{name}/thumb/", thumb)])


def _result(picture: StandInPicture, base: str) -> dict[str, object]:
    code = picture.licence
    free = {"cc0": ("1.0", "https://creativecommons.org/publicdomain/zero/1.0/"), "pdm": ("1.0", "https://creativecommons.org/publicdomain/mark/1.0/")}
    version, address = free.get(code, ("2.0", f"https://creativecommons.org/licenses/{code}/2.0/"))
    return {
        "id": picture.id,
        "title": picture.title,
        "foreign_landing_url": f"https://www.flickr.com/photos/x/{picture.id}",
        "url": f"https://live.staticflickr.com/{picture.id}.jpg",
        "creator": picture.creator,
        "creator_url": "https://www.flickr.com/photos/x",
        "license": code,
        "license_version": version,
        "license_url": address,
        "provider": "flickr",
        "source": "flickr",
        "category": "photograph",
        "filesize": None,
        "filetype": "jpg",
        "tags": [{"name": tag, "accuracy": None} for tag in picture.tags],
        "attribution": f'"{picture.title}" by {picture.creator} is licensed under CC {code.upper()} {version}.',
        "mature": False,
        "height": picture.height,
        "width": picture.width,
        "thumbnail": f"{base}/v1/images/{picture.id}/thumb/",
        "detail_url": f"{base}/v1/images/{picture.id}/",
    }
