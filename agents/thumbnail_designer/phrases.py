"""Short phrases cut from sentences without changing what they say."""

import re

_WEAK_ENDINGS = """a an and as at but by for from in is it its of on or our so than that the their this to was were which while with are be
has have had into over"""
_WEAK_END = frozenset(_WEAK_ENDINGS.split())
_BREAK = re.compile(r"(?<=\w)(?:[,;:—–] | – )")


def headline(text: str, most: int) -> str:
    """Return a headline of at most `most` words: the sentence, its first clause, or its beginning up to a strong word."""
    bare = re.sub(r"[“”\"]", "", " ".join(text.split())).rstrip(".!:;, ")
    words = bare.split()
    if len(words) <= most:
        return bare if not words or words[-1].lower() not in _WEAK_END else clipped(bare, len(words) - 1)
    clause = next((piece for piece in _BREAK.split(bare) if 3 <= len(piece.split()) <= most), None)
    if clause is not None and bare.startswith(clause):
        return clause.strip(" ,;:")
    kept = words[:most]
    while len(kept) > 3 and kept[-1].lower().strip(",;:") in _WEAK_END:
        kept.pop()
    return " ".join(kept).rstrip(",;:—– ")


def clipped(text: str, words: int) -> str:
    """Return at most `words` words, not ending on a weak word."""
    kept = " ".join(text.split()).rstrip(" ,;:.").split()
    if len(kept) <= words:
        return " ".join(kept)
    kept = kept[:words]
    while len(kept) > 1 and kept[-1].lower() in _WEAK_END:
        kept.pop()
    return " ".join(kept).rstrip(",;:")


def compact(text: str) -> str:
    """Return the phrase with a capital first letter."""
    return text[:1].upper() + text[1:]
