"""A stand-in for the Pexels photo and video search: its key, its parameters, its limits and its answers' shapes."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.sandbox import Fault
from tools.sandbox_pictures import StandInClip, StandInPicture, base_of, serve, serve_clip

_KNOWN = frozenset({"query", "orientation", "size", "color", "locale", "page", "per_page"})
_KNOWN_OF_CLIPS = frozenset({"query", "orientation", "size", "locale", "page", "per_page"})
_DOCS = "https://www.pexels.com/api/documentation/#guidelines"


def requests_used_up() -> Fault:
    """Answer 429 as after the hourly or monthly number of requests. Source: the published guidelines."""
    return Fault("status", _DOCS, status=429, body=b'{"code":"Rate limit exceeded"}', headers=(("content-type", "application/json"),))


class _Service:
    """The service's shelves, its key and how many requests are left of the month."""

    def __init__(self, pictures: tuple[StandInPicture, ...], clips: tuple[StandInClip, ...], api_key: str, monthly: int) -> None:
        self._pictures, self._clips = pictures, clips
        self._key = api_key
        self._monthly = self._left = monthly

    async def search(self, request: Request) -> JSONResponse:
        base = base_of(request, "/v1/search")
        found = [picture for picture in self._pictures if picture.matches(request.query_params.get("query", ""))]
        photos = [_photo(number, picture, base) for number, picture in enumerate(found, start=1)]
        return self._refusal(request, _KNOWN) or self._answer(request, "photos", photos)

    async def search_clips(self, request: Request) -> JSONResponse:
        base = base_of(request, "/v1/videos/search")
        found = [clip for clip in self._clips if clip.matches(request.query_params.get("query", ""))]
        videos = [_video(number, clip, base) for number, clip in enumerate(found, start=1)]
        return self._refusal(request, _KNOWN_OF_CLIPS) or self._answer(request, "videos", videos)

    async def photo(self, request: Request) -> Response:
        return serve(self._pictures, request.path_params["name"])

    async def clip(self, request: Request) -> Response:
        return serve_clip(self._clips, request.path_params["name"])

    def _refusal(self, request: Request, known: frozenset[str]) -> JSONResponse | None:
        params = request.query_params
        if request.headers.get("authorization") != self._key:
            return JSONResponse({"status": 401, "code": "Unauthorized"}, status_code=401)
        if not params.get("query") or set(params) - known or not 1 <= int(params.get("per_page", "15")) <= 80:
            return JSONResponse({"status": 400, "code": "Bad Request"}, status_code=400)
        if self._left <= 0:
            return JSONResponse({"code": "Rate limit exceeded"}, status_code=429)
        self._left -= 1
        return None

    def _answer(self, request: Request, name: str, found: list[dict[str, object]]) -> JSONResponse:
        shown = found[: int(request.query_params.get("per_page", "15"))]
        headers = {"x-ratelimit-limit": str(self._monthly), "x-ratelimit-remaining": str(self._left), "x-ratelimit-reset": "1790812800"}
        return JSONResponse({"total_results": len(found), "page": 1, "per_page": len(shown), name: shown}, headers=headers)


def pexels_app(pictures: tuple[StandInPicture, ...], api_key: str = "pexels-sandbox", monthly: int = 20_000, clips: tuple[StandInClip, ...] = ()) -> Starlette:
    """Serve `pictures` and `clips` to `api_key`. Shapes: https://www.pexels.com/api/documentation/#photos-search and #videos-search."""
    service = _Service(pictures, clips, api_key, monthly)
    files = [Route("/photos/{name}/large2x.jpeg", service.photo), Route("/video-files/{name}", service.clip)]
    return Starlette(routes=[Route("/v1/search", service.search), Route("/v1/videos/search", service.search_clips), *files])


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


def _video(number: int, clip: StandInClip, base: str) -> dict[str, object]:
    words = "-".join(clip.title.lower().split())
    files = [
        {
            "id": 10 * number + place,
            "quality": "sd" if width < 1280 else "hd",
            "file_type": "video/mp4",
            "width": width,
            "height": height,
            "fps": 25.0,
            "link": f"{base}/video-files/{clip.id}-{width}x{height}.mp4",
        }
        for place, (width, height) in enumerate(clip.sizes())
    ]
    return {
        "id": number,
        "width": clip.width,
        "height": clip.height,
        "url": f"https://www.pexels.com/video/{words}-{number}/",
        "image": f"{base}/videos/{clip.id}.jpeg",
        "full_res": None,
        "tags": [],
        "avg_color": None,
        "duration": clip.seconds,
        "user": {"id": 1, "name": clip.creator, "url": "https://www.pexels.com/@someone"},
        "video_files": files,
        "video_pictures": [{"id": number, "picture": f"{base}/videos/{clip.id}.jpeg", "nr": 0}],
    }
