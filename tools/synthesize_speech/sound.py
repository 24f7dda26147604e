"""The sound of one sentence: rumble removed, silence trimmed, level set, edges faded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from tools.audio_levels import integrated_lufs
from tools.synthesize_speech.alignment import Span

TARGET_LUFS = -24.0
_PEAK = 0.89
_HIGH_PASS_HZ = 70.0
_FADE_S = 0.005
_FRAME_S = 0.005
_FLOOR_DB = -42.0
_KEEP_BEFORE_S = 0.02
_KEEP_AFTER_S = 0.06
_LONG_ENOUGH_S = 1.0
_PAUSE_S = 0.08
_LOOK_BACK_S = 0.12

Samples = NDArray[np.float32]
Pcm = NDArray[np.int16]


@dataclass(frozen=True)
class Take:
    """One sentence ready to be laid on the track: 16-bit samples and the spans of its words in them."""

    pcm: Pcm
    rate: int
    spans: tuple[Span, ...]


def finish(samples: Samples, rate: int, spans: list[Span], gain_db: float = 0.0) -> Take:
    """Clean one sentence of shape (n,) at `rate` Hz and bring it to -24 LUFS plus `gain_db`; the render bus raises it later.

    The high-pass (70 Hz, second order, run both ways) shifts nothing in time. Trimming keeps every word's start. After a
    pause a word starts where it is first heard, and the end of one that runs into silence is where it is last heard.
    """
    clean = _without_rumble(samples, rate)
    audible = _audible(clean, rate)
    ended = [Span(span.start, _last_heard(audible, rate, span)) for span in spans]
    heard = [Span(_first_heard(audible, rate, span, before), span.end) for span, before in zip(ended, [None, *ended[:-1]], strict=True)]
    start, stop = _extent(audible, rate, heard)
    cut = clean[start:stop]
    level = _level(cut, rate)
    gain = min(10 ** ((TARGET_LUFS + gain_db - level) / 20), _PEAK / max(float(np.abs(cut).max()), 1e-6))
    pcm = np.round(_faded(cut * gain, rate) * 32767).astype(np.int16)
    moved = tuple(Span(max(0, span.start - start), min(len(pcm), span.end - start)) for span in heard)
    return Take(pcm, rate, moved)


def _without_rumble(samples: Samples, rate: int) -> Samples:
    sections = butter(2, _HIGH_PASS_HZ, "highpass", fs=rate, output="sos")
    cleaned: Samples = sosfiltfilt(sections, samples).astype(np.float32)
    return cleaned


def _audible(samples: Samples, rate: int) -> NDArray[np.bool_]:
    """Say for each 5 ms frame whether it is louder than 42 dB below the loudest."""
    frame = round(rate * _FRAME_S)
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = np.mean(np.square(whole, dtype=np.float64), axis=1)
    loud: NDArray[np.bool_] = power > power.max(initial=1e-12) * 10 ** (_FLOOR_DB / 10)
    return loud


def _last_heard(audible: NDArray[np.bool_], rate: int, span: Span) -> int:
    frame = round(rate * _FRAME_S)
    loud = np.flatnonzero(audible[span.start // frame : -(-span.end // frame)])
    if not len(loud):
        return span.end
    return min(span.end, (span.start // frame + int(loud[-1]) + 1) * frame)


def _first_heard(audible: NDArray[np.bool_], rate: int, span: Span, before: Span | None) -> int:
    """Return where a word after a pause is first heard: the start of the loud stretch that its given start lies in."""
    pause = span.start - (before.end if before else 0)
    if before is not None and pause < _PAUSE_S * rate:
        return span.start
    frame = round(rate * _FRAME_S)
    least = max(span.start - round(_LOOK_BACK_S * rate), before.end if before else 0) // frame + 1
    first = span.start // frame
    while first > least and audible[first - 1]:
        first -= 1
    return min(span.start, first * frame)


def _extent(audible: NDArray[np.bool_], rate: int, spans: list[Span]) -> tuple[int, int]:
    frame = round(rate * _FRAME_S)
    loud = np.flatnonzero(audible)
    first, last = (int(loud[0]) * frame, (int(loud[-1]) + 1) * frame) if len(loud) else (0, len(audible) * frame)
    start = max(0, min(first, spans[0].start) - round(_KEEP_BEFORE_S * rate))
    return start, max(last, spans[-1].end) + round(_KEEP_AFTER_S * rate)


def _level(samples: Samples, rate: int) -> float:
    """Return the loudness; a short cry is repeated until it is long enough for the standard's blocks."""
    repeats = max(1, -(-round(_LONG_ENOUGH_S * rate) // len(samples)))
    level = integrated_lufs(np.tile(samples, repeats), rate)
    return level if np.isfinite(level) else TARGET_LUFS


def _faded(samples: Samples, rate: int) -> Samples:
    size = min(round(_FADE_S * rate), len(samples) // 2)
    faded = samples.copy()
    ramp = np.sin(np.linspace(0, np.pi / 2, size, dtype=np.float32)) ** 2
    faded[:size] *= ramp
    faded[len(faded) - size :] *= ramp[::-1]
    return faded
