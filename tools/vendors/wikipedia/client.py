"""Wikipedia and Wikinews through the MediaWiki action API; no key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from infra.errors import Unavailable
from memory.rights import Rights
from tools.fetch import Fetcher
from tools.fetch_json import get_json, listed, text_of
from tools.licence_text import read_licence
from tools.plain_text import clean_line, clean_text

WIKIPEDIA = "https://{language}.wikipedia.org"
WIKINEWS = "https://{language}.wikinews.org"

_ENDINGS = frozenset(
    {"See also", "References", "External links", "Further reading", "Notes", "Sources", "Bibliography", "Related news", "Sister links", "Citations"}
)


class WikiBusy(Unavailable):
    """The wiki answered that it is lagging or that we ask too much."""

    code = "wiki_busy"


@dataclass(frozen=True)
class WikiPage:
    """An article as plain text; `rights` are what the wiki itself states (siteinfo), `edited` is the time of its last change."""

    title: str
    text: str
    url: str
    edited: datetime | None
    rights: Rights | None
    disambiguation: bool = False


class Wiki(Protocol):
    """Search and text of one wiki."""

    def search(self, query: str, limit: int = 5, total_s: float | None = None) -> tuple[str, ...]:
        """Return titles of articles that match, best first."""
        ...

    def page(self, title: str, total_s: float | None = None) -> WikiPage | None:
        """Return an article's plain text, or None when there is none of that title."""
        ...


class WikiClient:
    """The real client of one MediaWiki site; `base_url` is its origin."""

    def __init__(self, fetcher: Fetcher, base_url: str) -> None:
        self._fetcher = fetcher
        self._api = f"{base_url}/w/api.php"

    def search(self, query: str, limit: int = 5, total_s: float | None = None) -> tuple[str, ...]:
        """Return at most `limit` titles, best first (list=search)."""
        params: dict[str, str | int] = {"list": "search", "srsearch": query[:290], "srnamespace": 0, "srlimit": min(limit, 50)}
        answer = self._ask(params, total_s)
        return tuple(text_of(hit, "title") for hit in listed(answer, "query", "search") if text_of(hit, "title"))

    def page(self, title: str, total_s: float | None = None) -> WikiPage | None:
        """Return the plain text of an article with the licence that the wiki states (prop=extracts; meta=siteinfo)."""
        params: dict[str, str | int] = {
            "prop": "extracts|info|revisions|pageprops",
            "titles": title,
            "redirects": 1,
            "explaintext": 1,
            "exsectionformat": "wiki",
            "inprop": "url",
            "rvprop": "timestamp",
            "ppprop": "disambiguation",
            "meta": "siteinfo",
            "siprop": "rightsinfo",
        }
        answer = self._ask(params, total_s)
        pages = [page for page in listed(answer, "query", "pages") if not page.get("missing") and text_of(page, "extract")]
        return _page(pages[0], answer) if pages else None

    def _ask(self, params: dict[str, str | int], total_s: float | None) -> Any:
        fixed: dict[str, str | int] = {"action": "query", "format": "json", "formatversion": 2, "maxlag": 5}
        answer = get_json(self._fetcher, self._api, {**fixed, **params}, total_s)
        error = answer.get("error") if isinstance(answer, dict) else None
        if isinstance(error, dict):
            raise WikiBusy(f"wiki {self._api}: {text_of(error, 'code')}: {text_of(error, 'info')[:200]}")
        return answer


def _page(page: dict[str, Any], answer: dict[str, Any]) -> WikiPage:
    info = answer.get("query", {}).get("rightsinfo", {})
    url = text_of(page, "fullurl") or text_of(page, "canonicalurl")
    statement = f"{text_of(info, 'url')} {text_of(info, 'text')}" if isinstance(info, dict) else ""
    revisions = listed(page, "revisions")
    return WikiPage(
        title=clean_line(text_of(page, "title")),
        text=_body(text_of(page, "extract")),
        url=url,
        edited=_moment(text_of(revisions[0], "timestamp")) if revisions else None,
        rights=read_licence(statement, source_url=url),
        disambiguation="disambiguation" in (page.get("pageprops") or {}),
    )


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


def _body(extract: str) -> str:
    """Keep the prose: section marks become paragraph breaks, closing lists of references and links are left out."""
    paragraphs: list[str] = []
    ended = False
    for line in clean_text(extract).split("\n"):
        if line.startswith("==") and line.endswith("=="):
            ended = line.strip("= ") in _ENDINGS
            if not ended:
                paragraphs.append(line)
        elif line.strip() and not ended:
            paragraphs.append(line.strip())
    return "\n\n".join(paragraphs)
