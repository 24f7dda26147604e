"""Draws every kind of shot for every channel into contact sheets, to be looked at: `python -m evals.contact_sheet OUT [--channels a,b]`."""

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np

from infra.log import get_logger
from infra.settings import load_settings
from memory.artifacts import Format
from memory.media import MediaStore
from memory.personality import Personality, load_personalities
from tools.base import ToolContext
from tools.drawing.backdrop import Image
from tools.make_visual.layering import over
from tools.make_visual.schema import Kind, MakeVisualArgs, MakeVisualResult, Scene, SceneItem
from tools.make_visual.tool import run

SHEET_DRAWN = "contact_sheet.drawn"
_STEPS = ("First this happens", "Then this follows from it", "So that changes", "And here is what you see")
_DATES = (("1901", "A first station is built"), ("1958", "Daily readings begin"), ("1997", "The series goes public"), ("2024", "Anyone can look it up"))
_TERMS = ("Pressure", "Moisture", "Wind", "Sunlight", "Terrain", "Season")
SAMPLES: tuple[tuple[Kind, Scene], ...] = (
    ("opener", Scene(kicker="Sample", title="The lake that keeps everything it is given")),
    ("picture", Scene(kicker="From above", title="Wind writes in rows of cloud")),
    (
        "number",
        Scene(
            kicker="One figure",
            number="10.5",
            title="One figure, said in one line",
            source="Sample figures",
            items=tuple(SceneItem(label=f"Group {n}", value=v, shown=str(v), own=v > 10) for n, v in enumerate((7.0, 8.1, 10.5), 1)),
        ),
    ),
    ("number", Scene(kicker="Share", number="1 in 4", title="A share that anyone can picture", source="Sample figures")),
    ("quote", Scene(title="A sentence worth hearing in somebody's own words, because no one could say it better.", source="Who said it, where, when")),
    ("list", Scene(kicker="How it happens", title="Four steps, one line each", items=tuple(SceneItem(text=text, own=n == 3) for n, text in enumerate(_STEPS)))),
    (
        "chart",
        Scene(
            kicker="By region",
            title="The bar that matters wears the accent",
            source="Source: sample figures",
            items=tuple(SceneItem(label=f"Area {n}", value=v, own=n == 3) for n, v in enumerate((21, 34, 27, 58, 40, 12))),
        ),
    ),
    (
        "chart",
        Scene(
            kicker="Over time",
            title="It doubled in six readings",
            source="Source: sample figures",
            items=tuple(SceneItem(label=str(2019 + n), value=v) for n, v in enumerate((31, 35, 33, 44, 52, 63))),
        ),
    ),
    (
        "chart",
        Scene(
            title="Three quarters of it is water",
            source="Source: sample figures",
            items=(SceneItem(label="Water", value=75, shown="75%", own=True), SceneItem(label="Everything else", value=25, shown="25%")),
        ),
    ),
    (
        "comparison",
        Scene(
            kicker="Side by side",
            title="Two ways to say the same",
            number="vs",
            items=(
                SceneItem(label="Before", shown="12", text="What people counted by hand, once a year", own=False),
                SceneItem(label="After", shown="365", text="What an instrument counts every day", own=True),
            ),
        ),
    ),
    ("timeline", Scene(kicker="Dates", title="How the record grew", items=tuple(SceneItem(label=d, text=t, own=n == 3) for n, (d, t) in enumerate(_DATES)))),
    ("map", Scene(kicker="Terms", title="Cloud", items=tuple(SceneItem(label=term, own=n == 0) for n, term in enumerate(_TERMS)))),
    ("phrase", Scene(title="Ultraviolet light")),
    ("phrase", Scene(title="The oldest assembly")),
    ("phrase", Scene(title="Patterns")),
    ("chain", Scene(title="Sunlight", items=(SceneItem(text="Sunlight", own=True), SceneItem(text="salt water")))),
    ("chain", Scene(title="Sunlight", items=tuple(SceneItem(text=one, own=one == "Sunlight") for one in ("Sunlight", "salt water", "river mouths", "tides")))),
    ("title", Scene(kicker="Part two", title="What the rings remember")),
    ("title", Scene(kicker="Chapter", number="2", title="What the oldest rings remember")),
    (
        "closing",
        Scene(
            title="Thank you for looking closely",
            kicker="Sources",
            items=tuple(SceneItem(label=f"Name of source {n}", text="Publisher, year, licence") for n in range(1, 5)),
        ),
    ),
)


def flatten(result: MakeVisualResult, store: MediaStore) -> Image:
    """Composite a shot's layers into the frame seen once everything has entered."""
    image: Image = np.zeros((result.height, result.width, 3), np.float32)
    for layer in result.layers:
        pixels = np.asarray(cv2.imdecode(np.frombuffer(store.read(layer.image), np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)
        opaque = pixels.shape[2] == 3
        image = (
            cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB).astype(np.float32)
            if opaque
            else over(image, np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA), np.uint8))
        )
    return image


def sheet(personality: Personality, frame: Format, ctx: ToolContext, pictures: tuple[str, ...] = ()) -> Image:
    """Draw every sample for one channel and tile the frames; given `pictures` (digests), picture shots are added."""
    shots = [(kind, scene, None) for kind, scene in SAMPLES] + [("picture", SAMPLES[1][1], digest) for digest in pictures]
    frames = []
    for number, (kind, scene, picture) in enumerate(shots):
        args = MakeVisualArgs(
            kind=kind,
            scene=scene,
            look=personality.look,
            channel=personality.name,
            format=frame,
            picture=picture,
            credit="Picture: name, licence" if kind in {"picture", "opener"} else "",
            subject=personality.categories[number % len(personality.categories)],
            mark=f"fig. {number + 1:02d}",
            seed=number,
        )
        frames.append(flatten(run(args, ctx), ctx.store))
    across = 4 if frame is Format.LANDSCAPE else 8
    small = (480, 270) if frame is Format.LANDSCAPE else (225, 400)
    tiles = [cv2.copyMakeBorder(cv2.resize(one, small, interpolation=cv2.INTER_AREA), 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=(128, 128, 128)) for one in frames]
    tiles += [np.full_like(tiles[0], 128)] * (-len(tiles) % across)
    return np.vstack([np.hstack(tiles[start : start + across]) for start in range(0, len(tiles), across)])


def main() -> None:
    """Draw the sheets into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--channels", default="")
    parser.add_argument("--formats", default="landscape,short")
    parser.add_argument("--pictures", nargs="*", type=Path, default=[])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    channels = [one for one in load_personalities().values() if not options.channels or one.id in options.channels.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        store = MediaStore(Path(folder) / "media")
        ctx = ToolContext(settings=load_settings(), store=store, scratch=Path(folder))
        pictures = tuple(store.put_bytes(path.read_bytes()) for path in options.pictures)
        for personality in channels:
            for frame in (Format(name) for name in options.formats.split(",")):
                image = sheet(personality, frame, ctx, pictures)
                path = options.out / f"{personality.id}-{frame.value}.png"
                cv2.imwrite(str(path), cv2.cvtColor(np.round(image).astype(np.uint8), cv2.COLOR_RGB2BGR))
                get_logger(__name__).info(SHEET_DRAWN, path=str(path))


if __name__ == "__main__":
    main()
