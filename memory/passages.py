"""Cutting a document into citable passages: one English sentence each."""

import re

from memory.artifacts import Passage, SourceDocument

_TITLES = "mr mrs ms messrs mme mlle dr prof rev fr sr jr hon gen col maj capt cmdr lt sgt cpl pvt adm brig gov sen rep pres supt insp det st sts mt ft"
_MID = (
    "vs v cf al approx est ca c e.g i.e viz resp incl excl fig figs eq eqs ref refs sec ch no nos vol vols pp p ed eds trans art arts op sp spp var subsp ssp"
)
_MONTHS = "jan feb mar apr jun jul aug sept sep oct nov dec"
_PLACES = "u.s u.k u.n e.u d.c a.d b.c b.c.e c.e ph.d m.d b.a m.a u.s.a u.s.s.r"
_COMPANY = "inc ltd co corp bros dept univ assn assoc ave blvd rd etc"
_UNITS = "in lb lbs oz sq cu hr hrs min mins km cm mm kg mph"

# A full stop after these never ends a sentence, whatever follows.
_NEVER_ENDS = frozenset(f"{_TITLES} {_MID}".split())
# A full stop after these ends a sentence only before a word that commonly starts one.
_MAY_END = frozenset(f"{_MONTHS} {_PLACES} {_COMPANY} {_UNITS} a.m p.m".split())

_OPENERS = """
a an the this that these those it its he she they we i you his her their our my there here in on at by for from to with as when while where
after before  since until if although though because but and so yet or nor however moreover meanwhile instead then today now many some most
several all both each every  another other one two three no not what who why how which despite during between among according over under
about once only also even still such
"""
_STARTERS = frozenset(_OPENERS.split())
_COUNTED = "no nos vol vols p pp fig figs eq eqs sec ch art arts ref refs"
_NUMBERED = frozenset(_COUNTED.split())
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?:\[\d+\])*(?=\s|$)")
_WORD_BEFORE = re.compile(r"([^\s(\[\"“‘']+)$")
_NEXT = re.compile(r"\s*([\"“‘'(\[]*)([^\s]*)")
_SPACE = re.compile(r"\s+")
_INITIAL = re.compile(r"^(?:[A-Z]\.)*[A-Z]$")
_INITIAL_WORD = re.compile(r"^[A-Z]\.")
_HEADING = re.compile(r"^(?:#{1,6}\s+.*|=+\s*[^=]+\s*=+)$")
_LIST_MARK = re.compile(r"^(?:[-*•]\s+|\d{1,2}[.)]\s+)")
_TERMINAL = re.compile(r"[.!?…][\"'”’)\]]*(?:\[\d+\])*$")
_REFERENCE_MARK = re.compile(r"(?<=[.,;!?\"”’)a-z])\[\d{1,3}\]")

_MIN_WORDS = 4
_MAX_CHARS = 700
_LONGEST_ASIDE = 300


def split_passages(document: SourceDocument) -> tuple[Passage, ...]:
    """Return the document's sentences as passages with ids `<document_id>#<n>`, n from 1 in reading order.

    Headings, list fragments shorter than four words and repeated sentences are left out; the words are the document's own, with
    white space made single and numbered reference marks such as `[12]` removed. The same document gives the same ids every time.
    """
    passages: list[Passage] = []
    seen: set[str] = set()
    for sentence in document_sentences(document.text):
        key = sentence.casefold()
        if key in seen:
            continue
        seen.add(key)
        passages.append(
            Passage(
                id=f"{document.id}#{len(passages) + 1}",
                document_id=document.id,
                text=sentence,
                title=document.title,
                publisher=document.publisher,
                published=document.published,
                url=document.url,
                rights=document.rights,
            )
        )
    return tuple(passages)


def document_sentences(text: str) -> tuple[str, ...]:
    """Return the complete sentences of a text whose paragraphs are separated by blank lines."""
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        for block in _blocks(paragraph):
            found.extend(sentence for sentence in split_sentences(block) if _is_citable(sentence))
    return tuple(found)


def split_sentences(paragraph: str) -> tuple[str, ...]:
    """Split one paragraph of English prose into sentences.

    A rule-based splitter: a candidate end (`.`, `!`, `?`, `…` with closing quotes) is refused after titles, initials, abbreviations,
    inside numbers, and before a lower-case word. Quoted sentences stay whole with the words that report them.
    """
    text = _SPACE.sub(" ", _REFERENCE_MARK.sub("", paragraph)).strip()
    sentences: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if end.end() < len(text) and not _ends_here(text, start, end):
            continue
        sentence = text[start : end.end()].strip()
        if sentence:
            sentences.append(sentence)
        start = end.end()
    rest = text[start:].strip()
    return (*sentences, rest) if rest else tuple(sentences)


def _ends_here(text: str, start: int, end: re.Match[str]) -> bool:
    following = _NEXT.match(text, end.end())
    opening, word = (following.group(1), following.group(2)) if following else ("", "")
    if not word:
        return True
    mark = end.group()
    if word[0].islower() or (word[0] in "-–—,;:" and not opening):
        return False
    if _closes_inside(text, start, end):
        return False
    if mark[0] != "." or mark.startswith("..."):
        return True
    return _stop_ends(text[start : end.start()], opening, word, quoted=len(mark) > 1)


def _stop_ends(before: str, opening: str, word: str, quoted: bool) -> bool:
    """Decide for a single full stop: `before` is the sentence so far, `word` the first word after it."""
    match = _WORD_BEFORE.search(before)
    last = match.group(1) if match else ""
    lowered = last.lower().rstrip(",")
    if quoted and last:
        return True
    if _INITIAL.match(last) and last != "I":
        return _starts_sentence(opening, word) and len(before.split()) > 1
    if lowered in _NUMBERED:
        return not word[0].isdigit() and lowered == "no" and _starts_sentence(opening, word) and len(before.split()) == 1
    if lowered in _NEVER_ENDS:
        return False
    if lowered in _MAY_END:
        return _starts_sentence(opening, word)
    return not (last.isdigit() and len(before.split()) == 1)


def _starts_sentence(opening: str, word: str) -> bool:
    bare = re.sub(r"[^A-Za-z']", "", word)
    return bool(opening) or (bare.lower() in _STARTERS and bare[:1].isupper() and not _INITIAL_WORD.match(word))


def _closes_inside(text: str, start: int, end: re.Match[str]) -> bool:
    """Say whether a bracket or quotation opened in this sentence is still open behind the mark, so the sentence goes on."""
    so_far = text[start : end.end()]
    if so_far.count("(") > so_far.count(")"):
        return 0 <= text.find(")", end.end()) - end.end() <= _LONGEST_ASIDE
    if so_far.count("“") > so_far.count("”"):
        return 0 <= text.find("”", end.end()) - end.end() <= _LONGEST_ASIDE
    if so_far.count('"') % 2:
        return 0 <= text.find('"', end.end()) - end.end() <= _LONGEST_ASIDE
    return False


def _blocks(paragraph: str) -> tuple[str, ...]:
    """Cut a paragraph at headings and list items; hard-wrapped lines of prose stay together."""
    blocks: list[list[str]] = [[]]
    for raw in paragraph.splitlines():
        line = raw.strip()
        if not line or _HEADING.match(line):
            blocks.append([])
        elif _LIST_MARK.match(line):
            blocks.append([_LIST_MARK.sub("", line)])
        else:
            blocks[-1].append(line)
    return tuple(" ".join(lines) for lines in blocks if lines)


def _is_citable(sentence: str) -> bool:
    words = sentence.split()
    return (
        len(words) >= _MIN_WORDS
        and len(sentence) <= _MAX_CHARS
        and _TERMINAL.search(sentence) is not None
        and any(character.isalpha() for character in sentence)
    )
