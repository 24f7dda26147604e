"""Whether wording was taken over from a source that only lends its facts: runs of equal words, by an n-gram index."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from memory.artifacts import Script, SourceDocument

MAX_RUN_WORDS = 8
MAX_QUOTE_WORDS = 25
_QUOTED = re.compile(r"[“\"]([^“”\"]+)[”\"]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


@dataclass(frozen=True)
class Takeover:
    """A run of words equal to a source that is not quotable, or a quotation that is too long."""

    document_id: str
    words: str
    reason: str


def check_takeover(script: Script, documents: Sequence[SourceDocument]) -> tuple[Takeover, ...]:
    """Return every run of more than eight words that equals a non-quotable document outside a quotation of at most 25 words.

    Runs are followed across sentence ends. Quotations longer than 25 words are reported whichever source they come from
    unless the source is quotable.
    """
    closed = [document for document in documents if not document.rights.quotable]
    if not closed:
        return ()
    text = " ".join(sentence.text for sentence in script.sentences)
    found = [
        Takeover("", quote, f"a quotation of {_count(quote)} words, more than {MAX_QUOTE_WORDS}")
        for quote in _QUOTED.findall(text)
        if _count(quote) > MAX_QUOTE_WORDS
    ]
    bare = _QUOTED.sub(lambda match: " \x00 " if _count(match.group(1)) <= MAX_QUOTE_WORDS else match.group(1), text)
    for document in closed:
        index = set(_runs(_words(document.text)))
        for piece in bare.split("\x00"):
            hit = next((run for run in _runs(_words(piece)) if run in index), None)
            if hit:
                found.append(Takeover(document.id, " ".join(hit), f"more than {MAX_RUN_WORDS} words in a row equal the source"))
    return tuple(found)


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def _count(text: str) -> int:
    return len(_words(text))


def _runs(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    size = MAX_RUN_WORDS + 1
    return (tuple(words[at : at + size]) for at in range(len(words) - size + 1))
