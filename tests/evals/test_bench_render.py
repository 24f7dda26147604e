"""The render benchmark in its quick form: motion is smooth, and every figure is there."""

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from evals.bench_render import measure_render, tracked_jitter
from evals.film_scene import STYLE, make_film
from evals.moviepy_scene import assemble_by_the_manual
from infra.settings import Settings
from memory.media import MediaStore
from tools.base import ToolContext
from tools.render_video.moviepy_composer import Picture
from tools.render_video.schema import Args
from tools.render_video.segment_process import Painter
from tools.render_video.tool import Work


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
    assert figures["composer_s"] > figures["ours_s"]


def test_moviepy_by_its_manual_shows_the_same_scene(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    ctx = ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=tmp_path)
    storyboard, narration = make_film(ctx.store, 2, 4.0, source_scale=1.2)
    work = Work(Args(storyboard=storyboard, narration=narration, captions=STYLE), ctx)
    painter = Painter(work.film())
    with closing(assemble_by_the_manual(Picture(work.film(), work.storyboard, work.pages, ctx.store))) as clip:
        # The first body at rest, then the second with its chart still growing.
        for segment, number, seconds in ((work.segments[0], 45, 1.5), (work.segments[2], 22, (60 + 4 + 22) / 30)):
            ours = cv2.cvtColor(painter.draw(segment, number).buffer.reshape(-1, 1920), cv2.COLOR_YUV2RGB_I420)[..., :3].mean(axis=2)
            theirs = clip.get_frame(seconds).mean(axis=2)
            # Conversions between colour systems differ by a few levels; another picture or place would differ by dozens.
            assert np.abs(cv2.GaussianBlur(ours - theirs, (0, 0), 2)).mean() < 8
