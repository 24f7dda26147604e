"""A stand-in for a MediaWiki site, with the page views of its articles, in the documented shapes."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tools.vendors.wikipedia.sandbox_pageviews import WikiArticle as WikiArticle
from tools.vendors.wikipedia.sandbox_pageviews import pageview_routes

_KNOWN = frozenset(
    {
        *("action", "format", "formatversion", "maxlag", "list", "srsearch", "srnamespace", "srlimit", "prop", "titles", "redirects", "explaintext"),
        *("exsectionformat", "inprop", "rvprop", "ppprop", "meta", "siprop"),
    }
)


def wiki_app(
    articles: tuple[WikiArticle, ...],
    rights_url: str = "https://creativecommons.org/licenses/by-sa/4.0/deed.en",
    rights_text: str = "Creative Commons Attribution-Share Alike 4.0",
    site: str = "https://en.wikipedia.org",
) -> Starlette:
    """Serve `articles`. Shapes: https://www.mediawiki.org/wiki/API:Search, API:Query and Extension:TextExtracts#API.

    As the real one does, it answers errors with status 200 and an `error` object, and 200 `maxlag` when told through `titles=__lag__`.
    """

    async def api(request: Request) -> JSONResponse:
        params = request.query_params
        unknown = set(params) - _KNOWN
        if params.get("action") != "query" or params.get("format") != "json":
            return JSONResponse({"error": {"code": "badvalue", "info": 'Unrecognized value for parameter "action".'}})
        if unknown:
            return JSONResponse({"error": {"code": "unrecognizedparams", "info": f"Unrecognized parameters: {sorted(unknown)}"}})
        if not request.headers.get("user-agent", "").strip():
            return JSONResponse({"error": {"code": "forbidden", "info": "Please set a user-agent"}}, status_code=403)
        if params.get("titles") == "__lag__":
            return JSONResponse({"error": {"code": "maxlag", "info": "Waiting for db1: 6 seconds lagged.", "lag": 6}})
        if params.get("list") == "search":
            return JSONResponse(_search(articles, params.get("srsearch", ""), int(params.get("srlimit", "10"))))
        rights = {"url": rights_url, "text": rights_text}
        return JSONResponse({"batchcomplete": True, "query": {"rightsinfo": rights, "pages": [_page(articles, params.get("titles", ""), site)]}})

    return Starlette(routes=[Route("/w/api.php", api), *pageview_routes(articles)])


def _search(articles: tuple[WikiArticle, ...], query: str, limit: int) -> dict[str, object]:
    words = {word.strip('"').lower() for word in query.split()}
    scored = [
        (sum(word in f"{article.title} {article.extract}".lower() for word in words) + sum(word in article.title.lower() for word in words), article)
        for article in articles
    ]
    hits = [article for score, article in sorted(scored, key=lambda pair: -pair[0]) if score][:limit]
    found = [{"ns": 0, "title": article.title, "pageid": number, "size": len(article.extract), "wordcount": 0} for number, article in enumerate(hits, start=1)]
    return {"batchcomplete": True, "query": {"searchinfo": {"totalhits": len(hits)}, "search": found}}


def _page(articles: tuple[WikiArticle, ...], title: str, site: str) -> dict[str, object]:
    article = next((article for article in articles if article.title == title), None)
    if article is None:
        return {"ns": 0, "title": title, "missing": True}
    url = f"{site}/wiki/{title.replace(' ', '_')}"
    page: dict[str, object] = {"pageid": 1, "ns": 0, "title": title, "extract": article.extract, "fullurl": url, "canonicalurl": url}
    page["revisions"] = [{"timestamp": article.edited}]
    if article.disambiguation:
        page["pageprops"] = {"disambiguation": ""}
    return page
