"""How much of a question's words a text shares: a plain measure that needs no model."""

import re
from collections import Counter
from functools import cache

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?", re.IGNORECASE)
_STOP = """
a an the and or but nor of in on at by for from to with without as is are was were be been being it its this that these those he she they we you i his
her their our your my who whom whose which what when where why how not no so if then than too very can could may might must shall should will would do
does did done have has had having about above after again all also am any because before below between both down during each few further here into
just more most off once only other out over own same some such there through under until up upon while new news says said say one two get gets got
make makes made like many much now first last year years day days today time via per vs us
"""
_STOPWORDS = frozenset(_STOP.split())


def content_terms(text: str) -> tuple[str, ...]:
    """Return the distinct stems of the words that carry meaning, in order of appearance; words of one letter are left out unless numbers."""
    found = (stem(word) for word in _WORD.findall(text) if word.lower() not in _STOPWORDS and (len(word) > 1 or word.isdigit()))
    return tuple(dict.fromkeys(found))


@cache
def stem(word: str) -> str:
    """Return a crude English stem: enough to let plurals, tenses and their bases meet."""
    low = word.lower().removesuffix("'s")
    for ending, least in (("ies", 4), ("ing", 5), ("ed", 5), ("es", 5), ("s", 4), ("ly", 6)):
        if low.endswith(ending) and len(low) - len(ending) >= least - 2 and not low.endswith("ss"):
            base = low[: -len(ending)] + ("y" if ending == "ies" else "")
            return base[:-1] if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz" else base.removesuffix("e")
    return low.removesuffix("e") if len(low) > 4 else low


def share_of(terms: tuple[str, ...], text: str) -> float:
    """Return the share (0..1) of `terms` that occur in `text`."""
    if not terms:
        return 0.0
    there = set(content_terms(text))
    return sum(term in there for term in terms) / len(terms)


def relevance(terms: tuple[str, ...], title: str, text: str, lead_chars: int = 1200) -> float:
    """Return 0..1: how much of a question (its `terms`) a document answers.

    Weighted share of the terms in the title (0.35), the opening (0.35) and the whole text (0.2), and how often they come (0.1, saturating at
    ten times in a thousand words): the field weights of common full-text ranking, without collection statistics, which one document does not have.
    """
    if not terms:
        return 0.0
    words = [stem(word) for word in _WORD.findall(text[:60_000])]
    counts = Counter(words)
    rate = 1000 * sum(counts[term] for term in terms) / max(200, len(words))
    return round(
        0.35 * share_of(terms, title)
        + 0.35 * share_of(terms, text[:lead_chars])
        + 0.2 * (sum(term in counts for term in terms) / len(terms))
        + 0.1 * min(1.0, rate / 10),
        4,
    )
