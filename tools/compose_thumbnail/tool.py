"""Composes three thumbnails: ground, words on the calm side, contrast and size checked, then measured and ranked."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from infra.fonts import all_code_points
from infra.ids import seeded
from memory.artifacts import Thumbnails, ThumbnailVariant
from tools.base import ToolContext, ToolError
from tools.compose_thumbnail import measure
from tools.compose_thumbnail.faces import Face, face_focus, find_faces, overlap
from tools.compose_thumbnail.layout import Placement, placements
from tools.compose_thumbnail.schema import HEIGHT, LEAST_TEXT_SHARE, MAX_BYTES, MAX_WORDS, WIDTH, ComposeThumbnailArgs, ComposeThumbnailResult, ThumbnailConcept
from tools.drawing.backdrop import Image, paint_backdrop
from tools.drawing.illustration import View, illustrate
from tools.drawing.palette import LEGIBLE, resolved, rgb
from tools.drawing.photo import cover, grade, read_picture
from tools.drawing.typeset import draw_layer, headline_size

VERSION = 4
TEMPLATE = Path(__file__).parent / "layouts" / "thumbnail.typ"
Rgba = npt.NDArray[np.uint8]
UNDER_EDGE = 170
_VEILS = (0.6, 0.7, 0.85, 0.95, 1.0)


def run(args: ComposeThumbnailArgs, ctx: ToolContext) -> ComposeThumbnailResult:
    """Compose, measure and rank the three variants; the same arguments give the same bytes.

    Raises `ToolError` when a concept has more than four words, a glyph is missing, or a picture cannot be read.
    """
    key = {"version": VERSION, "layout": TEMPLATE.read_text("utf-8"), "args": args.model_dump(mode="json")}
    if (known := ctx.store.remembered("compose_thumbnail", key)) is not None:
        cached = ComposeThumbnailResult.model_validate_json(ctx.store.read(known))
        if all(ctx.store.has(variant.image) for variant in cached.thumbnails.variants):
            return cached
    variants = []
    for number, concept in enumerate(args.concepts):
        _check(concept, number)
        variants.append(_compose(concept, args, ctx))
        ctx.progress((number + 1) / len(args.concepts), f"{concept.concept} composed")
    ranked = sorted(variants, key=lambda variant: -variant.score)
    best = ranked[0]
    strongest = sorted(best.scores, key=lambda name: -measure.WEIGHTS.get(name, 0) * best.scores[name])[:3]
    reasons = (f"highest heuristic score, {best.score:.2f}", f"strongest in {', '.join(strongest)}", f"text contrast {best.scores['contrast_ratio']:.1f} to 1")
    result = ComposeThumbnailResult(thumbnails=Thumbnails(variants=tuple(ranked), chosen=0, reasons=reasons))
    ctx.store.remember("compose_thumbnail", key, ctx.store.put_bytes(result.model_dump_json().encode()))
    return result


def _check(concept: ThumbnailConcept, number: int) -> None:
    words = len(f"{concept.words} {concept.against}".split())
    if words > MAX_WORDS:
        raise ToolError(f"concepts[{number}].words: {words} words are over the limit of {MAX_WORDS}")
    missing = sorted({char for char in concept.words + concept.against if not char.isspace() and ord(char) not in all_code_points()})
    if missing:
        raise ToolError(f"concepts[{number}].words: no installed font has a glyph for {' '.join(missing)}; install a font package that covers this script")


def _compose(concept: ThumbnailConcept, args: ComposeThumbnailArgs, ctx: ToolContext) -> ThumbnailVariant:
    """Try the placements from best to worst and keep the first that meets every limit."""
    failure: ToolError | None = None
    for placement in placements(concept, args.look):
        ground = _ground(concept, placement, args, ctx)
        try:
            return _placed(concept, placement, (ground, find_faces(ground) if concept.picture else ()), args, ctx)
        except ToolError as error:
            failure = failure or error
    raise failure or ToolError(f"words {concept.words!r}: there is no place for them")


def _placed(
    concept: ThumbnailConcept, placement: Placement, scene: tuple[Image, tuple[Face, ...]], args: ComposeThumbnailArgs, ctx: ToolContext
) -> ThumbnailVariant:
    ground, faces = scene
    plate, words, share = _typeset(concept, placement, args)
    if share < LEAST_TEXT_SHARE:
        raise ToolError(
            f"words {concept.words!r} come out at {share:.0%} of the height, under the limit of {LEAST_TEXT_SHARE:.0%}; use shorter words", share=share
        )
    covered = overlap(_inked(words), faces)
    if covered > 0.05:
        raise ToolError(f"words {concept.words!r} would cover {covered:.0%} of a face; choose another picture", covered=covered)
    below, ratio = _legible(ground, plate, words, args)
    image = _over(below, words)
    raw = {
        "contrast": ratio,
        "text_share": share,
        "small": measure.small_legibility(image, words),
        "colour": measure.colourfulness(image),
        "faces": float(len(faces)),
        "photo": float(concept.picture is not None),
    }
    parts = measure.scores(raw, concept)
    noted = {
        "contrast_ratio": round(ratio, 2),
        "text_height_share": round(share, 3),
        "contrast_at_168x94": round(raw["small"], 2),
        "faces": float(len(faces)),
    }
    text = f"{concept.words} / {concept.against}" if concept.against else concept.words
    return ThumbnailVariant(
        image=ctx.store.put_bytes(_jpeg(image)),
        concept=concept.concept,
        text=text,
        scores={**parts, **noted},
        score=measure.total(parts),
        likeness=measure.likeness(image),
    )


def _ground(concept: ThumbnailConcept, placement: Placement, args: ComposeThumbnailArgs, ctx: ToolContext) -> Image:
    """Paint the picture on its stage: a photograph cropped around its face, else the concept's illustration."""
    size = (WIDTH, HEIGHT)
    rng = np.random.default_rng(seeded(args.channel, "thumbnail", concept.subject, concept.seed).getrandbits(64))
    plain = paint_backdrop(args.look, size, rng)
    if concept.picture is not None:
        picture = read_picture(ctx.store.read(concept.picture))
        left, top, right, bottom = _shown(placement)
        photo = grade(cover(picture, (right - left, bottom - top), face_focus(picture)), args.look, 0.1)
        plain[top:bottom, left:right] = np.clip((photo - 118) * 1.12 + 122, 0, 255)
        return plain.astype(np.float32)
    strength = 0.55 if concept.concept == "versus" else 1.0
    return illustrate(plain, View(concept.subject, concept.motif, concept.composition, placement.stage), args.look, rng, strength)


def _shown(placement: Placement) -> tuple[int, int, int, int]:
    """Return the part of the frame that a photograph fills (left, top, right, bottom), reaching under the panel's edge."""
    left, _, width, _ = placement.stage
    if placement.panel == "below":
        return 0, 0, WIDTH, round(placement.box[1])
    if placement.panel == "split":
        return 0, 0, WIDTH, HEIGHT
    return max(0, round(left) - UNDER_EDGE), 0, min(WIDTH, round(left + width) + UNDER_EDGE), HEIGHT


def _typeset(concept: ThumbnailConcept, placement: Placement, args: ComposeThumbnailArgs) -> tuple[Rgba, Rgba, float]:
    scene = {
        "lines": list(placement.lines),
        "against": concept.against,
        "box": list(placement.box),
        "side": placement.side,
        "panel": placement.panel,
        "small_from": placement.small_from,
        "largest": placement.largest,
    }
    data = (scene, resolved(args.look))
    share = headline_size(TEMPLATE, data) / HEIGHT
    return draw_layer(TEMPLATE, data, "plate")[0], draw_layer(TEMPLATE, data, "words")[0], share


def _legible(ground: Image, plate: Rgba, words: Rgba, args: ComposeThumbnailArgs) -> tuple[Image, float]:
    """Veil the picture, not the plate, under the words until their contrast is enough; raises when it never is."""
    image = _over(ground, plate)
    alpha = words[..., 3].astype(np.float32) / 255
    near = cv2.GaussianBlur(cv2.dilate(alpha, np.ones((41, 41), np.uint8)), (0, 0), 26)
    veiling = np.array(rgb(args.look.ground), np.float32)
    ratio = measure.text_contrast(image, words)
    best, at = image, ratio if plate[..., 3].any() else 0.0
    for veil in _VEILS:
        if at >= LEGIBLE + 1.5:
            break
        tried = _over(ground + (veiling - ground) * np.clip(near * veil * 1.8, 0, 1)[..., None], plate)
        found = measure.text_contrast(tried, words)
        if found > at:
            best, at = tried, found
    if at < LEGIBLE:
        raise ToolError(f"contrast: {at:.2f} is under the limit of {LEGIBLE}; change the look's ink or ground", contrast=at)
    return best, at


def _inked(words: Rgba) -> tuple[float, float, float, float]:
    """Return the box (x, y, width, height) that the letters cover."""
    rows, columns = np.nonzero(words[..., 3] > 128)
    if rows.size == 0:
        return (0.0, 0.0, 0.0, 0.0)
    return (float(columns.min()), float(rows.min()), float(np.ptp(columns)), float(np.ptp(rows)))


def _over(image: Image, layer: Rgba) -> Image:
    alpha = layer[..., 3:].astype(np.float32) / 255
    return np.asarray(image + (layer[..., :3].astype(np.float32) - image) * alpha, np.float32)


def _jpeg(image: Image) -> bytes:
    pixels = cv2.cvtColor(np.round(np.clip(image, 0, 255)).astype(np.uint8), cv2.COLOR_RGB2BGR)
    for quality in (92, 86, 78, 68):
        done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and encoded.size < MAX_BYTES:
            return encoded.tobytes()
    raise ToolError(f"thumbnail: no JPEG quality stays under {MAX_BYTES} bytes")
