"""The chain for bought sound: noise lowered, tone set, dynamics evened. Loudness is set afterwards with every other take's."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d, uniform_filter1d
from scipy.signal import istft, sosfiltfilt, stft

Samples = NDArray[np.float32]

# Noise: gain per bin between the floor and 1 (Wiener rule against the noise heard in the quietest tenth of the frames).
_WINDOW_S = 0.032
_QUIET_SHARE = 0.1
_NOISE_MARGIN = 2.0
_LEAST_GAIN = 0.1
# Tone: (centre Hz, width as Q, gain dB); run both ways, so each is given half.
_BELLS = ((280.0, 0.9, -1.5), (3400.0, 0.8, 2.0))
# Dynamics: 2.5:1 above the threshold, which lies a little under the speech's own level.
_RATIO = 2.5
_UNDER_LEVEL_DB = 4.0
_ATTACK_S = 0.012
_RELEASE_S = 0.12
_SPEECH_FLOOR_DB = -35.0


def restore(samples: Samples, rate: int) -> Samples:
    """Return the sound of shape (n,) at `rate` Hz through the chain; nothing is shifted in time, the length stays."""
    return compressed(toned(denoised(samples, rate), rate), rate)


def denoised(samples: Samples, rate: int) -> Samples:
    """Lower what is steady: each bin by the Wiener gain against its noise, never below -20 dB, smoothed over neighbours."""
    size = 1 << round(np.log2(_WINDOW_S * rate))
    if len(samples) < 4 * size:
        return samples
    _, _, bins = stft(samples, rate, nperseg=size, noverlap=3 * size // 4)
    power = np.abs(bins) ** 2
    frames = power.sum(axis=0)
    quiet = power[:, frames <= np.quantile(frames, _QUIET_SHARE)]
    noise = quiet.mean(axis=1, keepdims=True) * _NOISE_MARGIN
    gain = np.clip(1 - noise / np.maximum(power, 1e-20), _LEAST_GAIN, 1.0)
    # A single loud bin among lowered ones rings; neighbours in pitch and time move together.
    smooth = uniform_filter1d(uniform_filter1d(gain, 3, axis=0), 5, axis=1)
    _, cleaned = istft(bins * smooth, rate, nperseg=size, noverlap=3 * size // 4)
    found: Samples = np.resize(np.pad(cleaned, (0, max(0, len(samples) - len(cleaned)))), len(samples)).astype(np.float32)
    return found


def toned(samples: Samples, rate: int) -> Samples:
    """Take a little mud away at 280 Hz and give presence at 3.4 kHz (peaking filters of the Audio EQ Cookbook)."""
    sections = np.array([_bell(centre, width, gain / 2, rate) for centre, width, gain in _BELLS if centre < 0.45 * rate])
    shaped: Samples = sosfiltfilt(sections, samples).astype(np.float32)
    return shaped


def compressed(samples: Samples, rate: int) -> Samples:
    """Even the level out: above the threshold 2.5 dB in make 1 dB out; the gain looks ahead, so that no attack slips through."""
    envelope = np.sqrt(uniform_filter1d(np.square(samples, dtype=np.float64), max(1, round(_ATTACK_S * rate))))
    level = 20 * np.log10(np.maximum(envelope, 1e-6))
    speech = level[level > level.max(initial=-120.0) + _SPEECH_FLOOR_DB]
    if not len(speech):
        return samples
    threshold = float(10 * np.log10(np.mean(10 ** (speech / 10)))) - _UNDER_LEVEL_DB
    over = np.maximum(0.0, level - threshold) * (1 - 1 / _RATIO)
    held = maximum_filter1d(over, max(1, round(_RELEASE_S * rate)))
    gain = uniform_filter1d(held, max(1, round(_RELEASE_S * rate)))
    evened: Samples = (samples * 10 ** (-gain / 20)).astype(np.float32)
    return evened


def noise_floor_db(samples: Samples, rate: int) -> float:
    """Return the level in dBFS of the quietest tenth of the 20 ms windows that lie inside the sound (silence before and after is left out)."""
    frame = round(rate * 0.02)
    power = np.square(samples[: len(samples) // frame * frame].reshape(-1, frame), dtype=np.float64).mean(axis=1)
    loud = np.flatnonzero(power > power.max(initial=1e-20) * 1e-3)
    inside = power[loud[0] : loud[-1] + 1] if len(loud) else power
    return float(10 * np.log10(max(float(np.quantile(minimum_filter1d(inside, 1), 0.1)), 1e-20)))


def _bell(centre: float, width: float, gain_db: float, rate: int) -> list[float]:
    turn = 2 * np.pi * centre / rate
    amplitude, alpha = 10 ** (gain_db / 40), np.sin(turn) / (2 * width)
    top = [1 + alpha * amplitude, -2 * np.cos(turn), 1 - alpha * amplitude]
    bottom = [1 + alpha / amplitude, -2 * np.cos(turn), 1 - alpha / amplitude]
    return [float(value / bottom[0]) for value in (*top, *bottom)]
