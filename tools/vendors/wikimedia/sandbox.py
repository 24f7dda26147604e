"""A stand-in for Wikimedia Commons: file search with extended metadata, and the media host."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.sandbox_pictures import StandInPicture, base_of, serve

_ADDRESSES = {"CC BY-SA 4.0": "https://creativecommons.org/licenses/by-sa/4.0", "CC BY 2.0": "https://creativecommons.org/licenses/by/2.0"}


def commons_app(pictures: tuple[StandInPicture, ...], restricted: frozenset[str] = frozenset()) -> Starlette:
    """Serve `pictures`; ids in `restricted` carry a Restrictions field. Shapes: https://www.mediawiki.org/wiki/API:Imageinfo and CommonsMetadata."""

    async def api(request: Request) -> JSONResponse:
        params = request.query_params
        if params.get("action") != "query" or params.get("generator") != "search" or params.get("gsrnamespace") != "6":
            return JSONResponse({"error": {"code": "badvalue", "info": "Unrecognized value."}})
        found = [picture for picture in pictures if picture.matches(params.get("gsrsearch", ""))][: int(params.get("gsrlimit", "10"))]
        if not found:
            return JSONResponse({"batchcomplete": True})
        base = base_of(request, "/w/api.php")
        pages = [_page(number, picture, base, picture.id in restricted) for number, picture in enumerate(found, start=1)]
        return JSONResponse({"batchcomplete": True, "query": {"pages": pages}})

    async def media(request: Request) -> Response:
        return serve(pictures, request.path_params["name"].removesuffix(".jpg"))

    return Starlette(routes=[Route("/w/api.php", api), Route("/media/{name}", media)])


def _page(number: int, picture: StandInPicture, base: str, restricted: bool) -> dict[str, object]:
    def value(text: str) -> dict[str, str]:
        return {"value": text, "source": "commons-desc-page"}

    meta = {
        "ImageDescription": value(f"<p>{picture.description}</p>"),
        "ObjectName": value(picture.title),
        "Artist": value(f'<a href="//commons.wikimedia.org/wiki/User:X">{picture.creator}</a>'),
        "LicenseShortName": value(picture.licence),
        "LicenseUrl": value(_ADDRESSES.get(picture.licence, "")),
        "UsageTerms": value(picture.licence),
        "Categories": value("|".join(picture.tags)),
        "Restrictions": value("personality" if restricted else ""),
    }
    info = {
        "url": f"{base}/media/{picture.id}.jpg",
        "thumburl": f"{base}/media/{picture.id}.jpg",
        "thumbwidth": picture.width,
        "thumbheight": picture.height,
        "width": picture.width,
        "height": picture.height,
        "mime": "image/jpeg",
        "descriptionurl": f"https://commons.wikimedia.org/wiki/File:{picture.id}.jpg",
        "extmetadata": meta,
    }
    return {"pageid": number, "ns": 6, "index": number, "title": f"File:{picture.id}.jpg", "imageinfo": [info]}
