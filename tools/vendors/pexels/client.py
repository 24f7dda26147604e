"""The Pexels photo search; a free key, 200 requests an hour and 20,000 a month by default."""

from typing import Any

from memory.rights import Rights
from tools.fetch import Credential, Fetcher
from tools.fetch_json import get_json, listed, number_of, text_of
from tools.picture_search import FoundPicture
from tools.plain_text import clean_line

BASE_URL = "https://api.pexels.com"
LICENCE = "https://www.pexels.com/license/"
_LARGEST_PAGE = 80


class PexelsClient:
    """Searches photographs. Their licence allows commercial use and changes; the photographer and Pexels are credited, as its API terms ask."""

    name = "pexels"

    def __init__(self, fetcher: Fetcher, key: str, base_url: str = BASE_URL) -> None:
        self._fetcher = fetcher
        self._key = Credential("authorization", key)
        self._base_url = base_url

    def search(self, query: str, limit: int = 20, total_s: float | None = None) -> tuple[FoundPicture, ...]:
        """Return pictures that match, best first (GET /v1/search). Source: https://www.pexels.com/api/documentation/#photos-search."""
        params: dict[str, str | int] = {"query": query[:200], "per_page": min(limit, _LARGEST_PAGE), "locale": "en-US"}
        answer = get_json(self._fetcher, f"{self._base_url}/v1/search", params, total_s, self._key)
        found = (self._picture(photo) for photo in listed(answer, "photos")[:limit])
        return tuple(picture for picture in found if picture is not None)

    def _picture(self, photo: dict[str, Any]) -> FoundPicture | None:
        sizes = photo.get("src")
        url = text_of(sizes, "large2x") or text_of(sizes, "original") if isinstance(sizes, dict) else ""
        number, page = int(number_of(photo, "id")), text_of(photo, "url")
        if not url or not number or not page:
            return None
        who = clean_line(text_of(photo, "photographer"))[:120]
        rights = Rights(
            licence="STOCK",
            licence_name="Pexels License",
            licence_url=LICENCE,
            credit=f"{who} on Pexels" if who else "Pexels",
            source_url=page,
        )
        shown = clean_line(text_of(photo, "alt"))[:300]
        width, height = int(number_of(photo, "width")), int(number_of(photo, "height"))
        return FoundPicture(self.name, str(number), shown, shown, (), url, width, height, rights)
