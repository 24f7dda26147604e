"""Wikimedia Commons through the MediaWiki action API; no key."""

from typing import Any

from memory.rights import Rights
from tools.fetch import Fetcher
from tools.fetch_json import AnswerUnreadable, get_json, listed, number_of, text_of
from tools.licence_text import read_licence
from tools.picture_search import FoundPicture, is_open
from tools.plain_text import clean_line

BASE_URL = "https://commons.wikimedia.org"
MEDIA_HOST = "upload.wikimedia.org"
_WIDTH = 1920
_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/tiff"})


class CommonsClient:
    """Searches files by text; addresses are of upload.wikimedia.org (or the stand-in's own host) only."""

    name = "wikimedia"

    def __init__(self, fetcher: Fetcher, base_url: str = BASE_URL, media_host: str = MEDIA_HOST) -> None:
        self._fetcher = fetcher
        self._base_url = base_url
        self._media_host = media_host

    def search(self, query: str, limit: int = 20, total_s: float | None = None) -> tuple[FoundPicture, ...]:
        """Return pictures whose file page matches, best first (generator=search, prop=imageinfo with extmetadata)."""
        params: dict[str, str | int] = {
            "action": "query",
            "format": "json",
            "formatversion": 2,
            "maxlag": 5,
            "generator": "search",
            "gsrnamespace": 6,
            "gsrsearch": f"{query[:250]} filetype:bitmap",
            "gsrlimit": min(limit, 50),
            "prop": "imageinfo",
            "iiprop": "url|size|mime|extmetadata",
            "iiurlwidth": _WIDTH,
        }
        answer = get_json(self._fetcher, f"{self._base_url}/w/api.php", params, total_s)
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            raise AnswerUnreadable(f"wikimedia: {text_of(answer['error'], 'code')}: {text_of(answer['error'], 'info')[:200]}")
        pages = sorted(listed(answer, "query", "pages"), key=lambda page: number_of(page, "index"))
        found = (self._picture(page, info) for page in pages for info in listed(page, "imageinfo")[:1])
        return tuple(picture for picture in found if picture is not None)

    def _picture(self, page: dict[str, Any], info: dict[str, Any]) -> FoundPicture | None:
        meta = info.get("extmetadata")
        address = text_of(info, "thumburl") or text_of(info, "url")
        rights = _rights(meta if isinstance(meta, dict) else {}, text_of(info, "descriptionurl"))
        if text_of(info, "mime") not in _TYPES or address.split("/")[2:3] != [self._media_host] or not is_open(rights):
            return None
        name = text_of(page, "title").removeprefix("File:").rsplit(".", 1)[0].replace("_", " ")
        fields = meta if isinstance(meta, dict) else {}
        description = clean_line(_value(fields, "ImageDescription"))
        assert rights is not None
        return FoundPicture(
            vendor=self.name,
            id=text_of(page, "title"),
            title=clean_line(_value(fields, "ObjectName")) or clean_line(name),
            description=description[:600],
            tags=tuple(clean_line(_value(fields, "Categories")).split("|")[:20]),
            url=address,
            width=int(number_of(info, "thumbwidth") or number_of(info, "width")),
            height=int(number_of(info, "thumbheight") or number_of(info, "height")),
            rights=rights,
        )


def _value(meta: dict[str, Any], key: str) -> str:
    entry = meta.get(key)
    value = entry.get("value") if isinstance(entry, dict) else None
    return str(value) if isinstance(value, str | int) else ""


def _rights(meta: dict[str, Any], page_url: str) -> Rights | None:
    """Read the file's own licence fields; a file with restrictions (personality, trademark) is not used."""
    if _value(meta, "Restrictions").strip() or _value(meta, "NonFree").strip().lower() == "true":
        return None
    credit = clean_line(_value(meta, "Attribution")) or clean_line(_value(meta, "Artist")) or clean_line(_value(meta, "Credit"))
    statement = f"{_value(meta, 'LicenseUrl')} {clean_line(_value(meta, 'LicenseShortName'))} {clean_line(_value(meta, 'UsageTerms'))}"
    rights = read_licence(statement, f"{credit[:200] or 'Wikimedia Commons'} / Wikimedia Commons", page_url)
    if rights is not None and not rights.licence_url and _value(meta, "LicenseUrl"):
        return rights.model_copy(update={"licence_url": _value(meta, "LicenseUrl")[:300]})
    return rights
