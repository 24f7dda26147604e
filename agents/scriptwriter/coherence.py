"""Measures whether the sentences of a script belong together: places in their sources, shared subjects, and what points at nothing."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean

from memory.artifacts import Script, Sentence
from memory.claims import meaningful
from tools.write_text.offline.subjects import leans_back

_NEAR, _REACH = 2, 8


def coherence(script: Script) -> float:
    """Return 0..1: the mean link of neighbouring facts, within a beat and from beat to beat, less half of the share that points at nothing.

    The link of two facts is 1 for neighbours of one source read forward, less for a jump, and rises with the subjects they share.
    A beat of a single fact counts as no link: it is a clipping.
    """
    told = [[sentence for sentence in beat.sentences if sentence.citations] for beat in script.beats]
    links = [_link(one, other) for beat in told for one, other in pairwise(beat)]
    links += [0.0 for number, beat in enumerate(told) if len(beat) == 1 and number]
    links += [_turn(one, other) for one, other in pairwise([beat for beat in told if beat])]
    facts = max(1, sum(map(len, told)))
    return round(max(0.0, (mean(links) if links else 0.0) - 1.5 * len(strays(script)) / facts), 3)


def strays(script: Script) -> tuple[str, ...]:
    """Return the sentences that point back at something which is not said right before them."""
    found = []
    before: Sentence | None = None
    for sentence in script.sentences:
        if sentence.citations and leans_back(sentence.text) and not _goes_on(before, sentence):
            found.append(sentence.id)
        before = sentence if sentence.citations else before
    return tuple(found)


def _goes_on(before: Sentence | None, sentence: Sentence) -> bool:
    if before is None:
        return False
    if 0 < _distance(before, sentence) <= 1:
        return True
    return len(_shared(before, sentence)) >= 2


def _link(one: Sentence, other: Sentence) -> float:
    gap = _distance(one, other)
    shared = min(1.0, 0.35 * len(_shared(one, other)))
    if 0 < gap <= _NEAR:
        return 1.0
    if 0 < gap <= _REACH:
        return max(0.6, shared)
    return max(0.15, 0.8 * shared)


def _turn(before: Sequence[Sentence], after: Sequence[Sentence]) -> float:
    """Return how natural a step from one beat to the next is: on in the same source, or to a subject that was there."""
    gap = _distance(before[-1], after[0])
    words = {stem for sentence in before for stem in meaningful(sentence.text)}
    shared = len(words & {stem for sentence in after for stem in meaningful(sentence.text)})
    return 1.0 if gap > 0 else min(0.8, 0.25 * shared)


def _distance(one: Sentence, other: Sentence) -> int:
    """Return how many sentences later the second stands in the source of the first; 0 when it is another source or before it."""
    steps = [int(second[1]) - int(first[1]) for first in _places(one) for second in _places(other)[-1:] if first[0] == second[0]]
    ahead = [step for step in steps if step > 0]
    return min(ahead, default=0) if len(ahead) == len(steps) else 0


def _places(sentence: Sentence) -> list[tuple[str, str]]:
    places = [(document, number) for document, _, number in (cited.rpartition("#") for cited in sentence.citations) if number.isdigit()]
    return places[-1:]


def _shared(one: Sentence, other: Sentence) -> set[str]:
    return {stem for stem in set(meaningful(one.text)) & set(meaningful(other.text)) if len(stem) > 2}
