"""The NASA Image and Video Library's public API; no key."""

import re
from typing import Any
from urllib.parse import quote

from memory.rights import Rights
from tools.fetch import Fetcher
from tools.fetch_json import get_json, listed, number_of, text_of
from tools.picture_search import FoundPicture
from tools.plain_text import clean_line

BASE_URL = "https://images-api.nasa.gov"
MEDIA_HOST = "images-assets.nasa.gov"
GUIDELINES = "https://www.nasa.gov/nasa-brand-center/images-and-media/"

_FOREIGN = re.compile(r"©|\bcopyright(?:ed)?\b|\bcourtesy of\b|\bESA\b|\bJAXA\b|\bRoscosmos\b|\bSpaceX\b|\bGetty\b|all rights reserved", re.IGNORECASE)
_SIZES = ("~large.jpg", "~medium.jpg", "~orig.jpg")


class NasaClient:
    """Searches still pictures. NASA's own work is in the public domain; an item that names another owner is left out."""

    name = "nasa"

    def __init__(self, fetcher: Fetcher, base_url: str = BASE_URL, media_host: str = MEDIA_HOST) -> None:
        self._fetcher = fetcher
        self._base_url = base_url
        self._media_host = media_host

    def search(self, query: str, limit: int = 20, total_s: float | None = None) -> tuple[FoundPicture, ...]:
        """Return pictures that match, best first (GET /search, media_type=image)."""
        params: dict[str, str | int] = {"q": query[:200], "media_type": "image", "page_size": min(limit, 100)}
        answer = get_json(self._fetcher, f"{self._base_url}/search", params, total_s)
        found = (self._picture(item) for item in listed(answer, "collection", "items")[:limit])
        return tuple(picture for picture in found if picture is not None)

    def _picture(self, item: dict[str, Any]) -> FoundPicture | None:
        data = (listed(item, "data") or [{}])[0]
        number = text_of(data, "nasa_id")
        description = clean_line(text_of(data, "description"))
        owners = f"{description} {text_of(data, 'secondary_creator')} {text_of(data, 'photographer')} {text_of(data, 'title')}"
        best = self._best_link(listed(item, "links"))
        if not number or text_of(data, "media_type") != "image" or _FOREIGN.search(owners) or best is None:
            return None
        who = clean_line(text_of(data, "photographer") or text_of(data, "secondary_creator") or text_of(data, "center"))
        credit = who if who.upper().startswith("NASA") else f"NASA/{who}" if who else "NASA"
        url, width, height = best
        rights = Rights(
            licence="PD",
            licence_name="US Government work",
            licence_url=GUIDELINES,
            credit=credit[:200],
            source_url=f"https://images.nasa.gov/details/{quote(number)}",
        )
        keywords = data.get("keywords")
        tags = tuple(clean_line(str(word)) for word in keywords[:20]) if isinstance(keywords, list) else ()
        return FoundPicture(self.name, number, clean_line(text_of(data, "title"))[:300], description[:600], tags, url, width, height, rights)

    def _best_link(self, links: list[dict[str, Any]]) -> tuple[str, int, int] | None:
        """Return the address and size of the best rendition on NASA's own host; the preview's name tells the others'."""
        images = [link for link in links if text_of(link, "render") == "image" and text_of(link, "href").split("/")[2:3] == [self._media_host]]
        for size in _SIZES:
            for link in images:
                if text_of(link, "href").endswith(size):
                    return text_of(link, "href"), int(number_of(link, "width")), int(number_of(link, "height"))
        thumbs = [text_of(link, "href") for link in images if text_of(link, "href").endswith("~thumb.jpg")]
        return (thumbs[0].replace("~thumb.jpg", "~large.jpg"), 0, 0) if thumbs else None
