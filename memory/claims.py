"""What a sentence claims, for checking it against its source: quantities, names, polarity, quantifiers and directions."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_WORD = re.compile(r"\d+(?:st|nd|rd|th)s?\b|\d+(?:\.\d+)?(?:km|m|kg|cm|mm|mph|ft)\b|[$€£]?\d[\d,]*(?:\.\d+)?%?|[^\W\d_][\w'’-]*|\d\w*")
_ENGLISH: dict[str, Any] = tomllib.loads((files("memory") / "english.toml").read_text("utf-8"))
_ONES: dict[str, int] = {word: value for value, word in enumerate(_ENGLISH["ones"])}
_TENS: dict[str, int] = {word: (place + 2) * 10 for place, word in enumerate(_ENGLISH["tens"])}
_SCALES = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_FRACTIONS = {"half": 0.5, "quarter": 0.25, "dozen": 12.0, "double": 2.0, "doubled": 2.0, "twice": 2.0, "triple": 3.0, "tripled": 3.0}
_ORDINALS: dict[str, float] = {word: float(place + 1) for place, word in enumerate(_ENGLISH["ordinals"])}
_MONTHS: frozenset[str] = frozenset(_ENGLISH["months"])
# Months that are no other word: capitalised after a quotation mark they are still names.
_SPELT_OUT_MONTHS = _MONTHS - {"may", "march"}
_LINKING: frozenset[str] = frozenset(_ENGLISH["linking"])
_UNIT_NAMES: dict[str, str] = _ENGLISH["units"]
_OPPOSITES: tuple[tuple[str, str], ...] = tuple((pair.split(" / ")[0], pair.split(" / ")[1]) for pair in _ENGLISH["opposites"])
_BOUNDS: dict[str, str] = {words: sign for name, sign in (("more", ">"), ("less", "<")) for words in _ENGLISH["bounds"][name]}
NEGATIONS: frozenset[str] = frozenset(_ENGLISH["negations"])
HEDGES: frozenset[str] = frozenset(_ENGLISH["hedges"])
CERTAINTIES: frozenset[str] = frozenset(_ENGLISH["certainties"])
QUANTIFIERS: dict[str, str] = {word: kind for kind, words in _ENGLISH["quantifiers"].items() for word in words}


@dataclass(frozen=True)
class Quantity:
    """A number with what it counts. `unit` is the stem of the word it measures, `bound` is `>`, `<` or empty, `at` its token."""

    value: float
    unit: str
    bound: str
    at: int
    ordinal: bool = False

    @property
    def is_year(self) -> bool:
        """Whether it reads as a year."""
        return self.value == int(self.value) and 1000 <= self.value <= 2100 and not self.unit


def words_of(text: str) -> list[str]:
    """Return the words and numerals of `text` as written, in order."""
    prepared = re.sub(r"(\d)\s?[–-]\s?(\d)", r"\1 to \2", text.replace("’", "'"))
    prepared = re.sub(r"\b(mid|late|early|pre|post)-(?=\d)", r"\1 ", prepared, flags=re.IGNORECASE)
    return _WORD.findall(prepared.replace("n't", " not").replace("cannot", "can not"))


def root(word: str) -> str:
    """Return a comparable stem of one word (or its unit name)."""
    low = word.lower().removesuffix("'s").removesuffix("'")
    low = _UNIT_NAMES.get(low, low)
    for ending in ("ing", "ed", "es", "s", "ly"):
        if low.endswith(ending) and len(low) - len(ending) >= 3 and not low.endswith("ss"):
            low = low[: -len(ending)]
            break
    return low.rstrip("e") if len(low) > 3 else low


def meaningful(text: str) -> list[str]:
    """Return the stems of all words except bare grammar, in order; numerals are left to `quantities`."""
    return [root(word) for word in words_of(text) if word.lower() not in _LINKING and not word[0].isdigit() and word[0] not in "$€£"]


def quantities(text: str) -> list[Quantity]:
    """Return every quantity of `text`, in digits or words, with its unit and bound."""
    words = words_of(text)
    low = [word.lower() for word in words]
    found, at = [], 0
    while at < len(words):
        value, used, ordinal = _number(low, at)
        if used:
            found.append(Quantity(value, _unit(words, low, at, used), _bound(low, at), at, ordinal))
        at += max(1, used)
    return found


def _number(low: Sequence[str], at: int) -> tuple[float, int, bool]:
    value, used, ordinal = _simple(low, at)
    if not used:
        return 0.0, 0, False
    while at + used < len(low):
        word = low[at + used]
        if word in _SCALES:
            value *= _SCALES[word]
            used += 1
        elif word == "point" and at + used + 1 < len(low) and low[at + used + 1] in _ONES:
            value += _ONES[low[at + used + 1]] / 10
            used += 2
        elif word.endswith("-million") or word.endswith("-billion"):
            value *= _SCALES[word[-7:]]
            used += 1
        else:
            break
    return value, used, ordinal


def _simple(low: Sequence[str], at: int) -> tuple[float, int, bool]:
    word = low[at]
    digits = re.fullmatch(r"[$€£]?(\d[\d,]*(?:\.\d+)?)%?", word)
    if digits:
        return float(digits.group(1).replace(",", "")), 1, False
    ranked = re.fullmatch(r"(\d+)(st|nd|rd|th)s?", word)
    if ranked:
        return float(ranked.group(1)), 1, True
    measured = re.fullmatch(r"(\d+(?:\.\d+)?)(km|m|kg|cm|mm|k|c|f|ft|mph)", word)
    if measured:
        return float(measured.group(1)), 1, False
    if word in _ORDINALS and word not in {"second", "third"}:
        return _ORDINALS[word], 1, True
    head, _, tail = word.partition("-")
    if head in _TENS and (not tail or tail in _ONES):
        return float(_TENS[head] + _ONES.get(tail, 0)), 1, False
    if word in _ONES and word != "one":
        return float(_ONES[word]), 1, False
    if word in _FRACTIONS:
        return _FRACTIONS[word], 1, False
    follows = at + 1 < len(low) and low[at + 1] in _SCALES
    return (1.0, 1, False) if word in {"a", "one"} and follows else (0.0, 0, False)


def _unit(words: Sequence[str], low: Sequence[str], at: int, used: int) -> str:
    token = low[at]
    if "%" in token:
        return "percent"
    if token[0] in "$€£":
        return "dollar" if token[0] == "$" else token[0]
    glued = re.fullmatch(r"\d+(?:\.\d+)?(km|m|kg|cm|mm|k|c|f|ft|mph)", token)
    if glued:
        return root(glued.group(1))
    after = [word for word in low[at + used : at + used + 3] if word not in {"of", "the", "a", "to", "and", "or"}]
    if at and low[at - 1] in _MONTHS:
        return low[at - 1]
    year = token.isdigit() and len(token) == 4 and 1000 <= int(token) <= 2100
    if not after or low[at + used : at + used + 1] != after[:1] or (year and after[0] not in _UNIT_NAMES):
        return ""
    if after[0] in _LINKING or words[at + used][0].isdigit():
        return ""
    return root(after[0])


def _bound(low: Sequence[str], at: int) -> str:
    two = " ".join(low[max(0, at - 2) : at])
    return _BOUNDS.get(two) or _BOUNDS.get(low[at - 1] if at else "", "")


def names(text: str) -> list[str]:
    """Return the words of proper names in order: capitalised words that do not merely open the sentence."""
    words = words_of(text)
    found = []
    for at, word in enumerate(words):
        if not word[0].isupper() or word.lower() in _LINKING or word == "I":
            continue
        opens = at == 0 or bool(re.search(rf"[.!?:“\"]\s*[“\"]?{re.escape(word)}\b", text.replace("’", "'"))) and not any(ch.isupper() for ch in word[1:])
        if not opens or word.lower() in _SPELT_OUT_MONTHS:
            found.append(word.removesuffix("'s").removesuffix("'").lower())
    return found


def capitalised(text: str) -> list[str]:
    """Return every capitalised word in order, in lower case without a possessive: names, and whatever opens a sentence."""
    return [word.removesuffix("'s").removesuffix("'").lower() for word in words_of(text) if word[0].isupper() and word != "I"]


def misplaced_capitals(text: str) -> list[str]:
    """Return words of bare grammar that are capitalised inside a sentence: what is left when two words change places."""
    words = words_of(text)
    plain = text.replace("’", "'")
    inside = [word for word in words[1:] if word[0].isupper() and word.lower() in _LINKING and word.islower() is False and not word.isupper()]
    return [
        word for word in inside if re.search(rf"[a-z,] {re.escape(word)} (?![A-Z])", plain) and not re.search(rf"[.!?:“\"]\s*[“\"]?{re.escape(word)}\b", plain)
    ]


def negated(text: str) -> set[str]:
    """Return the stems that stand within reach (four words) after a negation."""
    low = [word.lower() for word in words_of(text)]
    return {stem for at, word in enumerate(low) if word in NEGATIONS for stem in _next_stems(low, at, 4)[:2]}


def quantified(text: str) -> set[tuple[str, str]]:
    """Return pairs of quantifier class and the stem it bears on, such as `("most", "flight")`."""
    low = [word.lower() for word in words_of(text)]
    pairs = set()
    for at, word in enumerate(low):
        if word in QUANTIFIERS:
            pairs |= {(QUANTIFIERS[word], stem) for stem in _next_stems(low, at, 3)[:2]}
    return pairs


def hedged(text: str) -> set[str]:
    """Return the stems that follow a hedge (`may`, `suggests`, ...) within three words."""
    low = [word.lower() for word in words_of(text)]
    return {stem for at, word in enumerate(low) if word in HEDGES for stem in _next_stems(low, at, 3)[:1]}


def opposites(text: str) -> dict[str, set[str]]:
    """Return for each direction word of `text` the words that would say the opposite."""
    low = {part for word in words_of(text) for part in (word.lower(), *word.lower().split("-"))}
    found: dict[str, set[str]] = {}
    for one, other in _OPPOSITES:
        if one in low:
            found.setdefault(one, set()).add(other)
        if other in low:
            found.setdefault(other, set()).add(one)
    return found


def _next_stems(low: Sequence[str], at: int, reach: int) -> list[str]:
    return [root(word) for word in low[at + 1 : at + 1 + reach] if word not in _LINKING and word not in NEGATIONS]
