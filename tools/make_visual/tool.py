"""Draws one shot: backdrop, illustration or picture, then typeset layers, with the contrast measured on the result."""

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from infra.ids import json_digest, seeded
from memory.artifacts import Layer
from memory.personality import Look
from tools.base import ToolContext, ToolError
from tools.drawing.backdrop import Image, paint_backdrop
from tools.drawing.canvas import Canvas
from tools.drawing.illustration import View, illustrate
from tools.drawing.motifs import COMPOSITIONS
from tools.drawing.palette import LEGIBLE, resolved
from tools.drawing.photo import cover, grade, read_picture
from tools.drawing.typeset import draw_layer, headline_size
from tools.make_visual import check, pictures, staging
from tools.make_visual.layering import contrast_over, planned, veiled
from tools.make_visual.schema import MakeVisualArgs, MakeVisualResult

VERSION = 5
LAYOUTS = Path(__file__).parent / "layouts"
_SHOT = LAYOUTS / "shot.typ"
_QUIET = {"opener": 1.0, "picture": 1.0, "title": 1.0, "closing": 0.0, "phrase": 0.0, "chain": 0.0}
_WITH_WORDS = 0.16
_VEILS = {"full": (0.0, 0.35, 0.6, 0.8, 0.92, 1.0), "illustration": (0.0, 0.5, 0.75, 0.9, 1.0), "framed": (0.0, 0.6, 1.0), "plain": (0.0, 0.5, 1.0)}

# Words over a busy pattern want a calm ground even where their contrast is enough.
_OVER_PATTERN = 0.9

# Words over a picture that fills the frame have a panel or a plate of the layout's own.
NO_BOX = (0.0, 0.0, 0.0, 0.0)
Rgba = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Ground:
    """The opaque bottom of a shot and how its picture was treated."""

    image: Image
    treatment: Literal["full", "framed", "illustration", "plain"]
    text_box: tuple[float, float, float, float]


def run(args: MakeVisualArgs, ctx: ToolContext) -> MakeVisualResult:
    """Draw the shot and store each layer; the same arguments give the same digests.

    Raises `ToolError` when the scene breaks a limit, a glyph is missing, words do not fit or the picture is unusable.
    """
    key = {"version": VERSION, "layouts": _layouts_digest(), "args": args.model_dump(mode="json")}
    if (known := ctx.store.remembered("make_visual", key)) is not None:
        cached = MakeVisualResult.model_validate_json(ctx.store.read(known))
        if all(ctx.store.has(layer.image) for layer in cached.layers):
            return cached
    args = check.checked(args)
    started = time.perf_counter()
    ground = _ground(args, ctx)
    painted = time.perf_counter()
    ctx.progress(0.4, "backdrop painted")
    drawn, files, size = _typeset(args, ground)
    typeset = time.perf_counter()
    image, ratio = _legible(ground, drawn, args)
    ctx.progress(0.8, "layers typeset")
    result = MakeVisualResult(
        layers=_stored(image, list(zip((part for part, _ in drawn), files, strict=True)), args, ctx),
        width=args.format.size[0],
        height=args.format.size[1],
        contrast=round(ratio, 2),
        headline_pt=size,
        treatment=ground.treatment,
        timings_s={"ground": round(painted - started, 3), "typeset": round(typeset - painted, 3), "store": round(time.perf_counter() - typeset, 3)},
    )
    ctx.store.remember("make_visual", key, ctx.store.put_bytes(result.model_dump_json().encode()))
    return result


def _layouts_digest() -> str:
    """Digest of the layout files, so that a designer's edit is seen at once."""
    return json_digest([path.read_text("utf-8") for path in sorted(LAYOUTS.glob("*.typ"))])


def _rng(args: MakeVisualArgs, purpose: str, seed: object) -> np.random.Generator:
    return np.random.default_rng(seeded(args.channel, args.subject, purpose, seed).getrandbits(64))


@lru_cache(maxsize=3)
def _plain_ground(look: Look, channel: str, size: tuple[int, int], seed: int) -> Image:
    """Paint a channel's ground once for the shots that share it."""
    return paint_backdrop(look, size, np.random.default_rng(seeded(channel, "ground", seed).getrandbits(64)))


def _ground(args: MakeVisualArgs, ctx: ToolContext) -> Ground:
    size = args.format.size
    plain = _plain_ground(args.look, args.channel, size, args.seed % 3).copy()
    if args.picture is not None:
        picture = read_picture(ctx.store.read(args.picture))
        if pictures.fills(picture, size) and not (args.kind == "picture" and args.look.layout in {"poster", "playful"} and size[0] > size[1]):
            return Ground(_filled(picture, plain, args), "full", NO_BOX)
        graded, worded = grade(picture, args.look), bool(args.scene.title)
        frame = pictures.framing(args.look, size, picture.shape[1] / picture.shape[0], worded)
        ground = plain if worded else pictures.surrounded(graded, plain)
        return Ground(pictures.place_framed(ground, graded, frame.picture, args.look), "framed", frame.text)
    strength = 0.0 if args.bare else _QUIET.get(args.kind, _WITH_WORDS)
    if strength == 0:
        return Ground(_lit(plain, args), "plain", NO_BOX)
    stage = staging.stage_of(args.kind, args.look, size, bool(args.scene.title))
    image = illustrate(plain, View(args.subject, args.motif, args.composition, stage), args.look, _rng(args, "scene", args.seed), strength)
    return Ground(image, "illustration", NO_BOX)


def _filled(picture: Image, plain: Image, args: MakeVisualArgs) -> Image:
    """Fill the frame with a photograph; beside a panel only what the panel leaves, so that nothing of it is hidden."""
    width, height = args.format.size
    if args.kind not in staging.PANELLED:
        return grade(cover(picture, (width, height)), args.look)
    left, top, right, bottom = pictures.beside_panel(args.look, (width, height))
    plain[top:bottom, left:right] = grade(cover(picture, (right - left, bottom - top)), args.look)
    return plain


def _lit(plain: Image, args: MakeVisualArgs) -> Image:
    """Let a soft light stand somewhere else in every plain shot, so that none looks like another."""
    canvas = Canvas(image=plain, look=args.look, rng=_rng(args, "light", args.seed))
    spot = (canvas.width * canvas.uniform(0.15, 0.85), canvas.height * canvas.uniform(0.1, 0.7))
    canvas.glow(spot, canvas.uniform(420, 760) * canvas.scale, canvas.accent2, 0.22)
    return np.clip(canvas.image, 0, 255, out=canvas.image)


def layout_data(args: MakeVisualArgs, picture: str, text_box: tuple[float, float, float, float]) -> dict[str, object]:
    """Return a shot as the layout files read it; `picture` says how the ground is filled, `text_box` where a picture's words go."""
    width, height = args.format.size
    return {
        **args.scene.model_dump(),
        "kind": "picture" if args.kind == "opener" and picture == "framed" else args.kind,
        "width": width,
        "height": height,
        "channel": args.channel,
        "credit": args.credit,
        "mark": args.mark,
        "variant": args.seed % 3,
        "picture": picture,
        "text_box": list(text_box),
    }


def _typeset(args: MakeVisualArgs, ground: Ground) -> tuple[list[tuple[str, Rgba]], list[bytes], float]:
    scene = layout_data(args, "full" if ground.treatment in {"full", "illustration"} else ground.treatment, ground.text_box)
    look = resolved(args.look)
    drawn = [(part, *draw_layer(_SHOT, (scene, look), part)) for part in planned(args.kind, len(args.scene.items), args.scene.chart)]
    seen = [(part, layer, png) for part, layer, png in drawn if layer[..., 3].any()]
    return [(part, layer) for part, layer, _ in seen], [png for _, _, png in seen], headline_size(_SHOT, (scene, look))


def _legible(ground: Ground, drawn: list[tuple[str, Rgba]], args: MakeVisualArgs) -> tuple[Image, float]:
    """Veil the ground under the words until their measured contrast is enough."""
    strengths = _VEILS["plain" if ground.treatment == "illustration" and args.kind not in _QUIET else ground.treatment]
    if args.scene.title and args.motif and COMPOSITIONS[args.composition % len(COMPOSITIONS)] == "pattern":
        strengths = tuple(one for one in strengths if one >= _OVER_PATTERN)
    image, ratio = ground.image, 0.0
    for strength in strengths:
        image = veiled(ground.image, drawn, args.look, strength)
        ratio = contrast_over(image, drawn)
        if ratio >= LEGIBLE:
            return image, ratio
    raise ToolError(f"contrast: {ratio:.2f} is under the limit of {LEGIBLE}; change the look's ink or ground", contrast=ratio)


def _stored(image: Image, drawn: list[tuple[str, bytes]], args: MakeVisualArgs, ctx: ToolContext) -> tuple[Layer, ...]:
    hints = planned(args.kind, len(args.scene.items), args.scene.chart)
    opaque = Layer(image=ctx.store.put_bytes(_png(np.round(image).astype(np.uint8))), moves=True)
    layers = [opaque]
    for part, png in drawn:
        enter, at_s, for_s = hints[part]
        layers.append(Layer(image=ctx.store.put_bytes(png), enter=enter, enter_at_s=at_s, enter_for_s=for_s))
    return tuple(layers)


def _png(pixels: Rgba) -> bytes:
    done, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise ToolError("backdrop: the PNG encoder refused the image")
    return encoded.tobytes()
