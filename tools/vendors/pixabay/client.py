"""The Pixabay picture search; a free key, 100 requests a minute by default."""

from typing import Any

from memory.rights import Rights
from tools.fetch import Credential, Fetcher
from tools.fetch_json import get_json, listed, number_of, text_of
from tools.picture_search import FoundPicture
from tools.plain_text import clean_line

BASE_URL = "https://pixabay.com"
LICENCE = "https://pixabay.com/service/license-summary/"
SMALLEST_PAGE, LARGEST_PAGE, _LONGEST_QUERY = 3, 200, 100


class PixabayClient:
    """Searches photographs. Their licence allows commercial use and changes; author and Pixabay are named, as its API terms ask."""

    name = "pixabay"

    def __init__(self, fetcher: Fetcher, key: str, base_url: str = BASE_URL) -> None:
        self._fetcher = fetcher
        self._key = Credential("key", key, place="query")
        self._base_url = base_url

    def search(self, query: str, limit: int = 20, total_s: float | None = None) -> tuple[FoundPicture, ...]:
        """Return pictures that match, best first (GET /api/). Source: https://pixabay.com/api/docs/#api_search_images."""
        params: dict[str, str | int] = {
            "q": shortened(query),
            "image_type": "photo",
            "safesearch": "true",
            "per_page": max(SMALLEST_PAGE, min(limit, LARGEST_PAGE)),
        }
        answer = get_json(self._fetcher, f"{self._base_url}/api/", params, total_s, self._key)
        found = (self._picture(hit) for hit in listed(answer, "hits")[:limit])
        return tuple(picture for picture in found if picture is not None)

    def _picture(self, hit: dict[str, Any]) -> FoundPicture | None:
        number, page, url = int(number_of(hit, "id")), text_of(hit, "pageURL"), text_of(hit, "largeImageURL")
        if not number or not page or not url or text_of(hit, "type") not in {"photo", ""}:
            return None
        tags = tuple(clean_line(tag) for tag in text_of(hit, "tags").split(",") if tag.strip())[:20]
        who = clean_line(text_of(hit, "user"))[:120]
        rights = Rights(
            licence="STOCK",
            licence_name="Pixabay Content License",
            licence_url=LICENCE,
            credit=f"{who} on Pixabay" if who else "Pixabay",
            source_url=page,
        )
        # `largeImageURL` is at most 1280 pixels on its longer side, whatever the original measures.
        width, height = _scaled(number_of(hit, "imageWidth"), number_of(hit, "imageHeight"))
        return FoundPicture(self.name, str(number), ", ".join(tags)[:300], "", tags, url, width, height, rights)


def shortened(query: str) -> str:
    """Return the leading whole words that fit the service's limit of 100 characters."""
    return query if len(query) <= _LONGEST_QUERY else query[: _LONGEST_QUERY + 1].rsplit(" ", 1)[0][:_LONGEST_QUERY]


def _scaled(width: float, height: float, longest: float = 1280.0) -> tuple[int, int]:
    scale = min(1.0, longest / max(width, height, 1.0))
    return round(width * scale), round(height * scale)
