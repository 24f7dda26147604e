"""Outside text made plain: no markup, no hidden parts, no invisible characters."""

import re
import unicodedata

import lxml.etree
import lxml.html

_DROPPED_TAGS = """
script style noscript template iframe object embed svg canvas form button select option nav input textarea head title meta link audio video math
"""
_DROPPED = frozenset(_DROPPED_TAGS.split())
_BLOCKS_TAGS = """
p div section article main aside header footer figure figcaption blockquote pre ul ol li dl dt dd table tr h1 h2 h3 h4 h5 h6 hr address details
summary body
"""
_BLOCKS = frozenset(_BLOCKS_TAGS.split())
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?(?![.\d])|font-size\s*:\s*0(?![.\d])|text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{3,}"
    r"|clip\s*:\s*rect\(\s*0",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\n[ \n]*\n")
_MARKUP = re.compile(r"<[a-zA-Z!/]|&[a-zA-Z#]")
_MAX_MARKUP = 5_000_000


def clean_text(text: str) -> str:
    """Return `text` in Unicode form NFC without control, zero-width, bidirectional and tag characters; paragraphs stay apart by a blank line.

    Unicode category Cf covers zero-width, bidi and tag characters (UTS 39 calls them out for spoofing): they carry nothing a viewer sees or hears.
    """
    kept = "".join(character for character in text.replace("\r\n", "\n").replace("\r", "\n") if unicodedata.category(character) not in {"Cf", "Co", "Cn", "Cs"})
    composed = unicodedata.normalize("NFC", _CONTROL.sub(" ", kept))
    lines = (_SPACES.sub(" ", line).strip() for line in composed.split("\n"))
    return _BREAKS.sub("\n\n", "\n".join(lines)).strip()


def clean_line(text: str) -> str:
    """Return a title or name on one line, cleaned, markup removed."""
    plain = html_to_text(text) if _MARKUP.search(text) else text
    return " ".join(clean_text(plain).split())


def html_to_text(markup: str) -> str:
    """Return what a reader would see of an HTML fragment: paragraphs apart by a blank line, hidden elements and comments left out."""
    root = parse_html(markup)
    if root is None:
        return ""
    remove_hidden(root)
    pieces: list[str] = []
    _collect(root, pieces)
    blocks = "".join(pieces).split("\x00")
    return clean_text("\n\n".join(" ".join(block.split()) for block in blocks if block.strip()))


def parse_html(markup: str) -> lxml.html.HtmlElement | None:
    """Return the parsed element, or None when there is none to parse."""
    text = _CONTROL.sub(" ", markup[:_MAX_MARKUP])
    if not text.strip():
        return None
    parser = lxml.html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        found = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.ParserError, ValueError):
        return None
    return found if isinstance(found, lxml.html.HtmlElement) else None


def remove_hidden(root: lxml.html.HtmlElement) -> int:
    """Remove elements a reader would not see (and their text) in place; return how many."""
    hidden = [element for element in root.iter() if isinstance(element.tag, str) and _is_hidden(element)]
    for element in hidden:
        if element.getparent() is not None:
            element.drop_tree()
    return len(hidden)


def _is_hidden(element: lxml.html.HtmlElement) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden", "").strip().lower() == "true"
        or _HIDING.search(element.get("style", "")) is not None
        or element.tag in _DROPPED
    )


def _collect(root: lxml.html.HtmlElement, pieces: list[str]) -> None:
    """Append text and block marks in document order, without recursion: hostile pages nest deeply."""
    todo: list[tuple[str, object]] = [("element", root)]
    while todo:
        kind, item = todo.pop()
        if kind == "text":
            pieces.append(str(item))
            continue
        element = item
        if not isinstance(element, lxml.html.HtmlElement) or not isinstance(element.tag, str):
            continue
        mark = "\x00" if element.tag in _BLOCKS else ("\x00" if element.tag == "br" else "")
        later: list[tuple[str, object]] = [("text", mark + (element.text or ""))]
        for child in element:
            later.append(("element", child))
            later.append(("text", child.tail or ""))
        later.append(("text", mark))
        todo.extend(reversed(later))
