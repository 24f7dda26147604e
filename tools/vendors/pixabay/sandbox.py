"""A stand-in for the Pixabay picture and video search: its key in the query, its parameters, its limits and its answers' shapes."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tools.sandbox_pictures import StandInClip, StandInPicture, base_of, serve, serve_clip

_KNOWN = frozenset(
    {
        *("key", "q", "lang", "id", "image_type", "orientation", "category", "min_width", "min_height", "colors", "editors_choice", "safesearch"),
        *("order", "page", "per_page", "callback", "pretty"),
    }
)


_ONLY_OF_PICTURES = frozenset({"image_type", "orientation", "colors"})
_KNOWN_OF_CLIPS = (_KNOWN - _ONLY_OF_PICTURES) | {"video_type"}


class _Service:
    """The service's shelves, its key and how many requests are left of the minute."""

    def __init__(self, pictures: tuple[StandInPicture, ...], clips: tuple[StandInClip, ...], api_key: str, per_minute: int) -> None:
        self._pictures, self._clips = pictures, clips
        self._key = api_key
        self._most = self._left = per_minute

    async def search(self, request: Request) -> Response:
        base = base_of(request, "/api/")
        found = [picture for picture in self._pictures if picture.matches(request.query_params.get("q", ""))]
        return self._refusal(request, _KNOWN) or self._answer(request, [_hit(number, picture, base) for number, picture in enumerate(found, start=1)])

    async def search_clips(self, request: Request) -> Response:
        base = base_of(request, "/api/videos/")
        found = [clip for clip in self._clips if clip.matches(request.query_params.get("q", ""))]
        return self._refusal(request, _KNOWN_OF_CLIPS) or self._answer(request, [_video(number, clip, base) for number, clip in enumerate(found, start=1)])

    async def picture(self, request: Request) -> Response:
        return serve(self._pictures, request.path_params["name"].removesuffix("_1280.jpg"))

    async def clip(self, request: Request) -> Response:
        return serve_clip(self._clips, request.path_params["name"])

    def _refusal(self, request: Request, known: frozenset[str]) -> Response | None:
        params = request.query_params
        if params.get("key") != self._key:
            return PlainTextResponse("[ERROR 400] Invalid or missing API key (https://pixabay.com/api/docs/).", status_code=400)
        if len(params.get("q", "")) > 100 or set(params) - known:
            return PlainTextResponse('[ERROR 400] "q" is too long or a parameter is unknown.', status_code=400)
        if not 3 <= int(params.get("per_page", "20")) <= 200:
            return PlainTextResponse('[ERROR 400] "per_page" is out of valid range.', status_code=400)
        if self._left <= 0:
            return PlainTextResponse("[ERROR 429] Too Many Requests", status_code=429, headers={"x-ratelimit-reset": "30"})
        self._left -= 1
        return None

    def _answer(self, request: Request, found: list[dict[str, object]]) -> Response:
        hits = found[: int(request.query_params.get("per_page", "20"))]
        headers = {"x-ratelimit-limit": str(self._most), "x-ratelimit-remaining": str(self._left), "x-ratelimit-reset": "60"}
        return JSONResponse({"total": len(found), "totalHits": len(found), "hits": hits}, headers=headers)


def pixabay_app(
    pictures: tuple[StandInPicture, ...], api_key: str = "pixabay-sandbox", per_minute: int = 100, clips: tuple[StandInClip, ...] = ()
) -> Starlette:
    """Serve `pictures` and `clips` to `api_key`. Shapes and limits: https://pixabay.com/api/docs/. Errors are plain text, as the real ones are."""
    service = _Service(pictures, clips, api_key, per_minute)
    files = [Route("/get/{name}", service.picture), Route("/video/{name}", service.clip)]
    return Starlette(routes=[Route("/api/", service.search), Route("/api/videos/", service.search_clips), *files])


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


def _video(number: int, clip: StandInClip, base: str) -> dict[str, object]:
    sizes = {
        name: {
            "url": f"{base}/video/{clip.id}-{width}x{height}.mp4",
            "width": width,
            "height": height,
            "size": 1_000_000,
            "thumbnail": f"{base}/video/{clip.id}-{width}x{height}.jpg",
        }
        for name, (width, height) in zip(("medium", "small", "tiny"), clip.sizes(), strict=True)
    }
    return {
        "id": number,
        "pageURL": f"https://pixabay.com/videos/id-{number}/",
        "type": "film",
        "tags": ", ".join(clip.tags or (clip.title,)),
        "duration": clip.seconds,
        # A clip that has no larger file than Full HD answers with an empty one.
        "videos": {"large": {"url": "", "width": 0, "height": 0, "size": 0, "thumbnail": ""}, **sizes},
        "views": 10,
        "downloads": 5,
        "likes": 1,
        "comments": 0,
        "user_id": 7,
        "user": clip.creator,
        "userImageURL": "",
    }
