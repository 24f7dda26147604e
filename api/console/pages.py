"""Hands the console to browsers: its page for every address that is nothing else's, and its parts, which are named by their content."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from api.console.folder import BUILT, made_of
from api.http.versions import etag_of
from infra.errors import NotFound

# Emotion, which MUI draws with, writes its styles into the page; code comes from here only.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_PARTS = "assets"
_KEPT, _ASKED_AGAIN = "public, max-age=31536000, immutable", "no-cache"
_UNBUILT = Path(__file__).with_name("unbuilt.html")


class PartMissing(NotFound):
    """The console has no part of that name, or not any more."""

    code = "asset_missing"


class ConsolePages(BaseRoute):
    """Answers for what no other route begins with: what is the service's own stays a 404 or 405 of the service."""

    path = "/{console}"

    def __init__(self, built: Path, taken: frozenset[str]) -> None:
        self.built = built
        self._taken = taken

    @property
    def is_built(self) -> bool:
        """Whether there is a console to hand out."""
        return made_of(self.built) is not None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take reads of addresses whose first part no other route has."""
        free = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and scope["path"].split("/")[1] not in self._taken
        return (Match.FULL, {"endpoint": self, "route": self}) if free else (Match.NONE, {})

    def url_path_for(self, name: str, /, **path_params: object) -> object:  # type: ignore[override]
        """No address is made by name."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a part, or with the page."""
        await self.answer(scope)(scope, receive, send)

    def answer(self, scope: Scope) -> Response:
        """Return what an address shows; raises PartMissing for a part that is not there."""
        asked = Request(scope).headers
        name = scope["path"].lstrip("/")
        first, _, rest = name.partition("/")
        if first == _PARTS:
            return self._part(rest, asked)
        if "/" not in name and "." in name and name != "index.html":
            return self._file(self._found(self.built, name), _ASKED_AGAIN, asked)
        return self.page(asked)

    def page(self, asked: Headers) -> Response:
        """Return the console's page, or the one that says how to build it."""
        if not self.is_built:
            return _answered(_UNBUILT.read_bytes(), asked, 503)
        return _answered((self.built / "index.html").read_bytes(), asked, 200)

    def _part(self, name: str, asked: Headers) -> Response:
        return self._file(self._found(self.built / _PARTS, name), _KEPT, asked)

    def _found(self, folder: Path, name: str) -> Path:
        path = folder / name
        if "/" in name or "\\" in name or name.startswith(".") or path.suffix not in _TYPES or not path.is_file():
            raise PartMissing(f"name: the console has no part {name[:80]!r}; load the page again")
        return path

    def _file(self, path: Path, kept: str, asked: Headers) -> Response:
        packed = Path(f"{path}.gz") if "gzip" in asked.get("accept-encoding", "") else path
        is_packed = packed != path and packed.is_file()
        found = packed if is_packed else path
        facts = found.stat()
        headers = {"etag": f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"', "cache-control": kept, "vary": "accept-encoding"}
        if _has(asked, headers["etag"]):
            return Response(status_code=304, headers=headers)
        if is_packed:
            headers["content-encoding"] = "gzip"
        return FileResponse(found, headers=headers, media_type=_TYPES[path.suffix], stat_result=facts)


def serve_console(app: FastAPI, built: Path = BUILT) -> ConsolePages:
    """Let the application answer with the console wherever it has no route of its own; call it after every other route."""
    taken = {str(getattr(route, "path", "/")).split("/")[1] for route in app.routes} - {""}
    pages = ConsolePages(built, frozenset(taken))
    app.router.routes.append(pages)
    return pages


def _answered(body: bytes, asked: Headers, status: int) -> Response:
    headers: Mapping[str, str] = {"etag": etag_of(body), "cache-control": _ASKED_AGAIN, "content-security-policy": POLICY}
    if status == 200 and _has(asked, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type="text/html")


def _has(asked: Headers, etag: str) -> bool:
    return etag in [one.strip().removeprefix("W/") for one in asked.get("if-none-match", "").split(",")]
