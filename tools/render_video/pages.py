"""How spoken words become caption pages: four to six words, broken where the sentence breathes."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby, pairwise

from memory.artifacts import WordTiming

MOST_WORDS = 6
_WANTED = range(4, MOST_WORDS + 1)
_BREAKS = (".", "!", "?", ":", ";", ",", "\u2014", "\u2013")
_HOLD_S = 0.7
_BRIDGE_S = 1.2
_PAUSE_S = 0.22


@dataclass(frozen=True)
class Page:
    """The words on screen together and when: [start_s, end_s) in seconds of the film."""

    words: tuple[WordTiming, ...]
    start_s: float
    end_s: float

    @property
    def text(self) -> str:
        """The page as one line."""
        return " ".join(word.text for word in self.words)


def make_pages(words: tuple[WordTiming, ...], fits: Callable[[tuple[str, ...]], bool]) -> tuple[Page, ...]:
    """Split words into pages, sentence by sentence; `fits` says whether words fit on two lines.

    Each sentence is split by dynamic programming over a cost that prefers four to six words and breaks at punctuation
    or pauses. Every word is on exactly one page, in order; a page stays until the next one or a short hold.
    """
    groups: list[tuple[WordTiming, ...]] = []
    for _, run in groupby(words, key=lambda word: word.sentence_id):
        groups.extend(_split(tuple(run), fits))
    return tuple(_timed(group, groups[index + 1] if index + 1 < len(groups) else None) for index, group in enumerate(groups))


def _split(words: tuple[WordTiming, ...], fits: Callable[[tuple[str, ...]], bool]) -> list[tuple[WordTiming, ...]]:
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(words) + 1):
        options = []
        for start in range(max(0, end - MOST_WORDS), end):
            group = words[start:end]
            if len(group) > 1 and not fits(tuple(word.text for word in group)):
                continue
            following = words[end] if end < len(words) else None
            options.append((best[start][0] + _cost(group, following), start))
        best.append(min(options))
    cuts, end = [], len(words)
    while end > 0:
        start = best[end][1]
        cuts.append(words[start:end])
        end = start
    return cuts[::-1]


def _cost(group: tuple[WordTiming, ...], following: WordTiming | None) -> float:
    """What a page costs: too few words, a breath inside it, and a break in the middle of a phrase."""
    count = len(group)
    cost = 0.0 if count in _WANTED else {3: 0.4, 2: 2.0, 1: 4.0}[count]
    cost += 0.6 * sum(_breathes(word, after) for word, after in pairwise(group))
    if following is None or _breathes(group[-1], following):
        return cost
    # A short function word at the end of a page hangs in the air.
    return cost + (1.05 if len(group[-1].text) <= 3 else 0.7)


def _breathes(word: WordTiming, following: WordTiming) -> bool:
    tail = word.text.rstrip("\"')\u2019\u201d")
    return tail.endswith(_BREAKS) or following.start_s - word.end_s >= _PAUSE_S


def _timed(group: tuple[WordTiming, ...], following: tuple[WordTiming, ...] | None) -> Page:
    start, last = group[0].start_s, group[-1].end_s
    if following is None:
        return Page(group, start, last + _HOLD_S)
    gap = following[0].start_s - last
    return Page(group, start, following[0].start_s if gap <= _BRIDGE_S else last + _HOLD_S)
