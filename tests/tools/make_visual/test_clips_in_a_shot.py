"""Clips in a shot: what fills the frame, what plays in the look's frame, and that words are legible all along."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from infra.settings import load_settings
from memory.artifacts import Format, Layer
from memory.media import MediaStore
from memory.personality import get_personality
from tests.fixtures.clips import counting_file
from tools.base import ToolContext
from tools.clip_file import KeptClip, keep_clip
from tools.make_visual.pictures import beside_panel, framing
from tools.make_visual.schema import Kind, MakeVisualArgs, Scene
from tools.make_visual.tool import run


@pytest.fixture
def ctx(tmp_path: Path) -> ToolContext:
    return ToolContext(settings=load_settings(), store=MediaStore(tmp_path / "media"), scratch=tmp_path)


@pytest.fixture
def kept(ctx: ToolContext, tmp_path: Path) -> KeptClip:
    return keep_clip(counting_file(tmp_path / "clip.mp4", 60, size=(1280, 720)), ctx.store, tmp_path)


def shot(kept: KeptClip, channel: str, form: Format = Format.LANDSCAPE, kind: Kind = "picture", title: str = "What the rings remember") -> MakeVisualArgs:
    look = get_personality(channel).look
    return MakeVisualArgs(kind=kind, scene=Scene(title=title), look=look, channel="A", format=form, picture=kept.still, clip=kept.clip)


def pixels(ctx: ToolContext, layer: Layer) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(ctx.store.read(layer.image), np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)


def test_a_large_clip_fills_the_frame_and_the_words_over_it_have_their_plate(ctx: ToolContext, kept: KeptClip) -> None:
    result = run(shot(kept, "field-notes"), ctx)
    ground, plate = result.layers[:2]
    assert result.treatment == "full"
    assert result.contrast >= 4.5
    assert ground.footage is not None
    assert (ground.footage.box, ground.moves) == ((0, 0, 1920, 1080), True)
    assert (plate.enter, plate.enter_at_s) == ("fade", 0.0)
    (head,) = (layer for layer in result.layers if layer.enter == "rise")
    words = pixels(ctx, head)[..., 3] > 0
    assert words.any()
    assert pixels(ctx, plate)[..., 3][words].min() == 255
    assert run(shot(kept, "field-notes"), ctx) == result


def test_words_without_a_plate_have_a_veil_between_them_and_the_clip(ctx: ToolContext, kept: KeptClip) -> None:
    result = run(shot(kept, "field-notes", kind="quote"), ctx)
    ground, veil = result.layers[:2]
    assert (result.treatment, ground.moves) == ("full", True)
    assert result.contrast >= 4.5
    assert veil.enter_at_s < 0
    alpha = pixels(ctx, veil)[..., 3]
    assert alpha.shape == (1080, 1920)
    assert alpha.max() > 80
    assert alpha[:60, :60].max() < 30


@pytest.mark.parametrize(
    ("channel", "form", "of"),
    [
        ("field-notes", Format.LANDSCAPE, (1280, 720)),
        ("market-window", Format.LANDSCAPE, (1280, 720)),
        ("wild-minute", Format.LANDSCAPE, (1280, 720)),
        ("market-window", Format.SHORT, (1216, 2160)),
    ],
)
def test_beside_a_panel_a_clip_fills_what_a_still_fills_and_the_rest_stands_still(
    ctx: ToolContext, tmp_path: Path, channel: str, form: Format, of: tuple[int, int]
) -> None:
    large = keep_clip(counting_file(tmp_path / "large.mp4", 32, size=of), ctx.store, tmp_path)
    # A still of the frame's own size, since a smaller one than a clip may be is framed.
    still_of = ctx.store.put_bytes(cv2.imencode(".png", np.full((max(of[1], form.size[1]), max(of[0], form.size[0]), 3), 128, np.uint8))[1].tobytes())
    args = shot(large, channel, form, "opener")
    made, still = run(args, ctx), run(args.model_copy(update={"clip": None, "picture": still_of}), ctx)
    ground, around = made.layers[:2]
    left, top, right, bottom = beside_panel(args.look, form.size)
    assert (made.treatment, still.treatment) == ("full", "full")
    assert made.contrast >= 4.5
    assert ground.footage is not None
    assert (ground.footage.box, ground.moves) == ((left, top, right - left, bottom - top), False)
    over = pixels(ctx, around)
    outside = np.ones(over.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert over[..., 3][outside].min() == 255
    assert np.array_equal(over[..., :3][outside], pixels(ctx, still.layers[0])[outside])
    assert over[..., 3][~outside].max() == 0
    assert [layer.image for layer in made.layers[2:]] == [layer.image for layer in still.layers[1:]]


@pytest.mark.parametrize(("channel", "form"), [("curious-crate", Format.LANDSCAPE), ("field-notes", Format.SHORT)])
def test_a_clip_that_does_not_fit_the_frame_plays_in_a_hole_of_the_look_s_frame(ctx: ToolContext, kept: KeptClip, channel: str, form: Format) -> None:
    result = run(shot(kept, channel, form), ctx)
    ground, frame = result.layers[:2]
    assert result.treatment == "framed"
    assert ground.footage is not None
    left, top, width, height = ground.footage.box
    assert all(side % 2 == 0 for side in ground.footage.box)
    alpha = pixels(ctx, frame)[..., 3]
    assert alpha[top + height // 2, left + width // 2] == 0
    outside = alpha.copy()
    outside[top : top + height, left : left + width] = 255
    assert outside.min() == 255


@pytest.mark.parametrize(("channel", "form"), [("curious-crate", Format.LANDSCAPE), ("field-notes", Format.SHORT)])
def test_a_framed_clip_without_words_has_the_middle_as_a_still_has(ctx: ToolContext, kept: KeptClip, channel: str, form: Format) -> None:
    result = run(shot(kept, channel, form, title=""), ctx)
    ground = result.layers[0]
    assert ground.footage is not None
    left, top, width, height = ground.footage.box
    x, y, wide, high = framing(get_personality(channel).look, form.size, 16 / 9, worded=False).picture
    assert abs(left + width / 2 - (x + wide / 2)) <= 2
    assert abs(top + height / 2 - (y + high / 2)) <= 2
