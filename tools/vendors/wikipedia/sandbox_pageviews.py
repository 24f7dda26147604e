"""The stand-in's page views: the most viewed articles of a day and one article day by day, refusing what the real service refuses."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

_ROOT = "/api/rest_v1/metrics/pageviews"
_TOP = f"{_ROOT}/top/{{project}}/all-access/{{year}}/{{month}}/{{day}}"
_PER_ARTICLE = f"{_ROOT}/per-article/{{project}}/{{access}}/{{agent}}/{{article:path}}/{{granularity}}/{{start}}/{{end}}"
_PROJECT = re.compile(r"[a-z-]+\.(?:wikipedia|wikinews)(?:\.org)?")
_STAMP = re.compile(r"\d{8}(?:\d{2})?")
# The values that the published specification enumerates.
_ALLOWED = {
    "access": ("all-access", "desktop", "mobile-app", "mobile-web"),
    "agent": ("all-agents", "user", "spider", "automated"),
    "granularity": ("daily", "monthly"),
}


@dataclass(frozen=True)
class WikiArticle:
    """An article of the stand-in; `daily` holds its readings by day, days without one left out."""

    title: str
    extract: str
    views: int = 0
    edited: str = "2025-06-01T12:00:00Z"
    disambiguation: bool = False
    daily: tuple[tuple[date, int], ...] = ()


def pageview_routes(articles: tuple[WikiArticle, ...]) -> tuple[BaseRoute, ...]:
    """Serve the readings of `articles` as https://wikimedia.org/api/rest_v1/ documents it under “Pageviews data”."""

    async def top(request: Request) -> JSONResponse:
        project = request.path_params["project"]
        ranked = sorted(articles, key=lambda article: -article.views)
        listing = [{"article": article.title.replace(" ", "_"), "views": article.views, "rank": rank} for rank, article in enumerate(ranked, start=1)]
        front = [{"article": "Main_Page", "views": 5_000_000, "rank": 0}, {"article": "Special:Search", "views": 1_000_000, "rank": 0}]
        day = {key: request.path_params[key] for key in ("year", "month", "day")}
        return JSONResponse({"items": [{"project": project, "access": "all-access", **day, "articles": [*front, *listing]}]})

    async def per_article(request: Request) -> JSONResponse:
        asked = dict(request.path_params)
        wrong = _wrong(asked)
        if not request.headers.get("user-agent", "").strip():
            return _problem(request, 403, "Forbidden", "Please set a User-Agent that names a contact.")
        if wrong:
            return _problem(request, 400, "Invalid parameters", wrong)
        article = next((one for one in articles if one.title.replace(" ", "_") == asked["article"]), None)
        first, last = _day(asked["start"]), _day(asked["end"])
        days = sorted((day, views) for day, views in (article.daily if article else ()) if first <= day <= last and views > 0)
        if not days:
            return _problem(request, 404, "Not found.", "The date(s) you used are valid, but there is no data for them, or the project is not loaded yet.")
        same = {name: asked[name] for name in ("project", "article", "granularity")}
        kept = {name: asked[name] for name in ("access", "agent")}
        return JSONResponse({"items": [{**same, "timestamp": f"{day:%Y%m%d}00", **kept, "views": views} for day, views in days]})

    return (Route(_TOP, top), Route(_PER_ARTICLE, per_article))


def _wrong(asked: dict[str, str]) -> str:
    """Return what the service would refuse in a question, or nothing."""
    unknown = [f"{name} should be one of {', '.join(values)}" for name, values in _ALLOWED.items() if asked[name] not in values]
    if not _PROJECT.fullmatch(asked["project"]):
        unknown.append("project should be a domain such as en.wikipedia")
    stamps = [f"{name} timestamp is invalid, must be a valid date in YYYYMMDD format" for name in ("start", "end") if _stamped(asked[name]) is None]
    if not stamps and _day(asked["start"]) > _day(asked["end"]):
        stamps.append("start timestamp should be before the end timestamp")
    return "; ".join(unknown + stamps)


def _stamped(stamp: str) -> date | None:
    try:
        return datetime.strptime(stamp[:8], "%Y%m%d").replace(tzinfo=UTC).date() if _STAMP.fullmatch(stamp) else None
    except ValueError:
        return None


def _day(stamp: str) -> date:
    return _stamped(stamp) or date.min


def _problem(request: Request, status: int, title: str, detail: str) -> JSONResponse:
    kind = {400: "bad_request", 403: "forbidden", 404: "not_found"}[status]
    body = {"type": f"https://mediawiki.org/wiki/HyperSwitch/errors/{kind}", "title": title, "method": "get", "detail": detail, "uri": request.url.path}
    return JSONResponse(body, status_code=status)
