"""Painting: one picture for one description, kept by its content, withheld when the model's own checker objects."""

import io
import json

from infra.ids import canonical_json
from memory.artifacts import Picture
from memory.rights import Rights
from tools.base import ToolContext, ToolError
from tools.paint_picture.schema import PaintPictureArgs, PaintPictureResult
from tools.vendors.diffusers.client import Painter, Wish, shared_painter

_NAMESPACE = "painted"
_QUALITY = 95


def run(args: PaintPictureArgs, ctx: ToolContext) -> PaintPictureResult:
    """Return the picture that the configured model paints, from the store when it was painted before.

    Raises `ToolError` when no model is configured or its files are not on this machine, when it does not fit the GPU's memory, and when the
    model's safety checker withheld the picture.
    """
    painter = shared_painter(ctx.settings)
    key = {"model": painter.model, "revision": painter.revision, "steps": painter.steps, **args.model_dump(exclude={"caption"})}
    started = ctx.clock.monotonic()
    kept = ctx.store.remembered(_NAMESPACE, key)
    cached = kept is not None
    note = json.loads(ctx.store.read(kept)) if kept is not None else _paint(args, ctx, painter)
    if not cached:
        ctx.store.remember(_NAMESPACE, key, ctx.store.put_bytes(canonical_json(note)))
    picture = Picture(digest=note["digest"], width=args.width, height=args.height, caption=args.caption, rights=_rights(painter))
    return PaintPictureResult(picture=picture, model=painter.model, safety=note["safety"], cached=cached, took_s=ctx.clock.monotonic() - started)


def _paint(args: PaintPictureArgs, ctx: ToolContext, painter: Painter) -> dict[str, str]:
    wish = Wish(args.prompt, args.avoid, args.width, args.height, args.seed)

    def report(done: int, steps: int) -> None:
        ctx.ensure_live()
        ctx.progress(done / steps, f"{done} of {steps} steps")

    painted = painter.paint(wish, report)
    if painted.withheld:
        raise ToolError("paint_picture: the model's safety checker withheld the picture; describe something else", model=painter.model)
    out = io.BytesIO()
    painted.image.save(out, "JPEG", quality=_QUALITY, subsampling=0)
    return {"digest": ctx.store.put_bytes(out.getvalue()), "safety": "checked" if painted.checked else "no checker"}


def _rights(painter: Painter) -> Rights:
    """A painted picture is the user's own, made by a model whose licence is the user's to keep; the credit says that a machine painted it."""
    return Rights(licence="OWN", licence_name="generated on this machine", credit=f"generated picture ({painter.model})")
