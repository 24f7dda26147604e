"""The procedural music bed."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from tools.render_video.music import BED_LUFS, SCORES, write_bed
from tools.vendors.ffmpeg.client import measure_loudness


@pytest.mark.parametrize("mood", sorted(SCORES))
def test_a_bed_is_stereo_audible_and_loops_without_a_seam(mood: str, tmp_path: Path) -> None:
    write_bed(mood, 1, tmp_path / "bed.wav")
    rate, data = wavfile.read(tmp_path / "bed.wav")
    assert rate == 48_000
    assert data.shape[1] == 2
    assert np.abs(data).max() > 3_000
    step = np.abs(data[0].astype(int) - data[-1].astype(int)).max()
    usual = np.quantile(np.abs(np.diff(data.astype(int), axis=0)), 0.999)
    assert step <= usual


def test_the_same_seed_gives_the_same_bed_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        write_bed("bright", seed, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").read_bytes() != (tmp_path / "three").read_bytes()


@pytest.mark.parametrize("mood", sorted(SCORES))
def test_every_mood_has_the_loudness_that_the_mix_reckons_with(mood: str, tmp_path: Path) -> None:
    write_bed(mood, 3, tmp_path / "bed.wav")
    assert measure_loudness(tmp_path / "bed.wav").integrated_lufs == pytest.approx(BED_LUFS, abs=1.5)
