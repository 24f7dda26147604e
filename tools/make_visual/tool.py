"""Draws one shot: backdrop, illustration or picture, then typeset layers, with the contrast measured on the result."""

import time
from functools import lru_cache
from pathlib import Path

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
from tools.drawing.photo import read_picture
from tools.drawing.typeset import draw_layer, headline_size
from tools.make_visual import check, staging
from tools.make_visual.ground import NO_BOX, Ground, clip_ground, still_ground
from tools.make_visual.layering import Mask, contrast_over, planned, veil, veil_colour, veiled
from tools.make_visual.schema import MakeVisualArgs, MakeVisualResult

VERSION = 5
LAYOUTS = Path(__file__).parent / "layouts"
_SHOT = LAYOUTS / "shot.typ"
_QUIET = {"opener": 1.0, "picture": 1.0, "title": 1.0, "closing": 0.0, "phrase": 0.0, "chain": 0.0}
_WITH_WORDS = 0.16
_VEILS = {"full": (0.0, 0.35, 0.6, 0.8, 0.92, 1.0), "illustration": (0.0, 0.5, 0.75, 0.9, 1.0), "framed": (0.0, 0.6, 1.0), "plain": (0.0, 0.5, 1.0)}

# Words over a busy pattern want a calm ground even where their contrast is enough.
_OVER_PATTERN = 0.9
_BEFORE_FADE_S = -1.0

Rgba = npt.NDArray[np.uint8]


def run(args: MakeVisualArgs, ctx: ToolContext) -> MakeVisualResult:
    """Draw the shot and store each layer; the same arguments give the same digests.

    Raises `ToolError` when the scene breaks a limit, a glyph is missing, words do not fit or the picture is unusable.
    """
    key = {"version": VERSION, "layouts": _layouts_digest(), "args": args.model_dump(mode="json")}
    if (known := ctx.store.remembered("make_visual", key)) is not None:
        cached = MakeVisualResult.model_validate_json(ctx.store.read(known))
        if all(ctx.store.has(part) for layer in cached.layers for part in _parts(layer)):
            return cached
    args = check.checked(args)
    started = time.perf_counter()
    ground = _ground(args, ctx)
    painted = time.perf_counter()
    ctx.progress(0.4, "backdrop painted")
    drawn, files, size = _typeset(args, ground)
    typeset = time.perf_counter()
    image, ratio, cover = _legible(ground, drawn, args)
    ctx.progress(0.8, "layers typeset")
    result = MakeVisualResult(
        layers=(
            *_bottom(ground, image, (cover, args.look), ctx),
            *_stored(list(zip((part for part, _ in drawn), files, strict=True)), args, ctx),
        ),
        width=args.format.size[0],
        height=args.format.size[1],
        contrast=round(ratio, 2),
        headline_pt=size,
        treatment=ground.treatment,
        timings_s={"ground": round(painted - started, 3), "typeset": round(typeset - painted, 3), "store": round(time.perf_counter() - typeset, 3)},
    )
    ctx.store.remember("make_visual", key, ctx.store.put_bytes(result.model_dump_json().encode()))
    return result


def _parts(layer: Layer) -> tuple[str, ...]:
    """Return the digests of every file that a layer needs."""
    return (layer.image, layer.footage.clip.digest) if layer.footage else (layer.image,)


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
    if args.clip is not None:
        return clip_ground(args, args.clip, plain, ctx.store)
    if args.picture is not None:
        return still_ground(args, read_picture(ctx.store.read(args.picture)), plain)
    strength = 0.0 if args.bare else _QUIET.get(args.kind, _WITH_WORDS)
    if strength == 0:
        return Ground(_lit(plain, args), "plain", NO_BOX)
    stage = staging.stage_of(args.kind, args.look, size, bool(args.scene.title))
    image = illustrate(plain, View(args.subject, args.motif, args.composition, stage), args.look, _rng(args, "scene", args.seed), strength)
    return Ground(image, "illustration", NO_BOX)


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


def _legible(ground: Ground, drawn: list[tuple[str, Rgba]], args: MakeVisualArgs) -> tuple[Image, float, Mask]:
    """Veil the ground under the words until their measured contrast is enough, over a clip on all its samples; return also the veil, 0..1 for each pixel."""
    strengths = _VEILS["plain" if ground.treatment == "illustration" and args.kind not in _QUIET else ground.treatment]
    if args.scene.title and args.motif and COMPOSITIONS[args.composition % len(COMPOSITIONS)] == "pattern":
        strengths = tuple(one for one in strengths if one >= _OVER_PATTERN)
    ratio, scrim = 0.0, veil(drawn, ground.image.shape[:2])
    for strength in strengths:
        cover = np.clip(scrim * np.float32(strength), 0, 1)
        ratio = min(contrast_over(veiled(one, cover, args.look), drawn) for one in ground.samples or (ground.image,))
        if ratio >= LEGIBLE:
            return veiled(ground.image, cover, args.look), ratio, cover
    raise ToolError(f"contrast: {ratio:.2f} is under the limit of {LEGIBLE}; change the look's ink or ground", contrast=ratio)


def _bottom(ground: Ground, image: Image, veiling: tuple[Mask, Look], ctx: ToolContext) -> tuple[Layer, ...]:
    """Store what lies under the words: a still, or footage with what lies over it (its frame, or the veil alone)."""
    still = ctx.store.put_bytes(_png(np.round(image).astype(np.uint8)))
    if ground.footage is None:
        return (Layer(image=still, moves=True),)
    above = _above(ground, image, veiling)
    bottom = Layer(image=still, footage=ground.footage, moves=ground.hole is None)
    if not above[..., 3].any():
        return (bottom,)
    # There from the first frame of the fade on, as the still's own veil is.
    return bottom, Layer(image=ctx.store.put_bytes(_png(above)), enter_at_s=_BEFORE_FADE_S)


def _above(ground: Ground, image: Image, veiling: tuple[Mask, Look]) -> Rgba:
    """Return what lies over footage as RGBA: the veil where the footage is seen, what stands still around it."""
    cover, look = veiling
    seen = np.ones_like(cover) if ground.hole is None else ground.hole
    alpha = 1 - seen * (1 - cover)
    share = (seen * cover / np.maximum(alpha, np.float32(1e-6)))[..., None]
    colour = image + (np.array(veil_colour(look), np.float32) - image) * share
    return np.dstack([np.round(colour), np.round(255 * alpha)]).astype(np.uint8)


def _stored(drawn: list[tuple[str, bytes]], args: MakeVisualArgs, ctx: ToolContext) -> tuple[Layer, ...]:
    hints = planned(args.kind, len(args.scene.items), args.scene.chart)
    layers = []
    for part, png in drawn:
        enter, at_s, for_s = hints[part]
        layers.append(Layer(image=ctx.store.put_bytes(png), enter=enter, enter_at_s=at_s, enter_for_s=for_s))
    return tuple(layers)


def _png(pixels: Rgba) -> bytes:
    order = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    done, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, order), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise ToolError("backdrop: the PNG encoder refused the image")
    return encoded.tobytes()
