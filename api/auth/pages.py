"""`/setup` and `/welcome`: the page behind a one-time link, where a person sets their password, for a service whose console is not built."""

from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request, Response

from api.auth.links import SETUP, WELCOME
from api.http.principal import Public
from api.http.problems import problems
from infra.errors import NotFound

router = APIRouter(include_in_schema=False, dependencies=[Public])
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
_TYPES = {"enter.js": "text/javascript", "enter.css": "text/css"}


class PageMissing(NotFound):
    """The page has no part of that name."""

    code = "asset_missing"


@router.get(SETUP)
@router.get(WELCOME)
async def enter_page(request: Request) -> Response:
    """Return the console, which knows what to do with such a link; where it is not built, a page that needs nothing."""
    console = request.app.state.console
    if console.is_built:
        return console.page(request.headers)  # type: ignore[no-any-return]
    return Response(_part("enter.html"), media_type="text/html", headers={"content-security-policy": _POLICY})


@router.get("/enter/{name}", responses=problems(404))
async def enter_part(name: str) -> Response:
    """Return a part of the page."""
    if name not in _TYPES:
        raise PageMissing(f"name: the page has no part {name[:40]!r}")
    return Response(_part(name), media_type=_TYPES[name])


@cache
def _part(name: str) -> bytes:
    return (files("api.auth") / "page" / name).read_bytes()
