"""Measures a script on named criteria in code; no writer grades its own work."""

import re
from collections.abc import Sequence
from itertools import combinations
from statistics import mean, pstdev

from agents.scriptwriter.coherence import coherence, strays
from agents.scriptwriter.schemas import Review, Suggestion
from memory.artifacts import Brief, Passage, Script, Sentence
from memory.claims import meaningful, names, quantities
from memory.personality import Personality
from memory.support import check_script
from memory.takeover import check_takeover
from tools.write_text.offline.words import spoken_words

WEIGHTS = {
    "hook": 0.14, "support": 0.16, "variety": 0.08, "pacing": 0.1, "structure": 0.1, "relevance": 0.1, "repetition": 0.08, "tone": 0.06, "slot": 0.08,
    "coherence": 0.1,
}  # fmt: skip
# Below this coherence a script is a pile of clippings: the score falls with it, whatever else is good.
CONNECTED = 0.75
SLOT_TOLERANCE = 0.06
_STRIKING = re.compile(
    r"\b(first|only|largest|biggest|smallest|longest|fastest|farthest|oldest|highest|deepest|most|record|never|but|despite|although|instead|without|hidden|not|than)\b",
    re.IGNORECASE,
)
_ADVICE = {
    "hook": "open with a shorter, more striking fact",
    "variety": "vary sentence length and how sentences begin",
    "pacing": "use shorter sentences that a voice can say in one breath",
    "structure": "balance the beats and give each a heading of its own",
    "relevance": "keep to sentences about the topic",
    "repetition": "leave out what was said before",
    "tone": "choose words that suit the channel",
    "slot": "fit the script to the slot",
    "coherence": "keep sentences that belong together together, in the order of their source, and let none point at what was not said",
}


def measure(script: Script, brief: Brief, passages: Sequence[Passage], personality: Personality, seconds: int) -> Review:
    """Return the score of `script` (0..1, weighted mean of ten criteria, less what it lacks in coherence), what to change, and what must go.

    Support and rights are gates as well: a sentence that its passages do not support, or wording taken over from a source
    that only lends facts, blocks whatever the score.
    """
    blocking = tuple(item for item in _blocking(script, brief, passages) if not _own_line(item, script, personality))
    sentences = script.sentences
    facts = [sentence for sentence in sentences if sentence.citations]
    scores = {
        "hook": _hook(sentences[0], brief),
        "support": 1.0 - min(1.0, len({one for item in blocking for one in item.sentence_ids}) / max(1, len(facts))) if facts else 0.0,
        "variety": _variety(script),
        "pacing": mean(_breath(spoken_words(sentence.text)) for sentence in sentences),
        "structure": _structure(script),
        "relevance": _relevance(facts, brief),
        "repetition": _repetition(sentences),
        "tone": _tone(script, personality),
        "slot": _slot(script, personality, seconds),
        "coherence": coherence(script),
    }
    scores = {name: round(value, 3) for name, value in scores.items()}
    connected = min(1.0, 0.4 + 0.6 * scores["coherence"] / CONNECTED)
    score = round(connected * sum(WEIGHTS[name] * value for name, value in scores.items()), 3)
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
    lines = (*personality.openers, *personality.closers)
    return any(re.fullmatch(re.escape(line).replace(r"\{topic\}", ".{1,60}").replace(r"\{channel\}", ".{1,60}"), said) for line in lines)


def _hook(hook: Sentence, brief: Brief) -> float:
    words = spoken_words(hook.text)
    brevity = 1.0 if words <= 10 else max(0.0, 1.0 - 0.09 * (words - 10))
    pull = 0.5 * bool(quantities(hook.text)) + 0.5 * bool(_STRIKING.search(hook.text)) + 0.35 * hook.text.endswith("?")
    topic = set(meaningful(brief.topic)) | {stem for keyword in brief.keywords[:5] for stem in meaningful(keyword)}
    about = bool(topic & set(meaningful(hook.text)))
    return min(1.0, 0.35 * brevity + 0.4 * min(1.0, pull + 0.1) + 0.25 * about)


def _variety(script: Script) -> float:
    sentences = script.sentences
    starts = [sentence.text.split()[0].lower() for sentence in sentences if sentence.text.split()]
    distinct = len(set(starts)) / len(starts)
    lengths = [spoken_words(sentence.text) for sentence in sentences]
    spread = min(1.0, pstdev(lengths) / 5) if len(lengths) > 1 else 0.0
    kinds = {sentence.visual.kind for sentence in sentences if sentence.citations}
    return min(1.0, 0.5 * min(1.0, distinct / 0.7) + 0.25 * spread + 0.25 * min(1.0, len(kinds) / 3))


def _breath(words: int) -> float:
    return 1.0 if words <= 18 else max(0.0, 1.0 - (words - 18) / 12)


def _structure(script: Script) -> float:
    beats = [[sentence for sentence in beat.sentences if sentence.citations] for beat in script.beats]
    filled = sum(1 <= len(beat) <= 7 for beat in beats) / len(beats)
    led = sum(any(sentence.role == "transition" for sentence in beat.sentences) for beat in script.beats) / len(beats)
    headings = len({beat.heading for beat in script.beats}) / len(beats)
    roles = [sentence.role for sentence in script.sentences]
    frame = 0.5 * (roles[0] == "hook") + 0.5 * (roles[-1] in {"closing", "call_to_action"})
    return 0.35 * filled + 0.2 * min(1.0, 3 * led) + 0.15 * headings + 0.3 * frame * (1.0 if 2 <= len(beats) <= 8 else 0.5)


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
    twice = sum(len(one & other) / min(len(one), len(other)) >= 0.7 for one, other in pairs)
    return max(0.0, 1.0 - 0.34 * twice)


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
        if value < 0.7 and name in _ADVICE:
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
