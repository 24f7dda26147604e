"""Clips on screen: which frame is seen when, and that nothing of it piles up."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evals.film_scene import STYLE, make_narration, png, texture
from infra.settings import Settings
from memory.artifacts import Clip, Footage, Format, Layer, Shot, Storyboard
from memory.media import MediaStore
from memory.personality import get_personality
from tests.fixtures.clips import kept_counting_clip, luma_of, number_in
from tests.tools.render_video.conftest import context_in
from tools.base import ToolContext, ToolError
from tools.drawing.photo import grade, toning
from tools.render_video.footage import FootageReader, Toner, pace_of
from tools.render_video.kernels import Kernels, compile_kernels
from tools.render_video.planes import Frame, planes_to_rgb, rgb_to_planes
from tools.render_video.schema import Args
from tools.render_video.shot_canvas import ShotCanvas, Stage
from tools.render_video.timeline import ShotPlan
from tools.render_video.tool import run

SIZE = (640, 360)
WHOLE = (0, 0, *SIZE)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    return compile_kernels(tmp_path_factory.mktemp("numba"))


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(Settings(home=tmp_path).media_root)


def plan(clip: Clip, frames: int, before: int = 0, box: tuple[int, int, int, int] = WHOLE, moves: bool = False) -> ShotPlan:
    layer = Layer(image="0" * 64, footage=Footage(clip=clip, box=box), moves=moves)
    return ShotPlan(layers=(layer,), zoom_from=1.0, zoom_to=1.08, pan=(0.3, 0.1), start=0, motion_start=-before, motion_end=frames - before)


def reader(clip: Clip, shot: ShotPlan, store: MediaStore, fps: int = 30) -> FootageReader:
    footage = shot.layers[0].footage
    assert footage is not None
    return FootageReader(footage, pace_of(clip, shot, fps), SIZE, store)


def test_a_clip_runs_at_its_own_speed_whatever_the_film_and_the_order_ask(kernels: Kernels, store: MediaStore, tmp_path: Path) -> None:
    clip = kept_counting_clip(store, tmp_path / "clips", frames=100, fps=25)
    shot = plan(clip, frames=60, before=5)
    frames = reader(clip, shot, store)
    for number in [*range(-5, 55), 3, 4, 50, 0, -5, 54]:
        seconds = (number + 5) / 30
        assert number_in(frames.frame(number, kernels).planes[0]) == int(seconds * 25 + 1e-6), number
    frames.close()


def test_a_clip_too_short_for_its_shot_is_slowed_evenly_to_its_last_frame_and_never_held(kernels: Kernels, store: MediaStore, tmp_path: Path) -> None:
    clip = kept_counting_clip(store, tmp_path / "clips", frames=48, fps=30)
    shot = plan(clip, frames=90)
    frames = reader(clip, shot, store)
    before = np.empty(0)
    for number in range(90):
        luma = frames.frame(number, kernels).planes[0].astype(int)
        # The ramp moves in every frame of the film: frames between two of the clip are mixed of both.
        assert number == 0 or np.abs(luma[20:80] - before[20:80]).mean() > 0.3, number
        before = luma
    assert number_in(frames.frame(89, kernels).planes[0]) == 47
    with pytest.raises(ToolError, match=r"lasts 1\.60 s and its shot 4\.00 s: it may be slowed to 0\.5 at most; choose a longer clip"):
        pace_of(clip, plan(clip, frames=120), 30)


def test_faster_clips_drop_frames_and_at_most_three_are_held(kernels: Kernels, store: MediaStore, tmp_path: Path) -> None:
    clip = kept_counting_clip(store, tmp_path / "clips", frames=120, fps=60)
    frames = reader(clip, plan(clip, frames=60), store)
    seen = [number_in(frames.frame(number, kernels).planes[0]) for number in range(60)]
    assert seen == list(range(0, 120, 2))
    assert len(frames._held) + len(frames._spare) == 3


def test_a_box_holds_the_whole_clip_and_the_camera_moves_over_it(kernels: Kernels, store: MediaStore, tmp_path: Path) -> None:
    clip = kept_counting_clip(store, tmp_path / "clips", frames=60)
    stage = Stage(*SIZE, 30, (16, 20, 24), kernels)
    boxed = ShotCanvas(plan(clip, 40, box=(160, 90, 320, 180)), stage, store)
    frame = Frame.empty(*SIZE)
    boxed.draw(7, frame)
    luma = frame.planes[0]
    assert number_in(luma[90:270, 160:480]) == 7
    assert luma[:88].max() <= 17
    moving, still = Frame.empty(*SIZE), Frame.empty(*SIZE)
    camera, fixed = ShotCanvas(plan(clip, 40, moves=True), stage, store), ShotCanvas(plan(clip, 40), stage, store)
    for number, changed in ((0, False), (39, True)):
        camera.draw(number, moving)
        fixed.draw(number, still)
        assert (np.abs(moving.planes[0].astype(int) - still.planes[0]).mean() > 4) == changed
    for canvas in (boxed, camera, fixed):
        canvas.close()


def test_planes_come_back_as_the_colours_they_were_made_of() -> None:
    rgb = np.full((8, 8, 3), (200, 90, 30), np.uint8)
    frame = Frame.empty(8, 8)
    for target, plane in zip(frame.planes, rgb_to_planes(rgb), strict=True):
        np.copyto(target, plane)
    assert np.abs(planes_to_rgb(frame).astype(int) - rgb).max() <= 2


def film_of_clips(ctx: ToolContext, folder: Path, form: Format = Format.LANDSCAPE) -> tuple[Storyboard, Args]:
    """Two clips and a still between them, with a cross-fade at every cut, in two seconds and a half."""
    first = kept_counting_clip(ctx.store, folder, frames=80, fps=25, size=(1280, 720))
    second = kept_counting_clip(ctx.store, folder, frames=60, fps=30, size=(1280, 720))
    still = ctx.store.put_bytes(png(Image.new("RGB", form.size, (90, 90, 90))))
    boxes = [Layer(image=still, footage=Footage(clip=clip, box=(0, 0, *form.size)), moves=True) for clip in (first, second)]
    layers = (boxes[0], Layer(image=still, moves=True), boxes[1])
    shots = tuple(
        Shot(id=f"s{index}", sentence_ids=(), start_s=start, end_s=end, kind="picture", layers=(layer,), zoom_to=1.0, transition="fade", transition_s=0.2)
        for index, (layer, start, end) in enumerate(zip(layers, (0.0, 1.0, 1.5), (1.0, 1.5, 2.5), strict=True))
    )
    board = Storyboard(shots=shots, format=form)
    digest = ctx.store.put_bytes(board.model_dump_json().encode())
    return board, Args(storyboard=digest, narration=make_narration(ctx.store, 2.5), captions=STYLE, format=form)


@pytest.mark.parametrize("composer", ["native", "moviepy"])
def test_a_film_of_clips_shows_the_right_frame_at_the_right_time_in_both_composers(tmp_path: Path, composer: str) -> None:
    ctx = context_in(tmp_path)
    _, args = film_of_clips(ctx, tmp_path / "clips")
    result = run(args.model_copy(update={"composer": composer}), ctx)
    frames = luma_of(ctx.store.path(result.video))
    assert len(frames) == 75
    for number in range(4, 27):
        assert number_in(frames[number]) == number * 25 // 30, number
    for number in range(48, 75):
        assert number_in(frames[number]) == number - 42, number
    if composer == "native":
        again = run(args, context_of(ctx, tmp_path / "again"))
        assert (again.segments_encoded, again.video) == (0, result.video)


def context_of(ctx: ToolContext, scratch: Path) -> ToolContext:
    scratch.mkdir()
    return ToolContext(settings=ctx.settings, store=ctx.store, scratch=scratch)


def test_footage_is_toned_as_a_photograph_is_graded(tmp_path: Path) -> None:
    look = get_personality("deep-orbit").look
    picture = np.asarray(texture(5, SIZE).convert("RGB"), np.uint8)
    frame = Frame.empty(*SIZE)
    for target, plane in zip(frame.planes, rgb_to_planes(picture), strict=True):
        np.copyto(target, plane)
    Toner(toning(look), SIZE).apply(frame)
    graded = rgb_to_planes(np.round(grade(picture.astype(np.float32), look)).astype(np.uint8))
    for toned, wanted in zip(frame.planes, graded, strict=True):
        assert np.abs(toned.astype(int) - wanted).mean() < 0.6
        assert np.quantile(np.abs(toned.astype(int) - wanted), 0.99) <= 2
