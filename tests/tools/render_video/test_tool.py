"""A whole film: streams, timing, caching, progress and refusals."""

from itertools import pairwise

import av

from memory.artifacts import RenderedVideo
from tools.base import ToolContext
from tools.render_video.schema import Args, Result

Film = tuple[ToolContext, Args, Result]


def test_a_film_has_one_h264_and_one_aac_stream_with_exact_frame_times(film: Film) -> None:
    ctx, _, result = film
    with av.open(str(ctx.store.path(result.video))) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert len(times) == 180
    assert times[0] == 0
    steps = [after - before for before, after in pairwise(time for time in times if time is not None)]
    assert all(abs(step - 1 / 30) < 1e-6 for step in steps)


def test_the_result_names_the_rendered_video_and_its_side_files(film: Film) -> None:
    ctx, _, result = film
    rendered = RenderedVideo.model_validate_json(ctx.store.read(result.rendered))
    assert rendered.video == result.video
    assert ctx.store.read(rendered.captions_srt).decode().startswith("1\n00:00:00,100 --> ")
    assert ctx.store.read(rendered.captions_vtt).decode().startswith("WEBVTT\n")
