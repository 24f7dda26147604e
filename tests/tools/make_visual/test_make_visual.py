"""make_visual draws layered shots whose words fit, are legible, and leave room for captions."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from infra.settings import load_settings
from memory.artifacts import Format
from memory.media import MediaStore
from memory.personality import get_personality
from tools.base import ToolContext, ToolError
from tools.make_visual.check import choose_chart
from tools.make_visual.schema import MakeVisualArgs, MakeVisualResult, Scene, SceneItem
from tools.make_visual.tool import run

BARS = tuple(SceneItem(label=f"Area {number}", value=value) for number, value in enumerate((21.0, 34.0, 58.0, 40.0)))


@pytest.fixture
def ctx(tmp_path: Path) -> ToolContext:
    return ToolContext(settings=load_settings(), store=MediaStore(tmp_path / "media"), scratch=tmp_path)


def shot(**changes: Any) -> MakeVisualArgs:
    fields: dict[str, Any] = {
        "kind": "title",
        "scene": Scene(title="What the rings remember"),
        "look": get_personality("field-notes").look,
        "channel": "Field Notes",
        "subject": "history",
    }
    return MakeVisualArgs(**(fields | changes))


def pixels(result: MakeVisualResult, ctx: ToolContext, number: int) -> npt.NDArray[Any]:
    return np.asarray(cv2.imdecode(np.frombuffer(ctx.store.read(result.layers[number].image), np.uint8), cv2.IMREAD_UNCHANGED))


def photo(ctx: ToolContext, width: int, height: int) -> str:
    ramp = np.tile(np.linspace(0, 255, width, dtype=np.uint8), (height, 1))
    return ctx.store.put_bytes(cv2.imencode(".png", cv2.merge([ramp, ramp[:, ::-1], ramp]))[1].tobytes())


def test_the_first_layer_is_opaque_and_moves_and_the_others_are_transparent_and_still(ctx: ToolContext) -> None:
    result = run(shot(), ctx)
    assert pixels(result, ctx, 0).shape == (1080, 1920, 3)
    assert result.layers[0].moves
    for number, layer in enumerate(result.layers[1:], 1):
        assert pixels(result, ctx, number).shape == (1080, 1920, 4)
        assert not layer.moves
        assert layer.enter_for_s <= 0.4


@pytest.mark.parametrize(
    ("channel", "frame"),
    [
        ("field-notes", Format.LANDSCAPE),
        ("loud-facts", Format.LANDSCAPE),
        ("curious-crate", Format.SHORT),
        ("blueprint", Format.SHORT),
        ("deep-orbit", Format.LANDSCAPE),
        ("morning-signal", Format.SHORT),
    ],
)
def test_words_are_legible_and_stay_clear_of_the_caption_room(ctx: ToolContext, channel: str, frame: Format) -> None:
    personality = get_personality(channel)
    scene = Scene(title="Four areas, side by side", kicker="Compared", items=BARS, source="Source: sample figures")
    result = run(shot(kind="chart", scene=scene, look=personality.look, channel=personality.name, format=frame), ctx)
    assert result.contrast >= 4.5
    assert result.headline_pt >= 28
    room = round(frame.size[1] * (0.83 if frame is Format.LANDSCAPE else 0.745))
    for number, layer in enumerate(result.layers):
        if layer.enter in {"rise", "grow_up", "grow_right"}:
            assert not pixels(result, ctx, number)[room:, :, 3].any()


def test_bars_are_drawn_to_scale_from_zero(ctx: ToolContext) -> None:
    scene = Scene(title="Two areas", items=(SceneItem(label="A", value=10), SceneItem(label="B", value=40)), source="Source: x", chart="columns")
    result = run(shot(kind="chart", scene=scene), ctx)
    (number,) = (index for index, layer in enumerate(result.layers) if layer.enter == "grow_up")
    alpha = pixels(result, ctx, number)[..., 3]
    columns = np.flatnonzero(alpha.any(axis=0))
    halves = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    heights = [int((alpha[:, part[len(part) // 2]] > 60).sum()) for part in halves]
    assert heights[1] / heights[0] == pytest.approx(4, rel=0.03)


def test_the_same_arguments_are_drawn_once_and_equal_seeds_give_equal_bytes(ctx: ToolContext, tmp_path: Path) -> None:
    first = run(shot(), ctx)
    assert run(shot(), ctx) == first
    other = ToolContext(settings=load_settings(), store=MediaStore(tmp_path / "second"), scratch=tmp_path)
    again = run(shot(), other)
    assert [layer.image for layer in again.layers] == [layer.image for layer in first.layers]
    assert run(shot(seed=1), ctx).layers[0].image != first.layers[0].image


def test_text_is_data_and_never_markup(ctx: ToolContext) -> None:
    hostile = run(shot(scene=Scene(title='#panic("x") $ *bold* \\ @ref <tag> ` " {y}')), ctx)
    assert hostile.headline_pt > 28


def test_a_script_without_a_face_is_named_and_an_emoji_is_dropped(ctx: ToolContext) -> None:
    with pytest.raises(ToolError, match=r"scene.title: no installed font has a glyph for 湖 \(U\+6E56\)"):
        run(shot(scene=Scene(title="The lake 湖")), ctx)
    assert run(shot(scene=Scene(title="The lake 🌊")), ctx).layers == run(shot(scene=Scene(title="The lake")), ctx).layers


def test_a_small_picture_is_framed_and_a_large_one_fills_the_frame(ctx: ToolContext) -> None:
    small = run(shot(kind="picture", picture=photo(ctx, 900, 700), credit="Picture: somebody, CC BY"), ctx)
    large = run(shot(kind="picture", picture=photo(ctx, 2400, 1500), credit="Picture: somebody, CC BY"), ctx)
    assert (small.treatment, large.treatment) == ("framed", "full")
    assert min(small.contrast, large.contrast) >= 4.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scene": Scene(title="one two three four five six seven eight nine ten eleven twelve thirteen")}, "13 words are over the limit of 12"),
        ({"kind": "chart", "scene": Scene(title="No source", items=BARS)}, "a chart must say its source"),
        ({"kind": "chart", "scene": Scene(title="Empty", source="x", items=(SceneItem(label="A", value=0),))}, "at least one value above 0"),
        ({"kind": "number", "scene": Scene(title="No figure")}, "a number shot needs its figure"),
        ({"kind": "list", "scene": Scene(title="One step", items=(SceneItem(text="x"),))}, "a list shot takes 2 to 5"),
        ({"scene": Scene(title="x" * 300)}, "does not fit"),
    ],
)
def test_a_scene_that_breaks_a_limit_is_refused_with_the_field_and_the_limit(ctx: ToolContext, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ToolError, match=message):
        run(shot(**changes), ctx)


def test_a_file_that_is_no_picture_is_refused(ctx: ToolContext) -> None:
    with pytest.raises(ToolError, match="not a readable image"):
        run(shot(kind="picture", picture=ctx.store.put_bytes(b"not a picture")), ctx)
    with pytest.raises(ToolError, match="under the limit of 160 pixels"):
        run(shot(kind="picture", picture=photo(ctx, 90, 90)), ctx)


def test_the_chart_form_follows_the_values() -> None:
    shares = (SceneItem(label="Water", value=75), SceneItem(label="Rest", value=25))
    years = tuple(SceneItem(label=str(2019 + number), value=30 + number) for number in range(6))
    assert choose_chart(shares, portrait=False) == "dots"
    assert choose_chart(years, portrait=False) == "line"
    assert choose_chart(BARS, portrait=False) == "columns"
    assert choose_chart(BARS[:2], portrait=False) == "rows"
