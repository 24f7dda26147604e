"""Pixels: colours, resampling, blending, layers and captions."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from evals.film_scene import STYLE, headline, png, texture
from infra.settings import Settings
from memory.artifacts import Format, Layer
from memory.media import MediaStore
from tools.base import ToolError
from tools.render_video.caption_layout import CaptionLayout
from tools.render_video.caption_raster import CaptionRaster
from tools.render_video.kernels import Kernels, Resampler, compile_kernels
from tools.render_video.planes import Frame, paste, rgb_to_planes, rgba_to_patch, stack, transform
from tools.render_video.segment_process import spoken_word
from tools.render_video.shot_canvas import ShotCanvas, Stage, window_at
from tools.render_video.timeline import PagePlan, ShotPlan

SIZE = (640, 360)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    return compile_kernels(tmp_path_factory.mktemp("numba"))


@pytest.fixture
def stage(kernels: Kernels) -> Stage:
    return Stage(*SIZE, 30, (16, 20, 24), kernels)


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(Settings(home=tmp_path).media_root)


def plan(*layers: Layer, zoom_to: float = 1.1) -> ShotPlan:
    return ShotPlan(layers=layers, zoom_from=1.0, zoom_to=zoom_to, pan=(0.5, 0.2), start=0, motion_start=0, motion_end=60)


def blank() -> Frame:
    frame = Frame.empty(*SIZE)
    frame.buffer[:] = 128
    return frame


@pytest.mark.parametrize(
    ("rgb", "yuv"), [((255, 255, 255), (235, 128, 128)), ((0, 0, 0), (16, 128, 128)), ((255, 0, 0), (63, 102, 240)), ((0, 0, 255), (32, 240, 118))]
)
def test_colours_are_limited_range_bt709(rgb: tuple[int, int, int], yuv: tuple[int, int, int]) -> None:
    planes = rgb_to_planes(np.full((4, 4, 3), rgb, np.uint8))
    assert [int(plane[0, 0]) for plane in planes] == pytest.approx(yuv, abs=1)


def test_resampling_equals_a_linear_warp_within_two_levels(kernels: Kernels) -> None:
    source = np.asarray(texture(3, (704, 396)).convert("L"), np.uint8)
    target = np.empty((360, 640), np.uint8)
    left, top, wide, high = 11.37, 7.81, 650.2, 365.7
    Resampler(kernels).fill(np.ascontiguousarray(source.T), (left, top, wide, high), target)
    sx, sy = wide / 640, high / 360
    warp = np.array([[sx, 0, left + sx / 2 - 0.5], [0, sy, top + sy / 2 - 0.5]])
    expected = cv2.warpAffine(source, warp, (640, 360), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    difference = np.abs(target.astype(int) - np.asarray(expected).astype(int))
    assert difference.mean() < 0.6
    assert np.quantile(difference, 0.999) <= 6


def test_a_window_beyond_the_edge_repeats_the_edge(kernels: Kernels) -> None:
    target = np.empty((8, 8), np.uint8)
    Resampler(kernels).fill(np.full((20, 20), 77, np.uint8), (-3.0, 15.0, 12.0, 12.0), target)
    assert (target == 77).all()


def test_an_opaque_patch_replaces_and_a_transparent_one_changes_nothing(kernels: Kernels) -> None:
    picture = np.zeros((360, 640, 4), np.uint8)
    picture[100:200, 100:300] = (255, 255, 255, 255)
    patch = rgba_to_patch(picture)
    assert patch is not None
    frame = blank()
    paste(kernels, frame, patch)
    assert frame.planes[0][150, 200] == 235
    assert frame.planes[0][50, 50] == 128
    assert rgba_to_patch(np.zeros((360, 640, 4), np.uint8)) is None


def test_a_patch_that_hangs_over_the_edge_is_clipped(kernels: Kernels) -> None:
    picture = np.full((60, 60, 4), 255, np.uint8)
    for x, y in ((-30, -30), (620, 340), (700, 10)):
        patch = rgba_to_patch(picture, x, y)
        assert patch is not None
        paste(kernels, blank(), patch)


def test_stacked_patches_look_like_one_pasted_over_the_other(kernels: Kernels) -> None:
    one = rgba_to_patch(np.asarray(headline("Below", SIZE), np.uint8))
    two = rgba_to_patch(np.asarray(headline("Above", SIZE, (0.12, 0.22)), np.uint8))
    assert one is not None
    assert two is not None
    apart, together = blank(), blank()
    paste(kernels, apart, one)
    paste(kernels, apart, two)
    paste(kernels, together, stack(one, two))
    assert np.abs(apart.buffer.astype(int) - together.buffer.astype(int)).max() <= 2


def test_a_patch_moves_by_parts_of_a_pixel() -> None:
    patch = rgba_to_patch(np.asarray(headline("Move", SIZE), np.uint8))
    assert patch is not None
    moved = transform(patch, (1.0, 1.0), (0.5, 0.0), SIZE)
    assert moved is not None

    def centre(alpha: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], x: int) -> float:
        weights = alpha.astype(float).sum(axis=0)
        return x + float((weights * np.arange(len(weights))).sum() / weights.sum())

    assert centre(moved.alpha, moved.x) - centre(patch.alpha, patch.x) == pytest.approx(0.5, abs=0.02)


def test_a_layer_is_absent_before_it_enters_and_whole_after(stage: Stage, store: MediaStore) -> None:
    ground = store.put_bytes(png(Image.new("RGB", SIZE, (0, 0, 0))))
    block = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    block.paste((255, 255, 255, 255), (200, 100, 300, 300))
    for enter in ("fade", "rise", "grow_up", "grow_right", "slide_left"):
        layer = Layer.model_validate({"image": store.put_bytes(png(block)), "enter": enter, "enter_at_s": 0.5, "enter_for_s": 0.4})
        canvas = ShotCanvas(plan(Layer(image=ground), layer), stage, store)
        sums = []
        for number in (0, 15, 18, 21, 27, 40):
            frame = Frame.empty(*SIZE)
            canvas.draw(number, frame)
            sums.append(int(frame.planes[0].astype(int).sum()) - 16 * SIZE[0] * SIZE[1])
        assert sums[:2] == [0, 0], enter
        assert 0 < sums[2] < sums[3] < sums[4] == sums[5], enter


def test_a_push_moves_every_frame_and_stays_inside_the_picture(stage: Stage, store: MediaStore) -> None:
    shot = plan(Layer(image=store.put_bytes(png(texture(1, SIZE))), moves=True))
    zooms = []
    for number in range(60):
        zoom, x, y = window_at(shot, number)
        half = 0.5 / zoom
        assert half - 1e-9 <= x <= 1 - half + 1e-9
        assert half - 1e-9 <= y <= 1 - half + 1e-9
        zooms.append(zoom)
    assert zooms == sorted(zooms)
    assert zooms[0] == 1.0
    assert zooms[-1] == pytest.approx(1.1)
    canvas = ShotCanvas(shot, stage, store)
    first, last = Frame.empty(*SIZE), Frame.empty(*SIZE)
    canvas.draw(0, first)
    canvas.draw(59, last)
    assert np.abs(first.planes[0].astype(int) - last.planes[0].astype(int)).mean() > 2


def test_a_layer_that_is_no_picture_is_named(stage: Stage, store: MediaStore) -> None:
    digest = store.put_bytes(b"no picture")
    with pytest.raises(ToolError, match=digest):
        ShotCanvas(plan(Layer(image=digest)), stage, store)


def test_a_larger_picture_covers_the_frame_without_stretching(stage: Stage, store: MediaStore) -> None:
    wide = Image.new("RGB", (1600, 400), (0, 0, 0))
    wide.paste((255, 255, 255), (700, 100, 900, 300))
    canvas = ShotCanvas(plan(Layer(image=store.put_bytes(png(wide)))), stage, store)
    frame = Frame.empty(*SIZE)
    canvas.draw(0, frame)
    bright = frame.planes[0] > 128
    assert abs(int(bright.any(axis=0).sum()) - int(bright.any(axis=1).sum())) <= 2


def test_captions_lie_inside_their_band_on_at_most_two_lines() -> None:
    for form in Format:
        layout = CaptionLayout(STYLE, form)
        for words in (("A", "few", "short", "words"), ("Extraordinarily", "long", "circumstances", "notwithstanding")):
            if not layout.fits(words):
                continue
            patch = CaptionRaster(layout).patch(words, 0)
            assert patch is not None
            assert patch.x >= 0.03 * form.size[0]
            assert patch.x + patch.alpha.shape[1] <= 0.97 * form.size[0]
            rows = np.flatnonzero(patch.alpha.max(axis=1) > 200) + patch.y
            assert form.caption_band[0] * form.size[1] - 8 <= rows[0]
            assert rows[-1] <= form.caption_band[1] * form.size[1] + 8
            assert len({word.baseline for word in layout.place(words)[0]}) <= 2


def test_a_word_wider_than_the_frame_is_shrunk_to_fit() -> None:
    layout = CaptionLayout(STYLE, Format.SHORT)
    placed, size = layout.place(("Donaudampfschifffahrtsgesellschaftskapitän",))
    assert size < layout.size
    assert placed[0].width <= layout.room


def test_only_the_spoken_word_changes_and_nothing_moves() -> None:
    raster = CaptionRaster(CaptionLayout(STYLE, Format.LANDSCAPE))
    words = ("Every", "word", "stays", "still")
    first, second = raster.picture(words, 0)[0], raster.picture(words, 2)[0]
    assert first.shape == second.shape
    assert (first[..., 3] == second[..., 3]).all()
    changed = np.flatnonzero((first != second).any(axis=(0, 2)))
    assert len(changed) < first.shape[1] * 0.6
    accent = np.array([255, 181, 69])
    assert (np.abs(first[..., :3].astype(int) - accent).max(axis=2) < 4).sum() > 200


def test_the_highlight_stays_on_the_last_word_spoken() -> None:
    page = PagePlan(words=("one", "two"), word_frames=(3, 10), start=0, end=30)
    assert [spoken_word(page, number) for number in (0, 3, 9, 10, 29)] == [-1, 0, 0, 1, 1]
