"""Whether a sentence is supported by the passages it cites: an independent check that trusts no citation."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from memory.artifacts import Passage, Script, Sentence
from memory.claims import (
    CERTAINTIES,
    HEDGES,
    NEGATIONS,
    Quantity,
    capitalised,
    hedged,
    meaningful,
    misplaced_capitals,
    names,
    negated,
    opposites,
    quantified,
    quantities,
    root,
    words_of,
)

Problem = Literal[
    "uncited", "unknown_passage", "number", "unit", "bound", "name", "order", "polarity", "quantifier", "direction", "hedge", "wording", "claim_in_transition"
]
ALLOWED_NEW = frozenset(["researcher", "say", "said", "author", "study", "people"])
_STANDS_FOR = frozenset({"it", "they", "he", "she"})
_COPULAS = frozenset({"is", "are", "was", "were", "has", "have", "had"})
_GRAMMAR = frozenset({"a", "an", "the", "of", "to", "in", "on", "and", "not", "so", "too", "here"})
_FINITE = re.compile(
    r"is|are|was|were|has|have|had|can|cannot|could|will|would|may|might|must|does|did|never|always|[a-z]{3,}(?:ed|s)|"
    r"became|began|came|fell|found|gave|got|grew|held|kept|led|left|lost|made|rose|ran|saw|sent|took|went|won|glow|live|kill|grow|help|cause|lie|eat|hunt"
)
_MODEL_COVERAGE = 0.5
_NEARLY_ALL = 0.9
_SAYING = r"said|says|explained|added|noted|told|wrote|writes"
_REPORTED = re.compile(rf"^[“\"](?P<quote>[^“”\"]+?)[,.!]?[”\"],? (?:(?P<verb>{_SAYING}) (?P<who>[^“”\"]+?)|(?P<who2>[^“”\"]+?) (?P<verb2>{_SAYING}))\.$")


@dataclass(frozen=True)
class Finding:
    """One reason why a sentence is not supported."""

    sentence_id: str
    problem: Problem
    detail: str


def check_script(script: Script, passages: Sequence[Passage], topic: str = "") -> tuple[Finding, ...]:
    """Return everything in `script` that its cited passages do not support, hook and closing included.

    A script of the offline writer must take its wording from the passages; a model may reword, but not change
    numbers, units, names, polarity, quantifiers, directions or hedges. `topic` may be named without a source.
    """
    known = {passage.id: passage for passage in passages}
    found: list[Finding] = []
    for sentence in script.sentences:
        if sentence.role in {"transition", "call_to_action", "closing"} and not sentence.citations:
            found += _bare(sentence, topic)
        else:
            found += _cited(sentence, known, extract=script.writer == "offline")
    return tuple(found)


def check_sentence(text: str, sources: Sequence[str], extract: bool = True) -> list[tuple[Problem, str]]:
    """Return what `text` says beyond or against `sources` (passage texts in citation order)."""
    source = " ".join(_speaker_first(one) for one in sources)
    problems = _numbers(text, source) + _names(text, source) + _polarity(text, source) + _quantifiers(text, source, _own(text, sources))
    problems += _directions(text, source) + _hedges(text, source) + _wording(text, source, extract)
    return problems + _order(text, source, extract)


def _speaker_first(source: str) -> str:
    """Return a reported sentence with its speaker before the quotation, the order in which it is spoken."""
    found = _REPORTED.match(source.strip())
    if not found:
        return source
    quote, (verb, speaker) = (
        found.group("quote"),
        (found.group("verb"), found.group("who")) if found.group("verb") else (found.group("verb2"), found.group("who2")),
    )
    return f"{speaker} {verb}: “{quote}.”"


def _cited(sentence: Sentence, known: dict[str, Passage], extract: bool) -> list[Finding]:
    if not sentence.citations:
        return [Finding(sentence.id, "uncited", f"a {sentence.role} without a citation")]
    missing = [cited for cited in sentence.citations if cited not in known]
    if missing:
        return [Finding(sentence.id, "unknown_passage", ", ".join(missing))]
    sources = [known[cited].text for cited in sentence.citations]
    text = sentence.text if extract else _unattributed(sentence.text, [known[cited].publisher for cited in sentence.citations])
    return [Finding(sentence.id, problem, detail) for problem, detail in check_sentence(text, sources, extract)]


def _unattributed(text: str, publishers: Sequence[str]) -> str:
    """Return what is said without the words that name the cited publisher as its source, which no passage says of itself."""
    for publisher in filter(None, publishers):
        name = rf"(?:the )?{re.escape(publisher)}"
        bare = re.sub(
            rf"^(?:according to {name},? |{name} (?:{_SAYING}|reports|reported)(?: that|[:,])? )|,? according to {name}(?=[.!?]$)",
            "",
            text,
            flags=re.IGNORECASE,
        )
        if bare != text:
            return bare[:1].upper() + bare[1:]
    return text


def _bare(sentence: Sentence, topic: str) -> list[Finding]:
    """A sentence without a source may carry no number, no name but that of the topic, and say nothing about the topic."""
    stems = set(meaningful(topic))
    numbers = [number for number in quantities(sentence.text) if not number.ordinal]
    named = [name for name in names(sentence.text) if root(name) not in stems | {"youtub"}]
    faults = (
        (sentence.role == "transition" and numbers, f"states the number {numbers[0].value:g}" if numbers else ""),
        (sentence.role == "transition" and named, f"names {named[0]}" if named else ""),
        (sentence.role == "transition" and len(words_of(sentence.text)) > 18, "longer than a transition"),
        (_predicates(sentence.text, stems), "says something about the topic"),
    )
    return next(([Finding(sentence.id, "claim_in_transition", detail)] for fault, detail in faults if fault), [])


def _predicates(text: str, topic: set[str]) -> bool:
    """Say whether a statement (not a question) tells something of the topic or of a pronoun that can stand for it."""
    for part in re.split(r"(?<=[.!?;:])\s+", text):
        words = words_of(part)
        low = [word.lower() for word in words]
        for at, word in enumerate(low[:-1]):
            about = (len(word) > 3 and root(word) in topic) or word in _STANDS_FOR
            told = [root(later) for later in low[at + 2 :] if root(later) not in topic and later not in _GRAMMAR]
            if not part.endswith("?") and about and _FINITE.fullmatch(low[at + 1]) and (told or (word not in _STANDS_FOR and low[at + 1] not in _COPULAS)):
                return True
    return False


def _same(one: Quantity, other: Quantity) -> bool:
    return abs(one.value - other.value) <= 1e-9 * max(1.0, abs(one.value), abs(other.value)) and one.ordinal == other.ordinal


def _close(one: Quantity, other: Quantity) -> bool:
    """Rounding that a careful speaker would allow: within 2%, never for years, ordinals or small counts."""
    yearlike = other.value == int(other.value) and 1000 <= other.value <= 2100
    if one.ordinal or other.ordinal or yearlike or other.value < 20:
        return False
    return abs(one.value - other.value) <= 0.02 * abs(other.value)


def _told(numbers: Sequence[Quantity], one: Quantity) -> int:
    return sum(_same(one, other) for other in numbers)


def _numbers(text: str, source: str) -> list[tuple[Problem, str]]:
    theirs = quantities(source)
    rounded = bool(re.search(r"\b(about|around|nearly|almost|roughly|some|approximately|over|more than)\b", text, re.IGNORECASE))
    found: list[tuple[Problem, str]] = []
    for number in quantities(text):
        equal = [other for other in theirs if _same(number, other) or (rounded and _close(number, other))]
        if not equal:
            found.append(("number", f"{number.value:g} is not in the source"))
        elif number.is_year and _told(quantities(text), number) > _told(theirs, number):
            found.append(("number", f"{number.value:g} is said more often than in the source"))
        elif number.unit and not any(other.unit == number.unit for other in equal) and any(other.unit for other in equal):
            found.append(("unit", f"{number.value:g} counts {number.unit!r}, the source says {sorted({other.unit for other in equal})}"))
        elif number.unit and not any(other.unit == number.unit for other in equal) and root(number.unit) not in meaningful(source):
            found.append(("unit", f"{number.value:g} counts {number.unit!r}, which the source does not"))
        elif not any(other.bound == number.bound for other in equal) and (number.bound or not rounded):
            found.append(("bound", f"{number.value:g}: {number.bound or 'exactly'} against {equal[0].bound or 'exactly'} in the source"))
    return found


def _names(text: str, source: str) -> list[tuple[Problem, str]]:
    theirs = {word.lower().removesuffix("'s").removesuffix("'") for word in words_of(source)}
    return [("name", f"{name!r} is not in the source") for name in names(text) if name not in theirs and root(name) not in {root(word) for word in theirs}]


def _polarity(text: str, source: str) -> list[tuple[Problem, str]]:
    ours, theirs = negated(text), negated(source)
    said = set(meaningful(source))
    plain_ours = set(meaningful(text)) - ours
    found: list[tuple[Problem, str]] = [("polarity", f"{stem!r} is denied, the source affirms it") for stem in sorted((ours & said) - theirs)]
    always = {stem for stem in theirs if _always_negated(stem, source)}
    found += [("polarity", f"{stem!r} is affirmed, the source denies it") for stem in sorted(plain_ours & always)]
    denials = [word for word in words_of(text) if word.lower() in NEGATIONS]
    if len(denials) > _denials(source):
        return found or [("polarity", f"{denials[0]!r} denies more than the source")]
    told = said - NEGATIONS
    if len(denials) < _denials(source) and len(told & set(meaningful(text))) >= _NEARLY_ALL * len(told):
        return found or [("polarity", "all of the source is said but its denial")]
    return found


def _denials(text: str) -> int:
    return sum(word.lower() in NEGATIONS for word in words_of(text))


def _always_negated(stem: str, source: str) -> bool:
    return meaningful(source).count(stem) <= sum(stem in negated(part) for part in re.split(r"(?<=[.;:!?,])\s+", source))


def _own(text: str, sources: Sequence[str]) -> str:
    """Return the source that shares most words with the sentence: the one whose limits it must keep."""
    ours = set(meaningful(text))
    return max(sources, key=lambda one: len(ours & set(meaningful(one))), default="")


def _quantifiers(text: str, source: str, own: str) -> list[tuple[Problem, str]]:
    ours, theirs = quantified(text), quantified(source)
    found: list[tuple[Problem, str]] = []
    for kind, stem in sorted(ours - theirs):
        if stem in meaningful(source):
            found.append(("quantifier", f"{kind} {stem}: the source says {sorted(other for other, about in theirs if about == stem) or 'no such thing'}"))
    ours_about = {stem for _, stem in ours}
    spoken = set(meaningful(text))
    for kind, stem in sorted(quantified(own) - ours):
        if kind in {"most", "some", "few", "only"} and stem in spoken and stem not in ours_about and meaningful(source).count(stem) == 1:
            found.append(("quantifier", f"{stem}: the source limits it to {kind}"))
    return found[:2]


def _directions(text: str, source: str) -> list[tuple[Problem, str]]:
    theirs = Counter(part for word in words_of(source) for part in word.lower().split("-"))
    ours = Counter(part for word in words_of(text) for part in word.lower().split("-"))
    return [
        ("direction", f"{word!r} where the source says {sorted(turned & set(theirs))}")
        for word, turned in sorted(opposites(text).items())
        if (word not in theirs and turned & set(theirs)) or (ours[word] > theirs[word] and any(ours[other] < theirs[other] for other in turned))
    ]


def _hedges(text: str, source: str) -> list[tuple[Problem, str]]:
    said, told = {word.lower() for word in words_of(text)}, {word.lower() for word in words_of(source)}
    ours = said & HEDGES
    surer = sorted((said & CERTAINTIES) - told)
    fewer = sum(word.lower() in HEDGES for word in words_of(text)) < sum(word.lower() in HEDGES for word in words_of(source))
    if surer and fewer and told & HEDGES:
        return [("hedge", f"{surer[0]!r} is surer than the source")]
    certain = {stem for stem in hedged(source) if meaningful(source).count(stem) == 1}
    if ours or not certain:
        return []
    lost = sorted(certain & set(meaningful(text)))
    return [("hedge", f"{lost[0]!r} is stated as certain, the source hedges it")] if lost else []


def _wording(text: str, source: str, extract: bool) -> list[tuple[Problem, str]]:
    theirs = set(meaningful(source))
    ours = meaningful(text)
    new = [stem for stem in ours if stem not in theirs and stem not in ALLOWED_NEW and not _expands(stem, source)]
    if extract and new:
        return [("wording", f"{new[0]!r} is not in the source")]
    counted = meaningful(source)
    twice = [stem for stem in ours if stem in theirs and ours.count(stem) > counted.count(stem)]
    if extract and twice and not _expands(twice[0], source):
        return [("wording", f"{twice[0]!r} is said more often than in the source")]
    if ours and 1 - len(new) / len(ours) < _MODEL_COVERAGE:
        return [("wording", f"only {1 - len(new) / len(ours):.0%} of what it says is in the source")]
    return []


def _expands(stem: str, source: str) -> bool:
    """Say whether the word is the spoken form of a sign or short form in the source."""
    short = {"percent": "%", "kilometer": "km", "square": "km2", "mile": " mi", "hour": "/h", "about": "approx", "dollar": "$"}
    return stem in short and short[stem] in source


def _order(text: str, source: str, extract: bool) -> list[tuple[Problem, str]]:
    """Two things that change places change who did what: their order must occur in the source."""
    moved = [word for word in misplaced_capitals(text) if word not in misplaced_capitals(source)]
    if moved:
        return [("order", f"{moved[0]!r} stands where a name stood")]
    stems = meaningful(source)
    for part in re.split(r"(?<=:) ?[“\"]|[”\"]", text):
        found = _turned([stem for stem in meaningful(part) if stem in stems and not _expands(stem, source)], stems) if extract else ""
        named = {*names(part), *names(source)}
        theirs = capitalised(source)
        found = found or _turned([word for word in capitalised(part) if word in named and word in theirs], theirs)
        if found:
            return [("order", f"{found}: the source has them the other way round")]
    return []


def _turned(ours: Sequence[str], theirs: Sequence[str]) -> str:
    """Return the first two neighbours of `ours` that never stand in this order in `theirs`, or an empty string."""
    last = {one: at for at, one in enumerate(theirs)}
    first = {one: at for at, one in reversed(list(enumerate(theirs)))}
    return next((f"{one!r} before {other!r}" for one, other in pairwise(ours) if one != other and first[one] > last[other]), "")
