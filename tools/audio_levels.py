"""Measures of a sound track: loudness, true peak and silences, by the broadcast standards."""

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy.signal import resample_poly

from infra.errors import Invalid

Samples = NDArray[np.float32]

_OVERSAMPLING = 4
_CHUNK = 1 << 18
_GUARD = 64
_WINDOW_S = 0.01
_BLOCK_S = 0.4


def integrated_lufs(samples: Samples, rate: int) -> float:
    """Return the integrated loudness in LUFS (ITU-R BS.1770-4: K-weighting, 400 ms blocks, gates at -70 LUFS and -10 LU).

    `samples` has shape (n,) or (n, channels) with full scale 1.0, `rate` is in Hz. Digital silence is -inf.
    Raises `Invalid` below one block (0.4 s), which has no loudness by definition.
    """
    checked = _checked(samples, rate)
    if len(checked) < _BLOCK_S * rate:
        raise Invalid(f"samples: {len(checked) / rate:.3f} s is shorter than one loudness block (0.4 s)", rate=rate)
    if not np.any(checked):
        return float("-inf")
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(pyloudnorm.Meter(rate).integrated_loudness(checked.astype(np.float64)))


def true_peak_dbtp(samples: Samples, rate: int) -> float:
    """Return the true peak in dBTP: the largest magnitude after oversampling four times (ITU-R BS.1770-4, annex 2).

    `samples` has shape (n,) or (n, channels) with full scale 1.0. Digital silence is -inf. Works in chunks, so a long
    track costs no more memory than a short one.
    """
    checked = _checked(samples, rate)
    peak = 0.0
    for start in range(0, len(checked), _CHUNK):
        # The guard samples on both sides keep the filter's edges out of the measured part.
        before = min(_GUARD, start)
        part = checked[start - before : start + _CHUNK + _GUARD]
        dense: Samples = np.abs(resample_poly(part, _OVERSAMPLING, 1, axis=0))
        kept = dense[before * _OVERSAMPLING : (before + _CHUNK) * _OVERSAMPLING]
        peak = max(peak, float(kept.max()))
    return float(20 * np.log10(peak)) if peak > 0 else float("-inf")


def silences(samples: Samples, rate: int, floor_db: float = -50.0, min_s: float = 0.2) -> list[tuple[float, float]]:
    """Return every stretch of at least `min_s` seconds below `floor_db` dBFS as (start, end) in seconds.

    The level is the RMS of 10 ms windows of the loudest channel; a last partial window counts as a window.
    """
    checked = _checked(samples, rate)
    window = max(1, round(rate * _WINDOW_S))
    level = np.abs(checked) if checked.ndim == 1 else np.abs(checked).max(axis=1)
    starts = np.arange(0, len(level), window)
    counts = np.minimum(window, len(level) - starts)
    power = np.add.reduceat(np.square(level, dtype=np.float64), starts) / counts
    quiet = np.concatenate(([False], power < 10 ** (floor_db / 10), [False])).astype(np.int8)
    edges = np.diff(quiet)
    spans = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    found = [(int(first) * window / rate, min(int(last) * window, len(level)) / rate) for first, last in spans]
    return [(start, end) for start, end in found if end - start >= min_s]


def longest_silence_s(samples: Samples, rate: int, floor_db: float = -50.0) -> float:
    """Return the length in seconds of the longest stretch below `floor_db` dBFS, 0.0 when there is none."""
    return max((end - start for start, end in silences(samples, rate, floor_db, min_s=0.0)), default=0.0)


def _checked(samples: Samples, rate: int) -> Samples:
    if samples.ndim not in {1, 2} or len(samples) == 0 or rate <= 0:
        raise Invalid(f"samples: shape {samples.shape} at {rate} Hz; expected (n,) or (n, channels) with n > 0", rate=rate)
    return samples
