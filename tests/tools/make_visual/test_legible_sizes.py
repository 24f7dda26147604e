"""Every layout in every channel's look and both formats: no text under 28 pixels, none outside the frame's safe area, none in the captions' band."""

import numpy as np
import pytest

from evals.contact_sheet import SAMPLES
from memory.artifacts import Format
from memory.personality import Personality, load_personalities
from tools.drawing.palette import resolved
from tools.drawing.typeset import draw_layer, text_sizes
from tools.make_visual.check import checked
from tools.make_visual.layering import planned
from tools.make_visual.schema import MakeVisualArgs
from tools.make_visual.tool import LAYOUTS, layout_data

SMALLEST_PT = 28.0
MARGIN = 0.02
CHANNELS = tuple(load_personalities().values())
# One channel of each family of layouts has every sample measured; the others, which differ in faces, those with most text.
FAMILIES: dict[str, Personality] = {one.look.layout: one for one in reversed(CHANNELS)}


def shots(channel_samples: bool, look_of: str, frame: Format) -> list[MakeVisualArgs]:
    person = load_personalities()[look_of]
    made = [
        MakeVisualArgs(kind=kind, scene=scene, look=person.look, channel=person.name, format=frame, credit="Picture: name, licence", mark="fig. 01", seed=seed)
        for seed, (kind, scene) in enumerate(SAMPLES)
    ]
    return [checked(one) for one in (made if channel_samples else made[-3:])]


@pytest.mark.slow
@pytest.mark.parametrize("frame", [Format.LANDSCAPE, Format.SHORT])
@pytest.mark.parametrize("channel", [one.id for one in CHANNELS])
def test_no_text_is_set_under_28_pixels(channel: str, frame: Format) -> None:
    person = load_personalities()[channel]
    for args in shots(FAMILIES[person.look.layout] is person, channel, frame):
        sizes = text_sizes(LAYOUTS / "shot.typ", (layout_data(args, "plain", (120, 470, 1240, 380)), resolved(args.look)))
        assert min(sizes) >= SMALLEST_PT, f"{args.kind}: {min(sizes)}"


@pytest.mark.slow
@pytest.mark.parametrize("frame", [Format.LANDSCAPE, Format.SHORT])
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_words_stay_inside_the_safe_area_and_above_the_captions(family: str, frame: Format) -> None:
    width, height = frame.size
    for args in shots(True, FAMILIES[family].id, frame):
        data = (layout_data(args, "plain", (70, 820, 860, 560) if height > width else (120, 470, 1240, 380)), resolved(args.look))
        for part in planned(args.kind, len(args.scene.items), args.scene.chart):
            if not part.startswith(("head", "text", "step")):
                continue
            rows, columns = np.nonzero(draw_layer(LAYOUTS / "shot.typ", data, part)[0][..., 3] > 128)
            if rows.size:
                assert rows.max() <= height * frame.caption_band[0] + 2, f"{args.kind} {part}: {rows.max()} of {height}"
                assert rows.min() >= height * MARGIN
                assert columns.min() >= width * MARGIN
                assert columns.max() <= width * (1 - MARGIN), f"{args.kind} {part}: {columns.max()} of {width}"
