"""A whole film: streams, timing, caching, progress and refusals."""

import dataclasses
import os
import signal
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest

from evals.film_scene import STYLE, make_film, make_narration, make_still_film
from infra.errors import Conflict
from memory.artifacts import CaptionStyle, Narration, RenderedVideo, Storyboard
from memory.media import ArtifactMissing, DiskFull
from tools.base import ToolContext, ToolError, ToolRetry
from tools.render_video import tool
from tools.render_video.schema import Args, Correction, Result
from tools.render_video.tool import run, segment_pool

Film = tuple[ToolContext, Args, Result]
Make = Callable[[], ToolContext]


def small(ctx: ToolContext, seconds: float = 1.0) -> Args:
    return Args(storyboard=make_still_film(ctx.store, seconds), narration=make_narration(ctx.store, seconds), captions=STYLE)


def test_a_film_has_exact_frame_times_and_sound_of_the_same_length(film: Film) -> None:
    ctx, _, result = film
    with av.open(str(ctx.store.path(result.video))) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert len(times) == 180
    assert times[0] == 0
    steps = [after - before for before, after in pairwise(time for time in times if time is not None)]
    assert all(abs(step - 1 / 30) < 1e-6 for step in steps)
    with av.open(str(ctx.store.path(result.video))) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert abs(samples / 48_000 - 6.0) < 1 / 30


def test_the_result_names_the_rendered_video_and_its_side_files(film: Film) -> None:
    ctx, _, result = film
    rendered = RenderedVideo.model_validate_json(ctx.store.read(result.rendered))
    assert rendered.video == result.video
    assert ctx.store.read(rendered.captions_srt).decode().startswith("1\n00:00:00,100 --> ")
    assert ctx.store.read(rendered.captions_vtt).decode().startswith("WEBVTT\n")


def test_the_encoded_sound_meets_level_and_peak(film: Film) -> None:
    result = film[2]
    assert result.integrated_lufs == pytest.approx(-14, abs=0.6)
    assert result.true_peak_dbtp <= -1.0


def test_rendering_the_same_again_takes_everything_from_the_store_and_gives_the_same_bytes(film: Film, tmp_path: Path) -> None:
    ctx, args, first = film
    again = run(args, dataclasses.replace(ctx, scratch=tmp_path))
    assert again.segments_encoded == 0
    assert again.video == first.video


def test_changing_one_shot_encodes_its_body_and_two_fades_only(film: Film, tmp_path: Path) -> None:
    ctx, args, _ = film
    board = Storyboard.model_validate_json(ctx.store.read(args.storyboard))
    shots = list(board.shots)
    shots[0] = shots[0].model_copy(update={"zoom_to": 1.03})
    changed = ctx.store.put_bytes(board.model_copy(update={"shots": tuple(shots)}).model_dump_json().encode())
    result = run(args.model_copy(update={"storyboard": changed}), dataclasses.replace(ctx, scratch=tmp_path))
    assert result.segments == 5
    assert result.segments_encoded == 2


def test_a_corrected_render_takes_nothing_from_the_store_and_moves_the_level(film: Film, tmp_path: Path) -> None:
    ctx, args, first = film
    correction = Correction(take=1, gain_db=-3.0, ceiling_db=-1.0)
    again = run(args.model_copy(update={"correction": correction}), dataclasses.replace(ctx, scratch=tmp_path))
    assert again.segments_encoded == first.segments
    assert again.integrated_lufs == pytest.approx(-17, abs=0.7)
    assert again.true_peak_dbtp <= -2.0


def test_another_home_gives_the_same_bytes(make_context: Make, tmp_path_factory: pytest.TempPathFactory) -> None:
    one = make_context()
    first = run(small(one), one)
    folder = tmp_path_factory.mktemp("other")
    settings = one.settings.model_copy(update={"home": folder})
    other = ToolContext(settings=settings, store=type(one.store)(settings.media_root), scratch=folder)
    assert run(small(other), other).video == first.video


def test_progress_rises_to_one(make_context: Make) -> None:
    seen: list[float] = []
    ctx = dataclasses.replace(make_context(), progress=lambda share, _note: seen.append(share))
    run(small(ctx), ctx)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_lost_lease_stops_the_encoders(make_context: Make) -> None:
    def lost() -> None:
        raise Conflict("another worker owns the job now")

    ctx = dataclasses.replace(make_context(), ensure_live=lost)
    with pytest.raises(Conflict):
        run(small(ctx, 3.0), ctx)
    assert segment_pool().pids == []


def test_a_killed_segment_process_is_a_passing_fault_and_the_next_try_succeeds(make_context: Make) -> None:
    ctx = make_context()
    board, narration = make_film(ctx.store, 1, 4.0)
    args = Args(storyboard=board, narration=narration, captions=STYLE)

    def kill_soon() -> None:
        deadline = time.monotonic() + 20
        while not segment_pool().pids and time.monotonic() < deadline:
            time.sleep(0.02)
        for pid in segment_pool().pids:
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_soon)
    segment_pool().close()
    killer.start()
    with pytest.raises(ToolRetry, match="segment process"):
        run(args, ctx)
    killer.join()
    assert run(args, dataclasses.replace(ctx, scratch=make_context().scratch)).frames == 120


def test_missing_and_foreign_artifacts_are_named(make_context: Make) -> None:
    ctx = make_context()
    good = small(ctx)
    with pytest.raises(ArtifactMissing):
        run(good.model_copy(update={"storyboard": "0" * 64}), ctx)
    with pytest.raises(ToolError, match="narration .* is not a Narration"):
        run(good.model_copy(update={"narration": good.storyboard}), ctx)


def test_a_layer_that_is_missing_fails_the_job_with_its_digest(make_context: Make) -> None:
    ctx = make_context()
    args = small(ctx)
    board = Storyboard.model_validate_json(ctx.store.read(args.storyboard))
    broken = board.shots[0].model_copy(update={"layers": (board.shots[0].layers[0].model_copy(update={"image": "1" * 64}),)})
    digest = ctx.store.put_bytes(board.model_copy(update={"shots": (broken, *board.shots[1:])}).model_dump_json().encode())
    with pytest.raises(ArtifactMissing, match="1" * 64):
        run(args.model_copy(update={"storyboard": digest}), ctx)


def test_a_silent_narration_is_refused(make_context: Make) -> None:
    ctx = make_context()
    args = small(ctx)
    narration = Narration.model_validate_json(ctx.store.read(args.narration))
    header = ctx.store.read(narration.audio)[:44]
    silent = narration.model_copy(update={"audio": ctx.store.put_bytes(header + bytes(44_100))})
    with pytest.raises(ToolError, match="silent"):
        run(args.model_copy(update={"narration": ctx.store.put_bytes(silent.model_dump_json().encode()), "music": "none"}), ctx)


def test_a_disk_without_room_is_refused_before_work(make_context: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = make_context()
    monkeypatch.setattr(tool, "_BYTES_PER_SECOND", 10**15)
    with pytest.raises(DiskFull, match="free some and resume"):
        run(small(ctx), ctx)


def test_an_unknown_font_family_is_named(make_context: Make) -> None:
    ctx = make_context()
    with pytest.raises(Exception, match="No Such Family"):
        run(small(ctx).model_copy(update={"captions": CaptionStyle(family="No Such Family")}), ctx)


@pytest.mark.slow
def test_moviepy_makes_the_same_film_and_applies_an_allowed_effect(make_context: Make) -> None:
    ctx = make_context()
    args = small(ctx).model_copy(update={"composer": "moviepy", "effect": "moviepy.video.fx:MirrorX"})
    with pytest.raises(ToolError, match="YTEMPIRE_RENDER_EFFECTS"):
        run(args, ctx)
    result = run(args.model_copy(update={"effect": None}), ctx)
    assert (result.frames, result.width) == (30, 1920)
    with av.open(str(ctx.store.path(result.video))) as container:
        assert sum(1 for _ in container.decode(video=0)) == 30
