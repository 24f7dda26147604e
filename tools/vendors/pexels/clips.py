"""The Pexels video search: the same key and limits as its photographs."""

import re
from typing import Any
from urllib.parse import urlsplit

from memory.rights import Rights
from tools.fetch import Credential, Fetcher
from tools.fetch_json import get_json, listed, number_of, text_of
from tools.picture_search import FoundPicture, best_rendition
from tools.plain_text import clean_line
from tools.vendors.pexels.client import BASE_URL, LICENCE

_LARGEST_PAGE = 80


class PexelsClips:
    """Searches clips, under the licence and with the credit of the photographs."""

    name = "pexels_clips"

    def __init__(self, fetcher: Fetcher, key: str, base_url: str = BASE_URL) -> None:
        self._fetcher = fetcher
        self._key = Credential("authorization", key)
        self._base_url = base_url

    def search(self, query: str, limit: int = 20, total_s: float | None = None) -> tuple[FoundPicture, ...]:
        """Return clips that match, best first (GET /v1/videos/search). Source: https://www.pexels.com/api/documentation/#videos-search."""
        params: dict[str, str | int] = {"query": query[:200], "per_page": min(limit, _LARGEST_PAGE), "locale": "en-US"}
        answer = get_json(self._fetcher, f"{self._base_url}/v1/videos/search", params, total_s, self._key)
        found = (self._clip(video) for video in listed(answer, "videos")[:limit])
        return tuple(clip for clip in found if clip is not None)

    def _clip(self, video: dict[str, Any]) -> FoundPicture | None:
        files = [one for one in listed(video, "video_files") if text_of(one, "file_type") == "video/mp4"]
        best = best_rendition([(text_of(one, "link"), int(number_of(one, "width")), int(number_of(one, "height"))) for one in files])
        number, page, seconds = int(number_of(video, "id")), text_of(video, "url"), number_of(video, "duration")
        if best is None or not number or not page or seconds <= 0:
            return None
        user = video.get("user")
        who = clean_line(text_of(user, "name"))[:120] if isinstance(user, dict) else ""
        credit = f"{who} on Pexels" if who else "Pexels"
        rights = Rights(licence="STOCK", licence_name="Pexels License", licence_url=LICENCE, credit=credit, source_url=page)
        shown = _shown(page)
        return FoundPicture(self.name, str(number), shown, shown, (), best[0], best[1], best[2], rights, seconds)


def _shown(page: str) -> str:
    """Return what a clip shows: its answer says so only in the address of its page, `/video/<words>-<id>/`."""
    slug = urlsplit(page).path.rstrip("/").rsplit("/", 1)[-1]
    return clean_line(re.sub(r"-?\d+$", "", slug).replace("-", " "))[:300]
