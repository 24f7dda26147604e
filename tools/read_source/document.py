"""From what a source states of itself to a source document: title, date, licence, language, retraction."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from infra.ids import content_digest
from memory.artifacts import Provenance, SourceDocument
from memory.retraction import says_retracted
from memory.rights import Rights
from tools.licence_text import read_licence
from tools.plain_text import clean_line
from tools.publisher_rights import rights_of_host
from tools.read_source.formats import Parsed, SourceUnreadable
from tools.read_source.language import language_of

MIN_WORDS = 20
MAX_CHARS = 600_000

_DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})")
_RETRACTED = re.compile(r"\bretracted\b|\bwithdrawn\b", re.IGNORECASE)
_NOT_RETRACTED = frozenset({"", "false", "no", "0", "none"})
_ID = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Origin:
    """Where a source came from: its display `name`, its `url` when fetched, the rights the user declared, and the time of reading."""

    name: str
    url: str
    declared: Rights | None
    category: str
    provenance: Provenance
    retrieved: datetime


def make_document(parsed: Parsed, origin: Origin) -> tuple[SourceDocument, tuple[str, ...]]:
    """Return the document and notes on what was decided about it; raises `SourceUnreadable` when it holds too little text."""
    words = len(parsed.text.split())
    if words < MIN_WORDS:
        raise SourceUnreadable(f"{origin.name}: {words} words of text were found, at least {MIN_WORDS} are needed")
    stated = parsed.stated
    url = stated.get("url", "") if stated.get("url", "").startswith(("http://", "https://")) else origin.url
    title, text = _title(parsed, origin.name)
    publisher = stated.get("publisher") or _host(url) or "own document"
    author = stated.get("author", "")
    rights, notes = _rights(stated, origin, url, ", ".join(part for part in (author, publisher) if part and part != "own document"))
    retracted = _is_retracted(stated, title, text)
    document = SourceDocument(
        id=_ID.sub("-", stated.get("id", "")).strip("-")[:80] or f"own-{content_digest(parsed.text.encode())[:12]}",
        title=title,
        text=text[:MAX_CHARS],
        url=url,
        publisher=publisher,
        author=author,
        published=_day(stated.get("published", "")),
        retrieved=origin.retrieved,
        language=language_of(text),
        category=origin.category or stated.get("category", ""),
        rights=rights,
        provenance=origin.provenance,
        retracted=retracted,
    )
    return document, (*notes, *(("the source is marked as retracted",) if retracted else ()))


def _title(parsed: Parsed, name: str) -> tuple[str, str]:
    """Return the title and the text without it: stated, or a first line that reads like a heading, or the name of the file."""
    first, _, rest = parsed.text.partition("\n\n")
    stated = parsed.stated.get("title", "")
    if stated:
        return stated[:300], rest if clean_line(first).casefold() == stated.casefold() and rest else parsed.text
    if rest and len(first) <= 120 and not first.rstrip().endswith((".", "!", ",", ";", ":")):
        return clean_line(first), rest
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return clean_line(stem.replace("_", " ").replace("-", " ")) or "Untitled", parsed.text


def _rights(stated: Mapping[str, str], origin: Origin, url: str, credit: str) -> tuple[Rights, tuple[str, ...]]:
    """Decide the licence: what the source states, else what the user declares, else OWN for a user's file and signal-only for a page."""
    statement = " ".join(part for part in (stated.get("license", ""), stated.get("license_url", ""), stated.get("license_name", "")) if part)
    read = read_licence(statement, credit, url) if statement else None
    if read is not None:
        conflict = origin.declared is not None and origin.declared.licence != read.licence
        return read, (f"the source states {read.licence_name or read.licence}; that stands over the declared licence",) if conflict else ()
    if origin.declared is not None:
        return origin.declared.model_copy(update={"credit": origin.declared.credit or credit, "source_url": origin.declared.source_url or url}), ()
    if not origin.url:
        unclear = (f"its licence statement {statement[:80]!r} is not a known licence",) if statement else ()
        return Rights(licence="SIGNAL-ONLY" if statement else "OWN", credit=credit, source_url=url), unclear
    known = rights_of_host(origin.url, credit)
    if known is not None:
        return known, (f"the page states no licence; the publisher's terms are known: {known.licence_url}",)
    return Rights(licence="SIGNAL-ONLY", credit=credit, source_url=url), ("the page states no open licence: only facts may be used",)


def _is_retracted(stated: Mapping[str, str], title: str, text: str) -> bool:
    flagged = stated.get("retracted", "").lower() not in _NOT_RETRACTED
    noted = any(_RETRACTED.search(stated.get(key, "")) for key in ("note", "notes", "status", "retraction", "notice"))
    return flagged or noted or says_retracted(title, text)


def _day(text: str) -> date | None:
    match = _DATE.search(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _host(url: str) -> str:
    return url.split("/")[2].removeprefix("www.") if url.count("/") >= 2 else ""
