"""Which headlines tell of trouble with a video's own subject."""

import re
from collections.abc import Sequence

from agents.crisis_monitor.schemas import Headline

_TROUBLE = re.compile(
    r"\b(dies|died|dead|death|killed|arrested|charged|convicted|indicted|sued|lawsuit|fraud|hoax|faked?|fabricated|debunked|retract(?:s|ed|ion)"
    r"|withdrawn|recall(?:s|ed)?|correct(?:s|ed|ion)|apologi[sz]e[sd]?|misconduct|scandal|plagiari\w+|explo(?:des|ded|sion)|crash(?:es|ed)?"
    r"|collapse[sd]?|earthquake|wildfire|shooting|attack(?:ed)?|evacuat\w+|banned|cancelled|canceled|disprove[nd]?|wrong about)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_PLAIN = frozenset(
    """
    about after again against all also and are because been before being between but can could did does down during each few for from further had has
    have having her here him his how into its just like made make many more most much new not now off once one only other our out over own said same
    she should some such than that the their them then there these they this those through too two under until very was were what when where which
    while who whom why will with world would year years you your day days first facts story history video science explained
    """.split()  # noqa: SIM905 - a paragraph of words is easier to read than a list
)


def troubling(news: Sequence[Headline], topic: str, keywords: Sequence[str]) -> tuple[Headline, ...]:
    """Return the headlines that name the subject and say that something went wrong with it.

    The subject is named by at least two words of topic and keywords, or by the only one they have.
    """
    subject = words_of(" ".join((topic, *keywords)))
    own = words_of(topic)
    needed = min(2, len(subject))
    return tuple(one for one in news if needed and _TROUBLE.search(one.title) and len(words_of(one.title) & subject) >= needed and words_of(one.title) & own)


def words_of(text: str) -> frozenset[str]:
    """Return the telling words of a text, folded so that a plural is its singular."""
    return frozenset(_folded(word) for word in _WORD.findall(text.lower()) if word not in _PLAIN)


def _folded(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 4 and not word.endswith("ss") else word
