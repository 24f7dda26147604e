"""How a comment speaks about a video: VADER's lexicon and rules, with words of ours that viewers use; no model, the same answer every time."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

NEGATIVE = -0.30
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
    challenges: tuple[re.Pattern[str], ...]
    impostors: tuple[re.Pattern[str], ...]
    machines: tuple[re.Pattern[str], ...]
    harms: tuple[Harm, ...]


@cache
def load_lexicon() -> Lexicon:
    """Read the shipped lexicon."""
    data = tomllib.loads((files("agents.crisis_monitor") / "lexicon.toml").read_text("utf-8"))
    weights = {word: -float(weight) for weight, words in data["against"].items() for word in words.split()}
    weights |= {word: float(weight) for weight, words in data["for"].items() for word in words.split()}
    return Lexicon(
        weights=weights,
        challenges=tuple(re.compile(pattern) for pattern in data["challenge"]["patterns"]),
        impostors=tuple(re.compile(pattern) for pattern in data["impostor"]["patterns"]),
        machines=tuple(re.compile(pattern) for pattern in data["machine"]["patterns"]),
        harms=tuple(Harm(one["id"], one["reason"], tuple(re.compile(pattern) for pattern in one["patterns"])) for one in data["harm"]),
    )


def plain(text: str) -> str:
    """Return a comment folded for reading: compatibility forms resolved, invisible characters dropped, lower case, straight apostrophes."""
    folded = unicodedata.normalize("NFKC", text).replace("’", "'")
    return " ".join("".join(letter for letter in folded if unicodedata.category(letter) not in {"Cf", "Cc"} or letter in "\n\t").lower().split())


@cache
def _analyzer() -> SentimentIntensityAnalyzer:
    analyzer = SentimentIntensityAnalyzer()
    # What VADER knows already keeps the weight that people gave it there.
    analyzer.lexicon = {**load_lexicon().weights, **analyzer.lexicon}
    return analyzer


def tone_of(text: str) -> float:
    """Return -1 (against) to 1 (for); 0 when no word of the lexicon occurs: VADER's compound score (Hutto and Gilbert, 2014)."""
    return float(_analyzer().polarity_scores(_LINK.sub(" ", plain(text)))["compound"])


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


def impersonates(text: str) -> bool:
    """Say whether a comment speaks as if it were the channel, to lead viewers elsewhere."""
    bare = plain(text).replace("'", "")
    return any(pattern.search(bare) for pattern in load_lexicon().impostors)


def speaks_to_machine(text: str) -> bool:
    """Say whether a comment speaks to a program instead of to people."""
    bare = plain(text).replace("'", "")
    return any(pattern.search(bare) for pattern in load_lexicon().machines)
