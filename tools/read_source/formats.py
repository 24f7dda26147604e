"""Readers of text formats: each turns bytes into what the source says of itself."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import charset_normalizer
import trafilatura
import yaml
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from infra.errors import Invalid
from tools.plain_text import clean_line, clean_text, html_to_text, parse_html, remove_hidden

_FRONT_MATTER = re.compile(r"\A\ufeff?(---|\+\+\+)[ \t]*\r?\n(.*?)\r?\n\1[ \t]*\r?\n", re.DOTALL)
_STATED = re.compile(r"^\W*(licen[cs]e|rights|copyright|title|author|by|date|published|publisher|source|url)\s*:\s*(\S.*?)\s*$", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?(?:\s+[\"'][^)]*)?\)")
_SAME: dict[str, str] = {
    "licence": "license",
    "rights": "license",
    "copyright": "license",
    "by": "author",
    "authors": "author",
    "date": "published",
    "site": "publisher",
    "source": "url",
    "link": "url",
    "keywords": "tags",
}
_LATIN = ("cp1250", "cp1252", "cp1254", "cp1257", "latin", "iso8859_1", "iso8859_2", "iso8859_3", "iso8859_9", "mac_", "cp437", "cp85", "hp_roman")
_MAX_FRONT_MATTER = 20_000
_HEAD_LINES = 12


class SourceUnreadable(Invalid):
    """The file is not text that can be read, or not of the type its name says."""

    code = "source_unreadable"


@dataclass(frozen=True)
class Parsed:
    """Text (paragraphs apart by a blank line) and what the source states of itself, all plain strings; `pictures` are (path, caption)."""

    text: str
    stated: Mapping[str, str]
    pictures: tuple[tuple[str, str], ...] = ()


def decode(data: bytes, name: str) -> str:
    """Return the text of `data`; raises `SourceUnreadable` for binary content, naming the file."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data[:8192] or len(_CONTROL.findall(data[:8192])) > len(data[:8192]) // 50:
        raise SourceUnreadable(f"{name}: it holds binary data, not text; give HTML, PDF, Markdown, text or JSON")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = charset_normalizer.from_bytes(data[:200_000]).best()
        guess = best.encoding if best else "cp1252"
        # Short texts leave the Western and Central European code pages too close to call: the Western one is by far the most used.
        return data.decode("cp1252" if guess.startswith(_LATIN) else guess, errors="replace")


def read_text(text: str) -> Parsed:
    """Read plain text; `License:`, `Author:` and the like in the first or last lines are statements, not prose."""
    lines = clean_text(text).split("\n")
    stated: dict[str, str] = {}
    kept: list[str] = []
    for number, line in enumerate(lines):
        match = _STATED.match(line) if number < _HEAD_LINES or number >= len(lines) - _HEAD_LINES // 2 else None
        if match:
            key = match.group(1).lower()
            stated.setdefault(_SAME.get(key, key), match.group(2))
        else:
            kept.append(line)
    paragraphs = re.split(r"\n\s*\n", "\n".join(kept))
    return Parsed("\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs if paragraph.strip()), stated)


def read_markdown(text: str) -> Parsed:
    """Read Markdown with optional YAML (`---`) or TOML (`+++`) front matter; raw HTML in it is treated like a page's."""
    front = _FRONT_MATTER.match(text)
    stated = _front_matter(front.group(1), front.group(2)) if front else {}
    body = text[front.end() :] if front else text
    pictures = tuple((path, clean_line(caption)) for caption, path in _PICTURE.findall(body))
    markup = MarkdownIt("commonmark", {"html": True}).enable("table").render(_PICTURE.sub("", body))
    root = parse_html(markup)
    heading = root.find(".//h1") if root is not None else None
    if heading is not None:
        stated.setdefault("title", clean_line(heading.text_content()))
        heading.drop_tree()
    plain = html_to_text(lxml_html.tostring(root, encoding="unicode")) if root is not None else ""
    return Parsed(plain, stated, pictures)


def _front_matter(fence: str, block: str) -> dict[str, str]:
    try:
        loaded = (_yaml(block) if fence == "---" else tomllib.loads(block)) if len(block) <= _MAX_FRONT_MATTER else None
    except (yaml.YAMLError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceUnreadable(f"front matter: it cannot be read ({str(error)[:200]}); mend it or remove it") from error
    return statements(loaded) if isinstance(loaded, dict) else {}


def _yaml(block: str) -> object:
    # Nine lines that each name the one before nine times stand for a text that fills every memory.
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, Loader=yaml.SafeLoader)):
        raise SourceUnreadable("front matter: it repeats parts of itself by name (`*name`); write them out")
    return yaml.safe_load(block)


def statements(found: Mapping[Any, Any]) -> dict[str, str]:
    """Return the plain statements of a mapping with one name for each thing (`licence`, `rights` -> `license`)."""
    stated: dict[str, str] = {}
    # A field of the very name wins over one that only means the same.
    for key, value in sorted(found.items(), key=lambda item: str(item[0]).lower() in _SAME):
        name = str(key).strip().lower().replace("-", "_")
        text = ", ".join(str(part) for part in value) if isinstance(value, list) else "" if isinstance(value, dict) or value is None else str(value)
        if text.strip():
            stated.setdefault(_SAME.get(name, name), clean_line(text)[:2000])
    return stated


def read_html(text: str, url: str = "") -> Parsed:
    """Read the main article of a page by trafilatura, after hidden elements are gone; a page with no article gives all it shows."""
    root = parse_html(text)
    if root is None:
        return Parsed("", {})
    stated = _page_statements(root)
    head = root.find(".//title")
    title = clean_line(head.text_content()) if head is not None else ""
    found = trafilatura.extract_metadata(text, default_url=url or None)
    remove_hidden(root)
    visible = lxml_html.tostring(root, encoding="unicode")
    article = trafilatura.extract(visible, url=url or None, include_comments=False, include_tables=False, favor_recall=True) or ""
    body = "\n\n".join(line for line in clean_text(article).split("\n") if line.strip())
    if len(body.split()) < 20:
        body = html_to_text(visible)
    if found is not None:
        known = {"title": found.title, "author": found.author, "published": found.date, "publisher": found.sitename, "license": found.license, "url": found.url}
        stated = {**statements({key: value for key, value in known.items() if value}), **stated}
    stated.setdefault("title", title)
    return Parsed(body, {key: value for key, value in stated.items() if value})


def _page_statements(root: lxml_html.HtmlElement) -> dict[str, str]:
    """Read rel=license links and Dublin Core, which trafilatura may miss."""
    stated: dict[str, str] = {}
    for link in root.xpath("//link[@rel='license']/@href | //a[contains(concat(' ', @rel, ' '), ' license ')]/@href"):
        stated.setdefault("license", clean_line(str(link)))
    names = {
        "dc.rights": "license",
        "dcterms.rights": "license",
        "dcterms.license": "license",
        "rights": "license",
        "citation_doi": "doi",
        "citation_journal_title": "publisher",
    }
    for meta in root.iter("meta"):
        key = names.get((meta.get("name") or meta.get("property") or "").lower())
        if key and meta.get("content"):
            stated.setdefault(key, clean_line(meta.get("content", "")))
    return stated


def read_json(text: str, name: str) -> tuple[Parsed, ...]:
    """Read one article object, a list of them, or one object a line: each with `text` (or `body`, `content`) and optional statements."""
    try:
        loaded = json.loads(text)
    except RecursionError as error:
        raise SourceUnreadable(f"{name}: the JSON nests too deeply") from error
    except ValueError:
        loaded = _json_lines(text, name)
    entries = loaded if isinstance(loaded, list) else [loaded]
    found = [_article(entry) for entry in entries if isinstance(entry, dict)]
    parsed = tuple(article for article in found if article is not None)
    if not parsed:
        raise SourceUnreadable(f"{name}: no object with a field `text` (or `body`, `content`) was found in the JSON")
    return parsed


def _json_lines(text: str, name: str) -> list[Any]:
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise SourceUnreadable(f"{name}: it is not valid JSON ({str(error)[:120]})") from error


def _article(entry: dict[str, Any]) -> Parsed | None:
    body = next((entry[key] for key in ("text", "body", "content") if isinstance(entry.get(key), str) and entry[key].strip()), None)
    if body is None:
        return None
    plain = html_to_text(body) if re.search(r"<(?:p|div|br|h\d)\b", body[:5000], re.IGNORECASE) else clean_text(body)
    return Parsed(plain, statements({key: value for key, value in entry.items() if key not in {"text", "body", "content"}}))
