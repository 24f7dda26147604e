"""Measures a script on named criteria in code; no writer grades its own work."""

import re
from collections.abc import Sequence
from itertools import combinations, pairwise
from math import prod
from statistics import mean, pstdev

from agents.scriptwriter.coherence import coherence, strays
from agents.scriptwriter.schemas import Review, Suggestion
from memory.artifacts import Brief, Passage, Script, Sentence
from memory.claims import meaningful, names, quantities
from memory.personality import Personality
from memory.support import check_script
from memory.takeover import check_takeover
from tools.write_text.offline.grasp import out_of_reach
from tools.write_text.offline.words import content, spoken_words, superlatives
from tools.write_text.validation import standing_line

WEIGHTS = {
    "hook": 0.13, "support": 0.15, "variety": 0.06, "openings": 0.06, "pacing": 0.09, "structure": 0.08, "headings": 0.06, "relevance": 0.09,
    "repetition": 0.08, "tone": 0.05, "slot": 0.07, "coherence": 0.08,
}  # fmt: skip
# What no other virtue makes up for: below its floor a criterion takes the whole score down with it. A script that is only a
# pile of clippings, or repeats itself, or has no opening, is no good script however well supported it is.
FLOORS = {
    "hook": 0.45, "support": 1.0, "openings": 0.6, "pacing": 0.5, "structure": 0.5, "headings": 0.5, "relevance": 0.3, "repetition": 0.75, "slot": 0.7,
    "coherence": 0.7,
}  # fmt: skip
_LEFT = 0.4
SLOT_TOLERANCE = 0.06
_STRIKING = re.compile(
    r"\b(first|only|largest|biggest|smallest|longest|fastest|farthest|oldest|highest|deepest|most|record|never|but|despite|although|instead|without|hidden|not|than)\b",
    re.IGNORECASE,
)
_LIGHT = frozenset(["the", "a", "an", "in", "on", "at", "by", "its", "their", "some", "most", "one", "from", "for", "with", "to", "it"])
_EMPTY_HEADING = re.compile(
    r"(?:more (?:about|on)|one more thing|a last look|introduction|conclusion|(?:part|chapter|section|beat|topic) ?\w*$|\d+$)", re.IGNORECASE
)
_ADVICE = {
    "hook": "open with a shorter, more striking fact",
    "variety": "vary sentence length and what is shown",
    "openings": "begin sentences differently",
    "headings": "give every stretch a heading that says what it is about",
    "support": "say only what the cited passages say",
    "pacing": "use shorter sentences that a voice can say in one breath",
    "structure": "balance the beats and give each a heading of its own",
    "relevance": "keep to sentences about the topic",
    "repetition": "leave out what was said before",
    "tone": "choose words that suit the channel",
    "slot": "fit the script to the slot",
    "coherence": "keep sentences that belong together together, in the order of their source, and let none point at what was not said",
}


def measure(script: Script, brief: Brief, passages: Sequence[Passage], personality: Personality, seconds: int) -> Review:
    """Return the score of `script` (0..1, weighted mean of twelve criteria, less what falls below a floor), what to change, and what must go.

    Support and rights are gates as well: a sentence that its passages do not support, or wording taken over from a source
    that only lends facts, blocks whatever the score.
    """
    blocking = tuple(item for item in _blocking(script, brief, passages) if not _own_line(item, script, personality))
    sentences = script.sentences
    facts = [sentence for sentence in sentences if sentence.citations]
    scores = {
        "hook": _hook(sentences[0], brief),
        "support": _support(blocking, facts),
        "variety": _variety(script),
        "openings": _openings(sentences),
        "pacing": mean(_breath(spoken_words(sentence.text)) for sentence in sentences),
        "structure": _structure(script),
        "headings": _headings(script, brief),
        "relevance": _relevance(facts, brief),
        "repetition": _repetition(sentences),
        "tone": _tone(script, personality),
        "slot": _slot(script, personality, seconds),
        "coherence": coherence(script),
    }
    scores = {name: round(value, 3) for name, value in scores.items()}
    kept = prod(min(1.0, _LEFT + (1 - _LEFT) * scores[name] / floor) for name, floor in FLOORS.items())
    score = round(kept * sum(WEIGHTS[name] * value for name, value in scores.items()), 3)
    return Review(score=score, scores=scores, suggestions=_suggestions(scores, script), blocking=blocking)


def _blocking(script: Script, brief: Brief, passages: Sequence[Passage]) -> tuple[Suggestion, ...]:
    found = [
        Suggestion(criterion="support", text=f"{one.problem}: {one.detail}", sentence_ids=(one.sentence_id,))
        for one in check_script(script, passages, brief.topic + " " + " ".join(brief.keywords))
    ]
    found += [Suggestion(criterion="rights", text=f"{one.reason}: {one.words}") for one in check_takeover(script, brief.documents)]
    gone = {passage_id for sentence in script.sentences for passage_id in sentence.citations} - {passage.id for passage in passages}
    if gone:
        found.append(Suggestion(criterion="support", text=f"cites passages that may not be used: {', '.join(sorted(gone))}"))
    return tuple(found)


def _own_line(item: Suggestion, script: Script, personality: Personality) -> bool:
    """Say whether a finding about a transition only concerns one of the channel's own standing lines."""
    if not item.text.startswith("claim_in_transition"):
        return False
    return is_standing_line(next((sentence.text for sentence in script.sentences if sentence.id in item.sentence_ids), ""), personality)


def is_standing_line(said: str, personality: Personality) -> bool:
    """Say whether a sentence is one of the channel's own openers or closers, which are the operator's data and speak of the video, not the topic."""
    return standing_line(said, personality)


def _hook(hook: Sentence, brief: Brief) -> float:
    words = spoken_words(hook.text)
    brevity = 1.0 if words <= 10 else max(0.0, 1.0 - 0.06 * (words - 10))
    pull = 0.5 * bool(quantities(hook.text)) + 0.5 * bool(_STRIKING.search(hook.text)) + 0.35 * hook.text.endswith("?")
    topic = set(meaningful(brief.topic)) | {stem for keyword in brief.keywords[:5] for stem in meaningful(keyword)}
    spelt = " ".join((brief.topic, *brief.keywords[:5]))
    about = bool(topic & set(meaningful(hook.text)))
    # The first sentence of a source was written to begin with.
    pull += 0.5 * bool(superlatives(hook.text)) + 0.4 * any(one.endswith("#1") for one in hook.citations)
    told = min(1.0, 0.4 * brevity + 0.35 * min(1.0, pull + 0.2) + 0.25 * about)
    told *= 0.6 ** min(2, out_of_reach(hook.text, content(spelt), spelt))
    return told if hook.role == "hook" else 0.5 * told


def _support(blocking: Sequence[Suggestion], facts: Sequence[Sentence]) -> float:
    """Return 1 when nothing blocks, and at most a half when anything does: one false sentence is one too many."""
    if not facts:
        return 0.0
    wrong = len({one for item in blocking for one in item.sentence_ids}) / len(facts)
    return 0.5 * (1.0 - min(1.0, wrong)) if blocking else 1.0


def _openings(sentences: Sequence[Sentence]) -> float:
    """Return how different the beginnings of the sentences are: their first word, after an article or a preposition the first two."""
    words = [sentence.text.lower().split() for sentence in sentences if sentence.text.split()]
    starts = [" ".join(one[: 2 if one[0] in _LIGHT else 1]) for one in words]
    follow = sum(one == other for one, other in pairwise(starts))
    return max(0.0, min(1.0, len(set(starts)) / (0.75 * len(starts))) - 0.1 * max(0, follow - 1))


def _headings(script: Script, brief: Brief) -> float:
    """Return how many headings name something that their own stretch tells; a number, `more about` or a repeated one names nothing."""
    taken: set[str] = set()
    worth = []
    for beat in script.beats:
        stems = set(meaningful(beat.heading))
        said = set(meaningful(" ".join(sentence.text for sentence in beat.sentences)))
        empty = not stems or _EMPTY_HEADING.match(beat.heading) or beat.heading.lower() in taken
        echo = len(script.beats) > 1 and stems <= set(meaningful(brief.topic))
        worth.append(0.0 if empty else 0.5 if echo or not stems & said else 1.0)
        taken.add(beat.heading.lower())
    return mean(worth)


def _variety(script: Script) -> float:
    sentences = script.sentences
    lengths = [spoken_words(sentence.text) for sentence in sentences]
    spread = min(1.0, pstdev(lengths) / 5) if len(lengths) > 1 else 0.0
    kinds = {sentence.visual.kind for sentence in sentences if sentence.citations}
    return min(1.0, 0.5 * spread + 0.5 * min(1.0, len(kinds) / (3 if len(lengths) > 6 else 2)))


def _breath(words: int) -> float:
    return 1.0 if words <= 18 else max(0.0, 1.0 - (words - 18) / 12)


def _structure(script: Script) -> float:
    beats = [[sentence for sentence in beat.sentences if sentence.citations] for beat in script.beats]
    filled = sum(1 <= len(beat) <= 7 for beat in beats) / len(beats)
    led = sum(any(sentence.role == "transition" for sentence in beat.sentences) for beat in script.beats) / len(beats)
    headings = len({beat.heading for beat in script.beats}) / len(beats)
    roles = [sentence.role for sentence in script.sentences]
    frame = 0.5 * (roles[0] == "hook") + 0.5 * (roles[-1] in {"closing", "call_to_action"})
    short = sum(map(len, beats)) <= 6
    return (
        0.35 * filled
        + 0.2 * (1.0 if short else min(1.0, 3 * led))
        + 0.15 * headings
        + 0.3 * frame * (1.0 if len(beats) <= 24 and (short or len(beats) > 1) else 0.5)
    )


def _relevance(facts: Sequence[Sentence], brief: Brief) -> float:
    """Return how many facts speak of the topic, its keywords or the words its sources use most."""
    stems = set(meaningful(brief.topic)) | {stem for keyword in brief.keywords for stem in meaningful(keyword)}
    counted: dict[str, int] = {}
    for document in brief.documents:
        for stem in meaningful(document.text[:20_000]):
            counted[stem] = counted.get(stem, 0) + 1
    stems |= set(sorted((stem for stem in counted if len(stem) > 3), key=lambda stem: (-counted[stem], stem))[:25])
    return mean(min(1.0, len(stems & set(meaningful(fact.text))) / 2) for fact in facts) if facts else 0.0


def _repetition(sentences: Sequence[Sentence]) -> float:
    bags = [set(meaningful(sentence.text)) for sentence in sentences if sentence.citations]
    pairs = [(one, other) for one, other in combinations(bags, 2) if one and other]
    alike = [len(one & other) / min(len(one), len(other)) for one, other in pairs]
    return max(0.0, 1.0 - sum(0.5 if share >= 0.9 else 0.34 if share >= 0.7 else 0.0 for share in alike))


def _tone(script: Script, personality: Personality) -> float:
    """Return 1 minus what jars: taboo words, and words too hard for a plain or playful channel."""
    text = " ".join(sentence.text for sentence in script.sentences).lower()
    taboo = sum(word in text for taboo in personality.taboos for word in [taboo.lower()])
    words = text.split()
    hard = sum(len(word.strip(".,;:!?")) > 13 for word in words) / max(1, len(words))
    limit = {"technical": 0.12, "literary": 0.08}.get(personality.vocabulary, 0.05)
    return max(0.0, 1.0 - 0.5 * taboo - max(0.0, hard - limit) * 8)


def _slot(script: Script, personality: Personality, seconds: int) -> float:
    target = seconds * personality.voice.words_per_minute / 60
    off = abs(sum(spoken_words(sentence.text) for sentence in script.sentences) - target) / target
    return 1.0 if off <= SLOT_TOLERANCE else max(0.0, 1.0 - (off - SLOT_TOLERANCE) * 4)


def _suggestions(scores: dict[str, float], script: Script) -> tuple[Suggestion, ...]:
    found = []
    for name, value in sorted(scores.items(), key=lambda pair: pair[1]):
        if value < max(0.7, FLOORS.get(name, 0.0)) and name in _ADVICE:
            found.append(Suggestion(criterion=name, text=_ADVICE[name], sentence_ids=_culprits(name, script)))
    return tuple(found)


def _culprits(criterion: str, script: Script) -> tuple[str, ...]:
    if criterion == "hook":
        return (script.sentences[0].id,)
    if criterion == "coherence":
        return strays(script)
    if criterion == "pacing":
        return tuple(sentence.id for sentence in script.sentences if spoken_words(sentence.text) > 22)
    if criterion == "relevance":
        plain = [sentence for sentence in script.sentences if sentence.citations and not names(sentence.text) and not quantities(sentence.text)]
        return tuple(sentence.id for sentence in plain[:2])
    return ()
