"""The render benchmark in its quick form: motion is smooth, and every figure is there."""

from pathlib import Path

import pytest

from evals.bench_render import measure_render, tracked_jitter
from infra.settings import Settings
from memory.media import MediaStore
from tools.base import ToolContext


def test_motion_is_smooth_to_a_tenth_of_a_pixel(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    jitter = tracked_jitter(ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=tmp_path), frames=36)
    assert 0 < jitter <= 0.1


@pytest.mark.slow
def test_an_edit_costs_a_fraction_and_every_figure_is_reported(tmp_path: Path) -> None:
    figures = measure_render(Settings(home=tmp_path), seconds=8.0, rounds=1, memory=False)
    assert figures["edit_ratio"] <= 0.5
    assert figures["moviepy_s"] > figures["ours_s"]
    assert {"limit_s", "ours_s", "moviepy_s", "jitter_px", "edit_ratio"} <= figures.keys()
