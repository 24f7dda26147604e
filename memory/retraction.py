"""Noticing that a work was taken back: by its own notice, by another document that retracts it, or by a list of known cases."""

import re
from functools import cache
from pathlib import Path

from memory.artifacts import SourceDocument

KNOWN = Path(__file__).with_name("retracted_works.txt")

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+", re.IGNORECASE)
_TITLE = re.compile(r"^\W*(?:retracted(?:\s+article)?|withdrawn(?:\s+article)?|\[retracted\])\s*[:\]\-–—]", re.IGNORECASE)
_NOTICE_TITLE = re.compile(
    r"^\W*(?:retraction(?:\s+(?:notice|note))?|notice of retraction|statement of retraction|withdrawal notice)\b\s*(?:to|of|for)?\s*[:\-–—]?\s*(.*)$",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"\b(?:this|the)\s+(?:article|paper|study|work|publication)\s+(?:has\s+been|was|is)\s+(?:\w+\s+)?(?:retracted|withdrawn)\b"
    r"|\b(?:authors|editors|journal|publisher)\b[^.]{0,60}\b(?:retracts?|retracted|wish(?:es)? to retract)\s+(?:this|the)\s+(?:article|paper|study|work)\b",
    re.IGNORECASE,
)
_LEAD_CHARS = 1_500


def doi_of(document: SourceDocument) -> str:
    """Return the document's DOI in lower case, from its address, or nothing."""
    match = _DOI.search(document.url)
    return match.group().rstrip(".,;)").lower() if match else ""


def says_retracted(title: str, text: str) -> bool:
    """Say whether a work's own title or opening announces that it was retracted; a retraction notice about another work does not count."""
    if _NOTICE_TITLE.match(title):
        return False
    return bool(_TITLE.match(title) or _NOTICE.search(text[:_LEAD_CHARS]))


def retracted_work(title: str) -> str | None:
    """Return the title of the work that a retraction notice of this title takes back, or None when it is no such notice."""
    match = _NOTICE_TITLE.match(title)
    return match.group(1).strip(" \"'“”‘’:.") if match else None


def mark_retractions(documents: tuple[SourceDocument, ...]) -> tuple[SourceDocument, ...]:
    """Return the documents with `retracted` set on every work taken back and `retracts` on every notice, in the same order.

    A work counts as retracted when it says so itself, when one of the documents retracts it (by id, address, DOI or title), or when its DOI is on
    the shipped list of known retractions. Nothing is ever un-marked.
    """
    noted = tuple(_with_targets(document) for document in documents)
    targets = {_key(target) for document in noted for target in document.retracts}
    return tuple(
        document.model_copy(update={"retracted": True}) if not document.retracted and not document.retracts and _is_retracted(document, targets) else document
        for document in noted
    )


def _with_targets(document: SourceDocument) -> SourceDocument:
    title = retracted_work(document.title)
    if title is None or document.retracts:
        return document
    targets = tuple(dict.fromkeys([*([title] if title else []), *(doi.rstrip(".,;)").lower() for doi in _DOI.findall(document.text[:_LEAD_CHARS]))]))
    return document.model_copy(update={"retracts": targets})


def _is_retracted(document: SourceDocument, targets: set[str]) -> bool:
    doi = doi_of(document)
    names = {_key(document.id), _key(document.url), _key(document.title), doi}
    return bool((names - {""}) & targets) or doi in known_retractions() or says_retracted(document.title, document.text)


def _key(name: str) -> str:
    return re.sub(r"\W+", " ", name).strip().lower() if not _DOI.fullmatch(name) else name.lower()


@cache
def known_retractions() -> frozenset[str]:
    """Return the DOIs of the shipped list: well-known retracted works, each with the year of its retraction."""
    lines = (line.split("#", 1)[0].split() for line in KNOWN.read_text("utf-8").splitlines())
    return frozenset(words[0].lower() for words in lines if words)
