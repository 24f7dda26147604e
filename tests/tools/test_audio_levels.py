"""The level meters agree with values that the standard itself fixes."""

import numpy as np
import pytest

from infra.errors import Invalid
from tools.audio_levels import Samples, integrated_lufs, longest_silence_s, silences, true_peak_dbtp

RATE = 48_000


def sine(frequency_hz: float, seconds: float, amplitude: float = 1.0, phase: float = 0.0) -> Samples:
    time = np.arange(round(RATE * seconds)) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency_hz * time + phase)).astype(np.float32)


def test_a_full_scale_tone_of_997_hz_in_one_channel_reads_minus_3_lufs() -> None:
    assert integrated_lufs(sine(997, 3), RATE) == pytest.approx(-3.01, abs=0.05)


def test_the_same_tone_in_two_channels_reads_3_lu_louder() -> None:
    mono = sine(997, 3, 0.1)
    assert integrated_lufs(np.stack([mono, mono], axis=1), RATE) - integrated_lufs(mono, RATE) == pytest.approx(3.01, abs=0.05)


def test_silence_is_minus_infinity_and_too_short_a_track_is_refused() -> None:
    assert integrated_lufs(np.zeros(RATE, np.float32), RATE) == float("-inf")
    assert true_peak_dbtp(np.zeros(RATE, np.float32), RATE) == float("-inf")
    with pytest.raises(Invalid, match="shorter than one loudness block"):
        integrated_lufs(sine(997, 0.3), RATE)
    with pytest.raises(Invalid, match="shape"):
        true_peak_dbtp(np.zeros(0, np.float32), RATE)


def test_true_peak_sees_the_peak_between_two_samples() -> None:
    between = sine(RATE / 4, 1, 1.0, np.pi / 4)
    assert np.abs(between).max() == pytest.approx(0.7071, abs=1e-3)
    assert true_peak_dbtp(between, RATE) == pytest.approx(0.0, abs=0.25)


def test_true_peak_is_the_same_wherever_the_peak_lies() -> None:
    track = np.zeros(600_000, np.float32)
    track[262_140:262_150] = sine(RATE / 4, 10 / RATE, 0.5, np.pi / 4)
    moved = np.roll(track, -100_000)
    assert true_peak_dbtp(track, RATE) == pytest.approx(true_peak_dbtp(moved, RATE), abs=1e-3)


def test_silences_names_start_and_end_and_ignores_short_ones() -> None:
    track = np.concatenate([sine(300, 1, 0.2), np.zeros(RATE // 2, np.float32), sine(300, 1, 0.2), np.zeros(RATE // 20, np.float32)])
    (found,) = silences(track, RATE, min_s=0.2)
    assert found == pytest.approx((1.0, 1.5), abs=0.011)
    assert longest_silence_s(track, RATE) == pytest.approx(0.5, abs=0.021)
    assert silences(np.stack([track, track], axis=1), RATE, min_s=0.2) == [found]
    assert longest_silence_s(sine(300, 1, 0.2), RATE) == 0.0
