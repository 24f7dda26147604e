"""Reading PDF text with pypdf, page by page, within limits."""

import io
import logging
import re

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from tools.plain_text import clean_line, clean_text
from tools.read_source.formats import Parsed, SourceUnreadable

MAX_PAGES = 300
MAX_CHARS = 600_000

_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_PAGE_NUMBER = re.compile(r"^\s*(?:page\s+)?\d{1,4}(?:\s+of\s+\d{1,4})?\s*$", re.IGNORECASE)
_PDF_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


class SourceEncrypted(SourceUnreadable):
    """The PDF asks for a password."""

    code = "source_encrypted"


def read_pdf(data: bytes, name: str) -> Parsed:
    """Return the text of a PDF, hyphenated line ends joined and lines gathered into paragraphs.

    Raises `SourceEncrypted` when a password is needed, `SourceUnreadable` when it is damaged or holds no text (a scan).
    """
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceEncrypted(f"{name}: the PDF is encrypted; save a copy without its password")
        pages = [page.extract_text() for page in reader.pages[:MAX_PAGES]]
        stated = _stated(dict(reader.metadata or {}))
    except SourceUnreadable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError, OSError) as error:
        raise SourceUnreadable(f"{name}: the PDF is damaged ({type(error).__name__}: {str(error)[:120]})") from error
    text = "\n\n".join(_paragraphs(page) for page in pages)[:MAX_CHARS]
    if not text.strip():
        raise SourceUnreadable(f"{name}: the PDF holds no text; it may be a scan, which needs character recognition first")
    return Parsed(clean_text(text), stated)


def _paragraphs(page: str) -> str:
    """Join lines; a line that ends a sentence well short of the usual width ends its paragraph."""
    lines = [line.strip() for line in _HYPHEN.sub("", page).split("\n")]
    lines = [line for line in lines if not _PAGE_NUMBER.match(line) or not line]
    width = max((len(line) for line in lines), default=0)
    pieces: list[str] = []
    for line in lines:
        pieces.append(line)
        ends = line.endswith((".", "!", "?", ".”", '."')) and len(line) < 0.75 * width
        pieces.append("\n\n" if not line or ends else " ")
    return "".join(pieces)


def _stated(metadata: dict[str, object]) -> dict[str, str]:
    names = {"/Title": "title", "/Author": "author", "/Copyright": "license", "/Rights": "license", "/License": "license"}
    stated = {key: clean_line(str(metadata[field])) for field, key in names.items() if str(metadata.get(field) or "").strip()}
    made = _PDF_DATE.search(str(metadata.get("/CreationDate") or ""))
    if made:
        stated["published"] = "-".join(made.groups())
    return stated
