"""From phoneme lengths to the samples of each display word.

The voice runs words together ("of the" has no gap), so its phonemes are aligned with those of each word spoken alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.vendors.piper.client import Utterance

_SILENT = frozenset("^$_ ")
_MARKS = frozenset(".,;:!?…—–-\"'()«»¡¿")
_PROSODY = frozenset("ˈˌːˑʲ̩̯̃")
_VOWELS = frozenset("aeiouyæɐɑɒɔəɚɛɜɝɪɨʉʊʌᵻø")
_BREAK = " "

# The model times symbols, and the attack of a word falls into the break before it. Against an aligner that knows nothing of
# the model, on joined words of known boundaries, starts after the first quarter of the break are unbiased (`bench captions`).
_ATTACK_SHARE = 0.75
_LONGEST_ATTACK_S = 0.06


@dataclass(frozen=True)
class Span:
    """Where a word is heard, in samples from the start of its sentence."""

    start: int
    end: int


@dataclass(frozen=True)
class _Sound:
    phoneme: str
    start: int
    end: int


def word_spans(utterance: Utterance) -> list[Span]:
    """Return the span of each spoken word of the request, in order, without the pauses around it.

    Boundaries are those of the model's own phoneme lengths; within words run together they come from a least-cost
    alignment (Needleman-Wunsch) with the words spoken alone.
    """
    groups = _groups(utterance)
    alone = [tuple(one for one in word if one not in _MARKS and one != _BREAK) for word in utterance.alone]
    if len(groups) == len(alone) and all(_alike(group, word) for group, word in zip(groups, alone, strict=True)):
        spans = [Span(group[0].start, group[-1].end) for group in groups]
    else:
        spans = _filled(_aligned(groups, alone), groups)
    attacks = _attacks(utterance)
    return [Span(span.start - attacks.get(span.start, 0), span.end) for span in spans]


def share_span(span: Span, weights: Sequence[int]) -> list[Span]:
    """Cut a span into consecutive parts in proportion to `weights`."""
    total = max(1, sum(weights))
    edges = [span.start + (span.end - span.start) * sum(weights[:index]) // total for index in range(len(weights) + 1)]
    return [Span(start, end) for start, end in zip(edges[:-1], edges[1:], strict=True)]


def _attacks(utterance: Utterance) -> dict[int, int]:
    """Return by the sample at which a break between joined words ends how many samples before it the next word is already heard."""
    found: dict[int, int] = {}
    position, before = 0, ""
    for phoneme, width in zip(utterance.phonemes, utterance.widths, strict=True):
        position += width
        joined, before = phoneme == _BREAK and before not in _MARKS and before not in _SILENT, phoneme
        if joined:
            found[position] = min(round(_ATTACK_SHARE * width), round(_LONGEST_ATTACK_S * utterance.rate))
    return found


def _groups(utterance: Utterance) -> list[list[_Sound]]:
    groups: list[list[_Sound]] = [[]]
    position = 0
    for phoneme, width in zip(utterance.phonemes, utterance.widths, strict=True):
        if phoneme in _SILENT:
            groups.append([])
        elif phoneme not in _MARKS:
            groups[-1].append(_Sound(phoneme, position, position + width))
        position += width
    return [group for group in groups if group]


def _alike(group: Sequence[_Sound], word: Sequence[str]) -> bool:
    """Say whether a group of sounds may be this word: about as long, or sharing a consonant."""
    heard = {sound.phoneme for sound in group} - _PROSODY - _VOWELS
    return bool(word) and (abs(len(group) - len(word)) <= 2 or len(heard & set(word)) >= 2)


def _aligned(groups: list[list[_Sound]], alone: list[tuple[str, ...]]) -> list[Span | None]:
    """Return the span of each word by global alignment; None for a word that no sound was left for."""
    heard: list[_Sound] = []
    for group in groups:
        if heard:
            heard.append(_Sound(_BREAK, heard[-1].end, group[0].start))
        heard += group
    written: list[tuple[str, int]] = []
    for index, word in enumerate(alone):
        if index:
            written.append((_BREAK, -1))
        written += [(phoneme, index) for phoneme in word]
    owner = _owners([sound.phoneme for sound in heard], [phoneme for phoneme, _ in written], [index for _, index in written])
    spans: list[Span | None] = []
    for index in range(len(alone)):
        own = [sound for sound, belongs in zip(heard, owner, strict=True) if belongs == index and sound.phoneme != _BREAK]
        spans.append(Span(own[0].start, own[-1].end) if own else None)
    return spans


def _owners(heard: list[str], written: list[str], words: list[int]) -> list[int]:
    """Return for each heard symbol the word of the written symbol it is aligned with, or of its neighbour."""
    table = _table(heard, written)
    owner = [-1] * len(heard)
    row, column = len(heard), len(written)
    word = words[-1] if words else 0
    while row > 0:
        here = table[row][column]
        matched = column > 0 and here == table[row - 1][column - 1] + _change(heard[row - 1], written[column - 1])
        if matched:
            word = words[column - 1] if words[column - 1] >= 0 else word
            owner[row - 1] = word
            row, column = row - 1, column - 1
        elif here == table[row - 1][column] + _skip(heard[row - 1]):
            # A sound that no written one stands for belongs to the word it follows, unless a break lies between.
            owner[row - 1] = words[column - 1] if column > 0 and words[column - 1] >= 0 else word
            row -= 1
        else:
            column -= 1
            word = words[column] if words[column] >= 0 else word
    return owner


def _table(heard: list[str], written: list[str]) -> list[list[float]]:
    first = [0.0]
    for symbol in written:
        first.append(first[-1] + _skip(symbol))
    table = [first]
    for sound in heard:
        above = table[-1]
        skip = _skip(sound)
        line = [above[0] + skip]
        for index, symbol in enumerate(written):
            line.append(min(above[index] + _change(sound, symbol), above[index + 1] + skip, line[index] + _skip(symbol)))
        table.append(line)
    return table


def _skip(symbol: str) -> float:
    if symbol == _BREAK:
        return 0.75
    return 0.25 if symbol in _PROSODY else 1.0


def _change(heard: str, written: str) -> float:
    if heard == written:
        return 0.0
    if _BREAK in {heard, written} or (heard in _PROSODY) != (written in _PROSODY):
        return 4.0
    return 0.5 if (heard in _VOWELS) == (written in _VOWELS) else 1.5


def _filled(spans: list[Span | None], groups: list[list[_Sound]]) -> list[Span]:
    """Give a word that was swallowed whole the end of the word before it (or the start of the one after)."""
    filled: list[Span] = []
    for index, span in enumerate(spans):
        if span is not None:
            filled.append(span)
        elif filled:
            before, own = share_span(filled[-1], (3, 1))
            filled[-1] = before
            filled.append(own)
        else:
            after = next((one for one in spans[index:] if one is not None), Span(groups[0][0].start, groups[-1][-1].end))
            own, rest = share_span(after, (1, 3))
            filled.append(own)
            spans[spans.index(after)] = rest
    return filled
