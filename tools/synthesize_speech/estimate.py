"""Word times from the sound alone, for a voice that gave none that can be true: pauses are heard, words share the rest by their letters."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.synthesize_speech.alignment import Span

_FRAME_S = 0.005
_FLOOR_DB = -38.0
_PAUSE_S = 0.09
# A word takes about the time of its letters and of one more (fitted on the shipped voice, whose own times are exact).
_WORD_WEIGHT = 1.3


def estimated_spans(samples: NDArray[np.float32], rate: int, words: Sequence[str], tails: Sequence[str]) -> list[Span]:
    """Return a span in samples for each word, in order.

    Punctuation is matched to the longest pauses heard, in order; between two of them words share the sounding time in
    proportion to their letters.
    """
    runs = _sounding(samples, rate)
    breaks = [index + 1 for index, tail in enumerate(tails) if tail and index + 1 < len(words)]
    gaps = sorted(range(len(runs) - 1), key=lambda index: runs[index][1] - runs[index + 1][0])[: len(breaks)]
    if len(gaps) < len(breaks):
        breaks = breaks[: len(gaps)]
    edges = [0, *breaks, len(words)]
    cuts = [0, *(index + 1 for index in sorted(gaps)), len(runs)]
    spans: list[Span] = []
    for first, last, begin, end in zip(edges, edges[1:], cuts, cuts[1:], strict=False):
        spans += _shared(runs[begin:end], [len(word) + _WORD_WEIGHT for word in words[first:last]])
    return spans


def _sounding(samples: NDArray[np.float32], rate: int) -> list[tuple[int, int]]:
    """Return the stretches that sound, joined over gaps too short to be pauses."""
    frame = round(rate * _FRAME_S)
    power = np.square(samples[: len(samples) // frame * frame].reshape(-1, frame), dtype=np.float64).mean(axis=1)
    loud = np.concatenate(([False], power > power.max(initial=1e-12) * 10 ** (_FLOOR_DB / 10), [False])).astype(np.int8)
    edges = np.diff(loud)
    runs: list[tuple[int, int]] = []
    for start, stop in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        if runs and (int(start) * frame - runs[-1][1]) < _PAUSE_S * rate:
            runs[-1] = (runs[-1][0], int(stop) * frame)
        else:
            runs.append((int(start) * frame, int(stop) * frame))
    return runs or [(0, len(samples))]


def _shared(runs: Sequence[tuple[int, int]], weights: Sequence[float]) -> list[Span]:
    """Lay words end to end over the sounding time of some stretches."""
    total = sum(stop - start for start, stop in runs)
    done = np.cumsum([0.0, *weights]) / sum(weights) * total
    return [Span(_at(runs, start, after=True), _at(runs, stop, after=False)) for start, stop in zip(done, done[1:], strict=False)]


def _at(runs: Sequence[tuple[int, int]], sounded: float, after: bool) -> int:
    """Return the sample at which so much has sounded; at the seam of two stretches the start of the later one when `after`."""
    left = sounded
    for index, (start, stop) in enumerate(runs):
        length = stop - start
        if left < length - 0.5 or (left <= length + 0.5 and (not after or index == len(runs) - 1)):
            return round(start + min(left, length))
        left -= length
    return runs[-1][1]
