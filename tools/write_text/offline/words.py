"""Words of a sentence: tokens, content stems, spoken length and overlap."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from math import log

from num2words import num2words

_TOKEN = re.compile(r"[A-Za-zÀ-ÿ0-9][A-Za-zÀ-ÿ0-9'’\-]*")
_NUMBER = re.compile(r"^[$€£]?(\d[\d,]*)(\.\d+)?(%|st|nd|rd|th)?$")
ENGLISH: dict[str, list[str]] = tomllib.loads((files("tools.write_text.offline") / "english.toml").read_text("utf-8"))
STOP = frozenset(ENGLISH["stop"])
_NO_SUPERLATIVES = frozenset("forest interest harvest request suggest protest contest invest arrest conquest digest rainforest honest modest tempest".split())  # noqa: SIM905


def tokens(text: str) -> list[str]:
    """Return the words and numbers of `text` in order, without punctuation."""
    return _TOKEN.findall(text)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return a crude English stem: good enough to see that two sentences talk about the same thing."""
    low = re.sub(r"['’]s?$", "", word.lower())
    if len(low) > 4:
        for ending, put in (
            ("ies", "y"),
            ("ations", "ate"),
            ("ation", "ate"),
            ("ings", ""),
            ("ing", ""),
            ("edly", ""),
            ("ed", ""),
            ("ers", "er"),
            ("es", ""),
            ("s", ""),
        ):
            if low.endswith(ending) and len(low) - len(ending) >= 3 and not low.endswith("ss"):
                return (low[: -len(ending)] + put).rstrip("e")
    return low.rstrip("e") if len(low) > 4 else low


def superlatives(text: str) -> list[str]:
    """Return the words of `text` that are superlatives by their ending (`coldest`)."""
    return [word for word in tokens(text) if word.endswith("est") and len(word) > 5 and word not in _NO_SUPERLATIVES]


def content(text: str) -> list[str]:
    """Return the stems of the words that carry meaning, in order."""
    return [stem(word) for word in tokens(text) if word.lower() not in STOP and len(word) > 1]


@lru_cache(maxsize=50_000)
def _spoken_token(token: str) -> int:
    found = _NUMBER.match(token.strip(".,;:!?()\"“”'’"))
    if not found:
        return max(1, token.count("-") if any(ch.isdigit() for ch in token) else 1)
    whole, fraction, suffix = found.groups()
    value = whole.replace(",", "")
    if len(value) > 15:
        return len(value)
    if len(value) == 4 and "," not in whole and not fraction and 1100 <= int(value) <= 2099:
        return 2
    count = len(num2words(int(value)).replace(" and ", " ").replace("-", " ").split())
    count += len(fraction) if fraction else 0
    return count + (1 if suffix == "%" else 0) + (1 if token[0] in "$€£" else 0)


def spoken_words(text: str) -> int:
    """Return how many words a voice reads for `text`: numerals count as the words they are read as."""
    return sum(_spoken_token(token) for token in re.split(r"[\s—–/]+", text) if any(ch.isalnum() for ch in token))


def overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """Return the share (0..1) of the smaller set of stems that the other holds too."""
    first, second = set(one), set(other)
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def weights(texts: Iterable[str]) -> dict[str, float]:
    """Return how much each stem matters in a collection: damped frequency, as in SumBasic (Nenkova and Vanderwende, 2005)."""
    counts = Counter(word for text in texts for word in set(content(text)))
    return {word: log(1 + count) for word, count in counts.items()}
