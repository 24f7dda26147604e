"""The page that an owner's browser ends on: it says whether the channel is connected, and nothing else."""

from functools import cache
from html import escape
from importlib.resources import files

from fastapi import Response

_POLICY = "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


def page(title: str, said: str, status: int = 200) -> Response:
    """Return the page; what it says may come from outside and is escaped."""
    body = _template().format(title=escape(title), said=escape(said))
    return Response(body, status, media_type="text/html", headers={"content-security-policy": _POLICY})


@cache
def _template() -> str:
    return (files("api.accounts") / "page.html").read_text("utf-8")
