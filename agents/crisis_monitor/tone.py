"""How a comment speaks about a video, by a lexicon of ours: no model, the same answer every time."""

import math
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NEGATIVE = -0.30
_TURNED = -0.7
_STRONGER = 1.5
_REACH = 3
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_LINK = re.compile(r"https?://\S+|\bdoi:\S+|\bwww\.\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Harm:
    """One kind of harmful comment."""

    id: str
    reason: str
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Lexicon:
    """The shipped words and patterns."""

    weights: dict[str, float]
    negators: frozenset[str]
    intensifiers: frozenset[str]
    challenges: tuple[re.Pattern[str], ...]
    harms: tuple[Harm, ...]


@cache
def load_lexicon() -> Lexicon:
    """Read the shipped lexicon."""
    data = tomllib.loads((files("agents.crisis_monitor") / "lexicon.toml").read_text("utf-8"))
    weights = {word: -float(weight) for weight, words in data["against"].items() for word in words.split()}
    weights |= {word: float(weight) for weight, words in data["for"].items() for word in words.split()}
    return Lexicon(
        weights=weights,
        negators=frozenset(data["turners"]["negators"].split()),
        intensifiers=frozenset(data["turners"]["intensifiers"].split()),
        challenges=tuple(re.compile(pattern) for pattern in data["challenge"]["patterns"]),
        harms=tuple(Harm(one["id"], one["reason"], tuple(re.compile(pattern) for pattern in one["patterns"])) for one in data["harm"]),
    )


def plain(text: str) -> str:
    """Return a comment folded for reading: compatibility forms resolved, invisible characters dropped, lower case, straight apostrophes."""
    folded = unicodedata.normalize("NFKC", text).replace("’", "'")
    return " ".join("".join(letter for letter in folded if unicodedata.category(letter) not in {"Cf", "Cc"} or letter in "\n\t").lower().split())


def tone_of(text: str) -> float:
    """Return -1 (against) to 1 (for); 0 when no word of the lexicon occurs.

    The weights of the words are summed, turned round near a negator, and pressed into the range by x / sqrt(x^2 + 3).
    """
    lexicon = load_lexicon()
    words = _WORD.findall(_LINK.sub(" ", plain(text)))
    total = 0.0
    for index, word in enumerate(words):
        weight = lexicon.weights.get(word, 0.0)
        if not weight:
            continue
        if index and words[index - 1] in lexicon.intensifiers:
            weight *= _STRONGER
        if lexicon.negators & set(words[max(0, index - _REACH) : index]):
            weight *= _TURNED
        total += weight
    return total / math.sqrt(total * total + 3)


def challenges(text: str) -> bool:
    """Say whether a comment claims that something in the video is not true."""
    bare = plain(text).replace("'", "")
    return any(pattern.search(bare) for pattern in load_lexicon().challenges)


def has_link(text: str) -> bool:
    """Say whether a comment points to a source."""
    return bool(_LINK.search(text))


def harm_of(text: str) -> Harm | None:
    """Return the kind of harm a comment does, if any."""
    bare = plain(text).replace("'", "")
    return next((harm for harm in load_lexicon().harms if any(pattern.search(bare) for pattern in harm.patterns)), None)
