"""The sound in figures: loudness, true peak, silences, clipping, and how far it lies from the narration."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tools.vendors.ffmpeg.client import parse_loudness, read_stdout, run

_CHUNK_BYTES = 1 << 20
_CLIPPED = 0.985
_ENVELOPE_HZ = 500
_WINDOW_S = 20.0
_SEARCH_S = 1.0


@dataclass(frozen=True)
class Soundtrack:
    """Measures of the first audio stream; `silences` are (start, length) in seconds, `clipped_share` is of all samples."""

    integrated_lufs: float
    true_peak_dbtp: float
    silences: tuple[tuple[float, float], ...]
    clipped_share: float
    complaints: str


def read_soundtrack(path: Path, silence_s: float) -> Soundtrack:
    """Decode the sound twice in processes of their own: once for the standard meters, once for its samples."""
    filters = f"ebur128=peak=true:framelog=quiet,silencedetect=noise=-50dB:duration={silence_s}"
    text = run(["-i", str(path), "-map", "0:a:0", "-af", filters, "-f", "null", "-"], timeout_s=900, loglevel="info")
    loudness = parse_loudness(text)
    ends = [(float(end) - float(length), float(length)) for end, length in re.findall(r"silence_end: ([\d.]+) \| silence_duration: ([\d.]+)", text)]
    counts = [0, 0]

    def consume(stream: IO[bytes]) -> None:
        while data := stream.read(_CHUNK_BYTES):
            samples = np.abs(np.frombuffer(data[: len(data) // 4 * 4], np.float32))
            counts[0] += len(samples)
            counts[1] += int((samples >= _CLIPPED).sum())

    complaints = read_stdout(["-i", str(path), "-map", "0:a:0", "-f", "f32le", "pipe:1"], consume)
    return Soundtrack(loudness.integrated_lufs, loudness.true_peak_dbtp, tuple(ends), counts[1] / max(counts[0], 1), complaints)


def narration_offsets(film: Path, narration: Path, seconds: float) -> tuple[float, float] | None:
    """Return how late the narration is in the film, in seconds, near its start and near its end.

    Method: cross-correlation of the onsets (rising level, 500 Hz envelope) of both over 20 s; None when either is too
    quiet to tell.
    """
    length = min(_WINDOW_S, seconds)
    offsets = []
    for start in (0.0, max(seconds - length, 0.0)):
        mine, theirs = (_onsets(path, start, length) for path in (film, narration))
        if min(float(mine.std()), float(theirs.std())) < 1e-6:
            return None
        reach = round(_SEARCH_S * _ENVELOPE_HZ)
        scores = [_overlap(mine, theirs, lag) for lag in range(-reach, reach + 1)]
        offsets.append((int(np.argmax(scores)) - reach) / _ENVELOPE_HZ)
    return offsets[0], offsets[1]


def _overlap(film: NDArray[np.float64], voice: NDArray[np.float64], lag: int) -> float:
    first, second = (film[lag:], voice) if lag >= 0 else (film, voice[-lag:])
    shared = min(len(first), len(second))
    return float(first[:shared] @ second[:shared]) / max(shared, 1)


def _onsets(path: Path, start: float, length: float) -> NDArray[np.float64]:
    rate = 16_000
    parts: list[bytes] = []

    def consume(stream: IO[bytes]) -> None:
        while data := stream.read(_CHUNK_BYTES):
            parts.append(data)

    window = ["-ss", f"{start:.3f}", "-t", f"{length:.3f}", "-i", str(path)]
    read_stdout([*window, "-map", "0:a:0", "-ac", "1", "-ar", str(rate), "-af", "highpass=f=300", "-f", "f32le", "pipe:1"], consume)
    samples = np.frombuffer(b"".join(parts), np.float32).astype(np.float64)
    step = rate // _ENVELOPE_HZ
    level = np.sqrt((samples[: len(samples) // step * step].reshape(-1, step) ** 2).mean(axis=1))
    smooth = np.convolve(np.log10(level + 1e-4), np.ones(8) / 8, "same")
    rise = np.maximum(np.diff(smooth, prepend=smooth[:1]), 0.0)
    onsets: NDArray[np.float64] = rise - rise.mean()
    return onsets
