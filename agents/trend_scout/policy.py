"""The scout's pure decisions: clustering stories, scoring them, judging evidence, naming an angle."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from agents.trend_scout.schemas import Candidate
from memory.artifacts import Passage, SourceDocument, TrendSignal

SAME_STORY = 0.62
LEAST_TOTAL = 0.30
LEAST_FIT = 0.18
LEAST_PASSAGES = 6
CANDIDATES = 8
EVIDENCE_TRIES = 4
CLOSER_LOOKS = 5
NEWS_HALF_LIFE_HOURS = 18.0

_WORD = re.compile(r"[A-Za-z][A-Za-z'-]{2,}")
_STOP = frozenset(
    """
    the and for with from that this have has was were are will would could should about into after before over under how why what when who
    its their his her our your you they not but than then them there here more most new says said say amid first one two may can just out off all
    get gets make makes made been being where which while also some any watch live update updates video news today yesterday tomorrow year years
    day days week weeks
    """.split()  # noqa: SIM905 - a paragraph of words is easier to read than a list
)
_PLAIN_ANGLE = "what is known about it"
_FIGURE = re.compile(r"\d")
# Shares measured over the demo corpus and encyclopedic prose; an angle is worth naming when a story exceeds them.
_USUAL = {"numbers": 0.35, "causes": 0.08, "dates": 0.15, "contrast": 0.10}
_ANGLES = (
    ("numbers", re.compile(r"\d"), "by the numbers"),
    ("causes", re.compile(r"\b(because|due to|caused|leads? to|result(?:s|ed)? in|so that|therefore)\b", re.I), "how it works, and why"),
    ("dates", re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b"), "how it came to this"),
    ("contrast", re.compile(r"\b(but|however|although|unlike|instead|despite|while)\b", re.I), "what most people miss"),
)


def without(candidates: Sequence[Candidate], avoid: Sequence[str]) -> tuple[list[Candidate], tuple[str, ...]]:
    """Return the candidates whose topic is not to be avoided, and what to say of the others."""
    told = {topic.casefold().strip() for topic in avoid}
    left = [one for one in candidates if one.topic.casefold().strip() not in told]
    return left, tuple(f"{one.topic!r} is left out: this run has told or given it up already" for one in candidates if one not in left)


def keywords_of(text: str, limit: int = 8) -> tuple[str, ...]:
    """Return the most frequent content words of a text; names keep their capital and count double."""
    counts: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for word in _WORD.findall(text):
        low = word.lower()
        if low in _STOP:
            continue
        counts[low] += 2 if word[0].isupper() else 1
        shown.setdefault(low, word)
    return tuple(shown[word] for word, _ in counts.most_common(limit))


def cluster(signals: Sequence[TrendSignal], vectors: Sequence[Sequence[float]]) -> list[list[int]]:
    """Group signals that tell the same story: greedy by cosine to a cluster's first member, in the order given.

    `vectors` are unit vectors of the titles, one per signal; the result holds indices, biggest cluster first.
    """
    clusters: list[list[int]] = []
    for index, vector in enumerate(vectors):
        best, nearest = SAME_STORY, None
        for members in clusters:
            similarity = math.fsum(a * b for a, b in zip(vectors[members[0]], vector, strict=True))
            if similarity >= best:
                best, nearest = similarity, members
        if nearest is None:
            clusters.append([index])
        else:
            nearest.append(index)
    return sorted(clusters, key=lambda members: (-len({signals[i].source_id for i in members}), -len(members), members[0]))


def momentum(signals: Sequence[TrendSignal], now: datetime) -> float:
    """Return 0..1: how much was said lately, each sighting weighing half as much every 18 hours."""
    weights = (2 ** -(max(now - (signal.published or signal.seen_at), timedelta()) / timedelta(hours=NEWS_HALF_LIFE_HOURS)) for signal in signals)
    return 1 - math.exp(-math.fsum(weights) / 2)


def momentum_ahead(recency: float, growth: float) -> float:
    """Return 0..1 from momentum by recency and the growth expected over the next 48 hours: its odds times the square of the ratio to now.

    Attention that stays leaves recency's score, so that stories with and without a forecast compare; twice as much turns 0.5 into 0.8, half as much into
    0.2. Recency counts as 0.05 to 0.95 here: what everyone reports on can still fade.
    """
    level = min(max(recency, 0.05), 0.95)
    odds = level / (1.0 - level) * max(0.0, 1.0 + growth) ** 2
    return odds / (1.0 + odds)


def breadth(sources: int) -> float:
    """Return 0..1 from the number of distinct sources that carry the story."""
    return min(1.0, math.log2(1 + sources) / 3)


def evidence_gap(documents: Sequence[SourceDocument], passages: Sequence[Passage]) -> str | None:
    """Return why the evidence does not carry a video, or None when it does."""
    usable = [document for document in documents if not document.retracted]
    if not usable:
        return "every source found is retracted" if documents else "no document about it was found"
    quotable = {document.id for document in usable if document.rights.quotable}
    if not quotable:
        return "its evidence is not quotable (only facts may be used), which needs a language model"
    carrying = sum(1 for passage in passages if passage.document_id in quotable)
    if carrying < LEAST_PASSAGES:
        return f"only {carrying} usable sentences were found, {LEAST_PASSAGES} are needed"
    return None


def richness(documents: Sequence[SourceDocument], passages: Sequence[Passage]) -> float:
    """Return 0..1: how much the evidence gives the eye, from the share of sentences with a figure and from series and pictures."""
    if not passages:
        return 0.0
    figures = sum(1 for passage in passages if _FIGURE.search(passage.text)) / len(passages)
    series = any(document.series for document in documents)
    pictures = any(document.pictures for document in documents)
    return min(1.0, figures * 1.5) * 0.6 + 0.25 * series + 0.15 * pictures


def name_angle(passages: Sequence[Passage]) -> tuple[str, str]:
    """Return the angle that the evidence carries best, and why: the share of passages that fit it, weighed by how rare it usually is."""
    if not passages:
        return _PLAIN_ANGLE, "there is little to choose from"
    shares = {name: sum(1 for passage in passages if pattern.search(passage.text)) / len(passages) for name, pattern, _ in _ANGLES}
    best = max(shares, key=lambda name: shares[name] / _USUAL[name])
    if shares[best] < _USUAL[best]:
        return _PLAIN_ANGLE, "no other angle is carried by more of its sentences than usual"
    phrase = next(phrase for name, _, phrase in _ANGLES if name == best)
    return phrase, f"{shares[best]:.0%} of its sentences carry {best}, against {_USUAL[best]:.0%} usually"
