"""The Pixabay video search: the same key and limits as its photographs."""

from typing import Any

from memory.rights import Rights
from tools.fetch import Credential, Fetcher
from tools.fetch_json import get_json, listed, number_of, text_of
from tools.picture_search import FoundPicture, best_rendition
from tools.plain_text import clean_line
from tools.vendors.pixabay.client import BASE_URL, LARGEST_PAGE, LICENCE, SMALLEST_PAGE, shortened

_SIZES = ("large", "medium", "small", "tiny")


class PixabayClips:
    """Searches clips, under the licence and with the credit of the photographs."""

    name = "pixabay_clips"

    def __init__(self, fetcher: Fetcher, key: str, base_url: str = BASE_URL) -> None:
        self._fetcher = fetcher
        self._key = Credential("key", key, place="query")
        self._base_url = base_url

    def search(self, query: str, limit: int = 20, total_s: float | None = None) -> tuple[FoundPicture, ...]:
        """Return clips that match, best first (GET /api/videos/). Source: https://pixabay.com/api/docs/#api_search_videos."""
        per_page = max(SMALLEST_PAGE, min(limit, LARGEST_PAGE))
        params: dict[str, str | int] = {"q": shortened(query), "video_type": "film", "safesearch": "true", "per_page": per_page}
        answer = get_json(self._fetcher, f"{self._base_url}/api/videos/", params, total_s, self._key)
        found = (self._clip(hit) for hit in listed(answer, "hits")[:limit])
        return tuple(clip for clip in found if clip is not None)

    def _clip(self, hit: dict[str, Any]) -> FoundPicture | None:
        videos = hit.get("videos")
        sizes = [videos[name] for name in _SIZES if isinstance(videos, dict) and isinstance(videos.get(name), dict)]
        best = best_rendition([(text_of(one, "url"), int(number_of(one, "width")), int(number_of(one, "height"))) for one in sizes])
        number, page, seconds = int(number_of(hit, "id")), text_of(hit, "pageURL"), number_of(hit, "duration")
        if best is None or not number or not page or seconds <= 0:
            return None
        tags = tuple(clean_line(tag) for tag in text_of(hit, "tags").split(",") if tag.strip())[:20]
        who = clean_line(text_of(hit, "user"))[:120]
        credit = f"{who} on Pixabay" if who else "Pixabay"
        rights = Rights(licence="STOCK", licence_name="Pixabay Content License", licence_url=LICENCE, credit=credit, source_url=page)
        return FoundPicture(self.name, str(number), ", ".join(tags)[:300], "", tags, best[0], best[1], best[2], rights, seconds)
