"""Checks of the picture: black, flat and frozen stretches, repeated shots, and whether enough happens."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from memory.artifacts import GateResult, Storyboard
from tools.inspect_media.picture import Picture
from tools.inspect_media.schema import Limits

_BLACK_MEAN, _BLACK_SPREAD = 24.0, 5.0
_FLAT_SPREAD = 2.5
_STILL_CHANGE = 0.02
_NEW_SHARE = 0.04
_CUT_SHARE = 0.45
_SAME_MEAN, _SAME_WORST = 2.2, 26.0


def picture_gates(picture: Picture, storyboard: Storyboard | None, limits: Limits) -> list[GateResult]:
    """Check a decoded film; with a storyboard the shots are known, without one they are found at hard changes."""
    mean, spread = np.array(picture.mean), np.array(picture.spread)
    black = (mean < _BLACK_MEAN) & (spread < _BLACK_SPREAD)
    flat = (spread < _FLAT_SPREAD) & ~black
    still = np.array(picture.change) < _STILL_CHANGE
    return [
        _stretch("black", black, picture.fps, limits.black_s),
        _stretch("flat", flat, picture.fps, limits.flat_s),
        _stretch("frozen", still, picture.fps, limits.freeze_s),
        _change_gate(picture, limits),
        _repeat_gate(picture, shot_spans(picture, storyboard)),
        *(_board_gates(storyboard, limits) if storyboard is not None else []),
    ]


def shot_spans(picture: Picture, storyboard: Storyboard | None) -> list[tuple[int, int]]:
    """Return each shot as (first, last + 1) frame, from the storyboard or from hard changes of most cells."""
    count = len(picture.mean)
    if storyboard is not None:
        spans = [(round(shot.start_s * picture.fps), min(round(shot.end_s * picture.fps), count)) for shot in storyboard.shots]
        return [span for span in spans if span[1] > span[0]]
    lag = max(1, round(picture.fps / 2))
    cuts = [0]
    for number in range(lag, count):
        if picture.novelty[number] > _CUT_SHARE and number - lag - cuts[-1] > lag:
            cuts.append(number)
    return [(first, last) for first, last in zip(cuts, [*cuts[1:], count], strict=True) if last - first > lag]


def longest_run(marks: NDArray[np.bool_]) -> tuple[int, int]:
    """Return (start, length) of the longest run of true values."""
    edges = np.diff(np.concatenate([[0], marks.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if not len(starts):
        return 0, 0
    best = int(np.argmax(ends - starts))
    return int(starts[best]), int(ends[best] - starts[best])


def _stretch(name: str, marks: NDArray[np.bool_], fps: float, limit_s: float) -> GateResult:
    start, length = longest_run(marks)
    seconds = length / fps
    where = f" at {start / fps:.1f} s" if length else ""
    return _gate(name, seconds <= limit_s, f"longest {seconds:.2f} s{where}", f"at most {limit_s} s").figured(seconds, limit_s, start / fps)


def _change_gate(picture: Picture, limits: Limits) -> GateResult:
    """The longest time in which no new thing appeared above the captions."""
    fresh = np.array(picture.novelty) > _NEW_SHARE
    start, length = longest_run(~fresh)
    seconds = length / picture.fps
    measured = f"longest {seconds:.2f} s at {start / picture.fps:.1f} s"
    gate = _gate("visual_change", seconds <= limits.change_s, measured, f"at most {limits.change_s} s", "illustrate")
    return gate.figured(seconds, limits.change_s, start / picture.fps)


def _repeat_gate(picture: Picture, spans: Sequence[tuple[int, int]]) -> GateResult:
    """Compare the middles of all shots above the captions."""
    stills = [_still_near(picture, (first + last) // 2) for first, last in spans]
    pairs = [(one, two) for one, two in combinations(range(len(stills)), 2) if _same(stills[one], stills[two])]
    named = ", ".join(f"{one + 1} and {two + 1}" for one, two in pairs[:3])
    return _gate("repeated_shots", not pairs, f"{len(pairs)} pairs" + (f": shots {named}" if named else f" among {len(stills)} shots"), "none", "illustrate")


def _still_near(picture: Picture, number: int) -> NDArray[np.float32]:
    nearest = min(picture.stills, key=lambda key: abs(key - number))
    still: NDArray[np.float32] = picture.stills[nearest][: picture.band.top].astype(np.float32)
    return still


def _same(one: NDArray[np.float32], two: NDArray[np.float32]) -> bool:
    difference = np.abs(one - two)
    return float(difference.mean()) < _SAME_MEAN and float(np.quantile(difference, 0.995)) < _SAME_WORST


def _board_gates(storyboard: Storyboard, limits: Limits) -> list[GateResult]:
    """What the storyboard itself says: pictures used twice, and the contrast that was measured when text was drawn."""
    seen: dict[tuple[str, ...], str] = {}
    twice = []
    for shot in storyboard.shots:
        key = tuple(layer.image for layer in shot.layers)
        if key in seen:
            twice.append(f"{seen[key]} and {shot.id}")
        seen.setdefault(key, shot.id)
    gates = [_gate("shots_unique", not twice, f"{len(twice)} repeated" + (f": {twice[0]}" if twice else ""), "none", "illustrate")]
    known = [(float(shot.scene["contrast"]), shot.id, shot.start_s) for shot in storyboard.shots if isinstance(shot.scene.get("contrast"), int | float)]
    if known:
        worst, name, at_s = min(known)
        gate = _gate("text_contrast", worst >= limits.contrast, f"{worst:.1f}:1 in shot {name}", f"at least {limits.contrast}:1", "illustrate")
        gates.append(gate.figured(worst, limits.contrast, at_s))
    return gates


def _gate(name: str, passed: bool, measured: str, limit: str, stage: str = "render") -> GateResult:
    return GateResult(name=name, passed=passed, measured=measured, limit=limit, stage=stage)
