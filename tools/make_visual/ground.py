"""What lies under the words of a shot: a picture or a clip, filling what the words' panel leaves, or in the look's frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from memory.artifacts import Clip, Footage
from memory.media import MediaStore
from memory.personality import Look
from tools.clip_frames import read_stills
from tools.drawing.backdrop import Image
from tools.drawing.photo import cover, grade, toning
from tools.make_visual import pictures, staging
from tools.make_visual.layering import Mask
from tools.make_visual.schema import MakeVisualArgs

# In motion, what a still would show as softness is not seen: half as large again, and a little.
MAX_ENLARGEMENT = 1.6
_LEAST_KEPT = 0.4
_SAMPLES = 4

Box = tuple[float, float, float, float]
Place = tuple[int, int, int, int]
# Words over a picture that fills the frame have a panel or a plate of the layout's own.
NO_BOX: Box = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Ground:
    """The opaque bottom of a shot and how its picture was treated.

    Over a clip, words must be legible on every one of `samples`; `hole` is where a clip that does not fill the frame is seen, 0..1 for each pixel.
    """

    image: Image
    treatment: Literal["full", "framed", "illustration", "plain"]
    text_box: Box
    samples: tuple[Image, ...] = ()
    footage: Footage | None = None
    hole: Mask | None = None


def still_ground(args: MakeVisualArgs, picture: Image, plain: Image) -> Ground:
    """Return the ground of a still, on the channel's plain one."""
    if pictures.fills(picture, args.format.size) and not _always_framed(args):
        return Ground(_filled(picture, plain, _place(args), args.look), "full", NO_BOX)
    graded = grade(picture, args.look)
    frame, around = _framing(args, graded, plain, picture.shape[1] / picture.shape[0])
    return Ground(pictures.place_framed(around, graded, frame.picture, args.look), "framed", frame.text)


def clip_ground(args: MakeVisualArgs, clip: Clip, plain: Image, store: MediaStore) -> Ground:
    """Return the ground of a clip, placed as a still is; what is around it stands still."""
    if clip_fills(clip, args.format.size) and not _always_framed(args):
        return _full_clip(args, clip, plain, store)
    return _framed_clip(args, clip, plain, store)


def clip_fills(clip: Clip, size: tuple[int, int]) -> bool:
    """Say whether a clip may fill a frame of (width, height) without being enlarged visibly or cropped away."""
    scale = max(size[0] / clip.width, size[1] / clip.height)
    return scale <= MAX_ENLARGEMENT and size[0] * size[1] >= _LEAST_KEPT * clip.width * clip.height * scale * scale


def _full_clip(args: MakeVisualArgs, clip: Clip, plain: Image, store: MediaStore) -> Ground:
    place = _place(args)
    left, top, width, height = place
    seen = tuple(_filled(still, plain, place, args.look) for still in read_stills(store.path(clip.digest), clip, _SAMPLES))
    hole = None
    if (width, height) != args.format.size:
        hole = np.zeros(plain.shape[:2], np.float32)
        hole[top : top + height, left : left + width] = 1
    return Ground(seen[len(seen) // 2], "full", NO_BOX, seen, Footage(clip=clip, box=place, toning=toning(args.look)), hole)


def _framed_clip(args: MakeVisualArgs, clip: Clip, plain: Image, store: MediaStore) -> Ground:
    stills = [grade(still, args.look) for still in read_stills(store.path(clip.digest), clip, _SAMPLES)]
    grown = (round(clip.width * MAX_ENLARGEMENT), round(clip.height * MAX_ENLARGEMENT))
    picture = np.asarray(cv2.resize(stills[len(stills) // 2], grown, interpolation=cv2.INTER_CUBIC), np.float32)
    frame, around = _framing(args, picture, plain, clip.width / clip.height)
    image = pictures.place_framed(around, picture, frame.picture, args.look)
    hole = pictures.hole(picture, frame.picture, args.look, args.format.size)
    footage = Footage(clip=clip, box=_around(hole), toning=toning(args.look))
    return Ground(image, "framed", frame.text, _played(image, stills, footage.box, hole), footage, hole)


def _played(image: Image, stills: Sequence[Image], place: Place, hole: Mask) -> tuple[Image, ...]:
    """Return a shot as it is seen at each of a clip's stills."""
    left, top, width, height = place
    seen = []
    for still in stills:
        one = image.copy()
        part = one[top : top + height, left : left + width]
        part += (cover(still, (width, height)) - part) * hole[top : top + height, left : left + width, None]
        seen.append(one)
    return tuple(seen)


def _always_framed(args: MakeVisualArgs) -> bool:
    """Say whether a look frames every picture that is shown by itself."""
    width, height = args.format.size
    return args.kind == "picture" and args.look.layout in {"poster", "playful"} and width > height


def _framing(args: MakeVisualArgs, picture: Image, plain: Image, aspect: float) -> tuple[pictures.Framing, Image]:
    """Return where a framed picture and its words stand, and what is around them."""
    worded = bool(args.scene.title)
    return pictures.framing(args.look, args.format.size, aspect, worded), plain if worded else pictures.surrounded(picture, plain)


def _place(args: MakeVisualArgs) -> Place:
    """Return what a picture fills of the frame (left, top, width, height; even): beside a panel what the panel leaves, so that nothing is hidden."""
    size = args.format.size
    if args.kind not in staging.PANELLED:
        return 0, 0, *size
    left, top, right, bottom = (side // 2 * 2 for side in pictures.beside_panel(args.look, size))
    return left, top, right - left, bottom - top


def _filled(picture: Image, plain: Image, place: Place, look: Look) -> Image:
    left, top, width, height = place
    image = plain.copy()
    image[top : top + height, left : left + width] = grade(cover(picture, (width, height)), look)
    return image


def _around(hole: Mask) -> Place:
    """Return the even box around the visible part of a mask."""
    columns, rows = np.flatnonzero(hole.max(axis=0)), np.flatnonzero(hole.max(axis=1))
    left, top = int(columns[0]) // 2 * 2, int(rows[0]) // 2 * 2
    return left, top, -(-(int(columns[-1]) + 1 - left) // 2) * 2, -(-(int(rows[-1]) + 1 - top) // 2) * 2
