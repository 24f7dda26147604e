"""Openverse's public API for openly licensed pictures, without a key (20 results a page, 200 requests a day, 20 a minute)."""

from typing import Any

from tools.fetch import Fetcher
from tools.fetch_json import get_json, listed, number_of, text_of
from tools.licence_text import read_licence
from tools.picture_search import FoundPicture, is_open
from tools.plain_text import clean_line

BASE_URL = "https://api.openverse.org"
LICENCES = "cc0,pdm,by,by-sa"
_PAGE = 20


class OpenverseClient:
    """Searches pictures; bytes are fetched through Openverse's own proxy of the work, never from the address of a stranger."""

    name = "openverse"

    def __init__(self, fetcher: Fetcher, base_url: str = BASE_URL) -> None:
        self._fetcher = fetcher
        self._base_url = base_url

    def search(self, query: str, limit: int = 20, total_s: float | None = None) -> tuple[FoundPicture, ...]:
        """Return pictures that match, best first. Only licences for commercial use and modification are asked for, and each is read again."""
        params: dict[str, str | int] = {"q": query[:200], "license": LICENCES, "page_size": min(limit, _PAGE), "mature": "false", "category": "photograph"}
        answer = get_json(self._fetcher, f"{self._base_url}/v1/images/", params, total_s)
        found = (self._picture(entry) for entry in listed(answer, "results"))
        return tuple(picture for picture in found if picture is not None)

    def _picture(self, entry: dict[str, Any]) -> FoundPicture | None:
        number = text_of(entry, "id")
        code = text_of(entry, "license").lower()
        name = {"cc0": "CC0", "pdm": "Public Domain Mark"}.get(code, f"CC {code} {text_of(entry, 'license_version')}".upper() if code else "")
        credit = clean_line(text_of(entry, "creator"))[:200] or clean_line(text_of(entry, "source"))[:100]
        statement = text_of(entry, "license_url") or name or "unknown"
        rights = read_licence(statement, f"{credit} / Openverse", text_of(entry, "foreign_landing_url"))
        if rights is None or not is_open(rights) or entry.get("mature") is True or not number.replace("-", "").isalnum():
            return None
        return FoundPicture(
            vendor=self.name,
            id=number,
            title=clean_line(text_of(entry, "title"))[:300],
            description="",
            tags=tuple(clean_line(text_of(tag, "name")) for tag in listed(entry, "tags")[:20]),
            url=f"{self._base_url}/v1/images/{number}/thumb/?full_size=true&compressed=false",
            width=int(number_of(entry, "width")),
            height=int(number_of(entry, "height")),
            rights=rights,
        )
