"""`/openapi.json`, and `/docs`, which shows it with the viewer that is installed here: nothing is loaded from elsewhere."""

from functools import cache
from importlib.resources import files

import orjson
from fastapi import APIRouter, Request, Response

from api.http.principal import Public
from api.http.problems import problems
from api.http.versions import answer
from infra.errors import NotFound

router = APIRouter(include_in_schema=False, dependencies=[Public])
_TYPES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
_BEGIN = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#viewer", deepLinking: true, displayOperationId: true, persistAuthorization: false})'
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>YTEMPIRE API</title>
<link rel="icon" href="/docs/assets/favicon.png"><link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="viewer"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/assets/begin.js"></script></body></html>
"""
# The viewer sets styles on its elements and draws its icons from data URLs; its code comes from here only.
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
_KEPT = {"cache-control": "public, max-age=86400"}


class AssetMissing(NotFound):
    """The page has no part of that name."""

    code = "asset_missing"


@router.get("/openapi.json")
async def schema_document(request: Request) -> Response:
    """Return the schema."""
    document = getattr(request.app.state, "document", None)
    if document is None:
        document = request.app.state.document = orjson.dumps(request.app.openapi())
    return answer(request, document)


@router.get("/docs")
async def schema_page() -> Response:
    """Return the page that shows the schema."""
    return Response(_PAGE, media_type="text/html", headers={"content-security-policy": _POLICY})


@router.get("/docs/assets/{name}", responses=problems(404))
async def schema_asset(name: str) -> Response:
    """Return a part of the page."""
    if name == "begin.js":
        return Response(_BEGIN, media_type="text/javascript", headers=_KEPT)
    if name not in _TYPES:
        raise AssetMissing(f"name: the page has no part {name[:40]!r}")
    return Response(_asset(name), media_type=_TYPES[name], headers=_KEPT)


@cache
def _asset(name: str) -> bytes:
    return (files("fastapi_offline") / "static" / name).read_bytes()
