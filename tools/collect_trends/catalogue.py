"""The shipped catalogue of sources, and OPML import and export."""

import codecs
import html
import re
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from infra.errors import Invalid
from infra.ids import content_digest
from tools.collect_trends.schema import Source

CATALOGUE = Path(__file__).with_name("catalogue.toml")

_MAX_OPML_BYTES = 10_000_000
_OUTLINE = re.compile(r"<outline\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(xmlUrl|title|text|category)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SLUG = re.compile(r"[^a-z0-9]+")


class OpmlUnreadable(Invalid):
    """The file is not an OPML list of feeds."""

    code = "opml_unreadable"


@cache
def shipped_sources() -> tuple[Source, ...]:
    """Return the sources that come with the product, in file order."""
    entries = tomllib.loads(CATALOGUE.read_text("utf-8"))["source"]
    return tuple(Source.model_validate(entry) for entry in entries)


def import_opml(data: bytes, category: str = "imported") -> tuple[Source, ...]:
    """Return every feed of an OPML file as a signal-only source, first mention of a URL wins.

    `category` is used where the outline names none. The scan is lenient on purpose: it reads the `xmlUrl` attribute that follows
    each `<outline` and does not ask for well-formed XML, since most OPML files in circulation are not (raw `&`, `<` in
    attributes). Entities are never expanded beyond the five of XML and the named characters of HTML. Raises `OpmlUnreadable`.
    """
    if len(data) > _MAX_OPML_BYTES:
        raise OpmlUnreadable(f"opml: {len(data)} bytes, the limit is {_MAX_OPML_BYTES}")
    text = _decoded(data)
    if "<opml" not in text.lower() and "<outline" not in text.lower():
        raise OpmlUnreadable("opml: the file holds no outline; give an OPML export of a feed reader")
    found: dict[str, Source] = {}
    for outline in _OUTLINE.split(text)[1:]:
        attributes = {name.lower(): html.unescape(first or second).strip() for name, first, second in reversed(_ATTRIBUTE.findall(outline))}
        url = attributes.get("xmlurl", "")
        if url not in found and _scheme(url) in {"http", "https"}:
            name = " ".join((attributes.get("title") or attributes.get("text") or url).split())[:200]
            found[url] = Source(id=_source_id(name, url), name=name, url=url, category=attributes.get("category") or category)
    return tuple(found.values())


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme.lower()
    except ValueError:
        return ""


def export_opml(sources: tuple[Source, ...], title: str = "YTEMPIRE sources") -> bytes:
    """Return an OPML 2.0 file of the feeds among `sources`, grouped by category; importing it gives the same URLs."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">', f"  <head><title>{_quoted(title)}</title></head>", "  <body>"]
    feeds = [source for source in sources if source.kind in {"feed", "reddit", "gtrends"}]
    for category in dict.fromkeys(source.category for source in feeds):
        lines.append(f'    <outline text="{_quoted(category)}">')
        lines.extend(_outline(source) for source in feeds if source.category == category)
        lines.append("    </outline>")
    lines += ["  </body>", "</opml>", ""]
    return "\n".join(lines).encode()


def _outline(source: Source) -> str:
    name, category, url = _quoted(source.name), _quoted(source.category), _quoted(source.url)
    return f'      <outline type="rss" text="{name}" title="{name}" category="{category}" xmlUrl="{url}"/>'


def _decoded(data: bytes) -> str:
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    declared = _ENCODING.search(data[:200])
    name = declared.group(1).decode("ascii") if declared else "utf-8"
    try:
        return data.decode(name, errors="replace")
    except LookupError:
        return data.decode("utf-8", errors="replace")


def _source_id(name: str, url: str) -> str:
    slug = _SLUG.sub("-", name.lower()).strip("-")[:40].strip("-")
    return f"{slug or 'feed'}-{content_digest(url.encode())[:8]}"


def _quoted(text: str) -> str:
    return html.escape(text, quote=True)
