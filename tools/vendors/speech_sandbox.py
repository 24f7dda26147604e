"""Speech-like sound with known word times, for the stand-ins of voices: honest to the sample, and no placeholder of anything."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from infra.ids import json_digest

# What an answer of a voice may have wrong with it. Each is checked by the clients; sources stand with the stand-ins.
Defect = Literal["no_times", "short_times", "backward_times", "late_times", "other_text", "empty_audio", "not_audio"]
_LEAD_S = 0.08
_PER_LETTER_S = 0.055
_GAP_S = 0.03
_PAUSES = {",": 0.16, ";": 0.2, ":": 0.2, ".": 0.22, "?": 0.22, "!": 0.22}
_HISS = 0.004


@dataclass(frozen=True)
class Said:
    """16-bit samples and each word's start and end in seconds."""

    pcm: NDArray[np.int16]
    spans: tuple[tuple[float, float], ...]


def say(words: list[str], rate: int, pace: float = 1.0) -> Said:
    """Sound one syllable-like burst per word with a little hiss below, as a voice recorded in a room; the same words sound the same."""
    draw = np.random.default_rng(int(json_digest(words)[:8], 16))
    at = _LEAD_S
    spans: list[tuple[float, float]] = []
    bursts: list[tuple[int, NDArray[np.float64]]] = []
    for word in words:
        letters = max(1, sum(one.isalnum() for one in word))
        length = (0.06 + _PER_LETTER_S * letters) / pace
        bursts.append((round(at * rate), _burst(round(length * rate), rate, 110 + 20 * draw.random())))
        spans.append((round(at, 3), round(at + length, 3)))
        at += length + _GAP_S / pace + _PAUSES.get(word[-1:], 0.0) / pace
    track = draw.standard_normal(round((at + 0.1) * rate)) * _HISS
    for start, burst in bursts:
        track[start : start + len(burst)] += burst
    return Said(np.round(np.clip(track, -1, 1) * 32767).astype("<i2"), tuple(spans))


def _burst(count: int, rate: int, pitch: float) -> NDArray[np.float64]:
    time = np.arange(count) / rate
    tone = sum(np.sin(2 * np.pi * pitch * one * time) / one for one in range(1, 16))
    rise = np.minimum(1.0, np.minimum(time / 0.01, (count / rate - time) / 0.03))
    syllables = 0.7 + 0.3 * np.sin(2 * np.pi * 5 * time)
    shaped: NDArray[np.float64] = 0.16 * tone * np.clip(rise, 0, 1) * syllables
    return shaped
