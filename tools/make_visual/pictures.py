"""Pictures in a shot: whether one fills the frame or is framed, where it stands, and how its frame looks."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from memory.personality import Look
from tools.drawing.backdrop import Image
from tools.drawing.palette import mix, rgb
from tools.drawing.photo import cover
from tools.make_visual.staging import stage_of, stands_below

FULL_WIDTH = 1200
MAX_ENLARGEMENT = 1.15
_GROUND_SHARE = 0.68
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Framing:
    """Where a framed picture and its words go, in pixels of the frame."""

    picture: Box
    text: Box


def fills(picture: Image, size: tuple[int, int]) -> bool:
    """Say whether a picture may fill a frame of (width, height) without being enlarged visibly or cropped away."""
    height, width = picture.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    kept = (size[0] * size[1]) / (width * scale * height * scale)
    return bool(width >= FULL_WIDTH and scale <= MAX_ENLARGEMENT and kept >= 0.4)


def beside_panel(look: Look, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the part of the frame (left, top, right, bottom) that a photograph fills beside the words' panel, reaching a little under its edge."""
    left, _, width, _ = stage_of("opener", look, size, labelled=True) or (0.0, 0.0, float(size[0]), float(size[1]))
    if size[1] > size[0] or stands_below(look):
        return 0, 0, size[0], round(size[1] * (0.5 if size[1] > size[0] else 0.62))
    return max(0, round(left) - 160), 0, min(size[0], round(left + width) + 160), size[1]


def surrounded(picture: Image, ground: Image) -> Image:
    """Return a ground for a picture that is shown by itself: its own colours, far out of focus, under the channel's ground."""
    height, width = ground.shape[:2]
    small = cv2.GaussianBlur(cover(picture, (width // 8, height // 8)), (0, 0), 9)
    soft = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(soft + (ground - soft) * _GROUND_SHARE, dtype=np.float32)


def framing(look: Look, size: tuple[int, int], aspect: float, worded: bool = True) -> Framing:
    """Return where a framed picture (of width/height `aspect`) and its words stand in the look's composition; without words it has the middle."""
    width, height = size
    if not worded:
        return Framing((70, 250, 860, 1080) if height > width else (260, 108, 1400, 670), (0, 0, 0, 0))
    if height > width:
        tall = 620.0 if aspect > 1.1 else 760.0
        return Framing((70, 190, 860, tall), (70, 190 + tall + 70, 860, 1390 - 190 - tall - 70))
    if look.layout == "poster":
        mirrored = look.align == "right"
        return Framing((90 if mirrored else 750, 130, 1080, 680), (width - 660 + 80 if mirrored else 80, 130, 500, 670))
    if look.layout == "cinematic":
        return Framing((300, 92, 1320, 520), (260, 648, 1400, 152))
    left_side = (look.align == "right") != (look.layout == "signal")
    picture_w = 1000.0 if aspect > 1.15 else 800.0
    text_w = 1680 - picture_w - 100
    if left_side:
        return Framing((120, 118, picture_w, 680), (120 + picture_w + 100, 150, text_w, 640))
    return Framing((1800 - picture_w, 118, picture_w, 680), (120, 150, text_w, 640))


def place_framed(ground: Image, picture: Image, box: Box, look: Look) -> Image:
    """Set a picture into its box on `ground` in the family's manner and return the image; it is never enlarged."""
    x, y, width, height = box
    aspect = picture.shape[1] / picture.shape[0]
    shown_w, shown_h = _shown(picture, width, height, aspect)
    left, top = x + (width - shown_w) / 2, y + (height - shown_h) / 2
    still = cover(picture, (round(shown_w), round(shown_h)))
    image = _behind(ground, (left, top, shown_w, shown_h), look, _tilt(look))
    return _paste(image, still, (left, top), _radius(look), _tilt(look))


def hole(picture: Image, box: Box, look: Look, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Return where `place_framed` shows the picture itself: 0..1 for each pixel of a frame of `size`."""
    x, y, width, height = box
    shown_w, shown_h = _shown(picture, width, height, picture.shape[1] / picture.shape[0])
    placed = (x + (width - shown_w) / 2, y + (height - shown_h) / 2, float(round(shown_w)), float(round(shown_h)))
    return np.asarray(_rounded((size[1], size[0]), placed, _radius(look), _tilt(look)), np.float32)


def _tilt(look: Look) -> float:
    return {"playful": -2.4}.get(look.layout, 0.0)


def _radius(look: Look) -> float:
    return 0.0 if look.layout in {"signal", "poster", "cinematic"} else look.radius


def _shown(picture: Image, width: float, height: float, aspect: float) -> tuple[float, float]:
    """Fill the box by cropping at most a fifth, without enlarging."""
    scale = min(1.0, max(width / picture.shape[1], height / picture.shape[0]))
    full_w, full_h = picture.shape[1] * scale, picture.shape[0] * scale
    shown_w, shown_h = min(width, full_w), min(height, full_h)
    if shown_w * shown_h < 0.8 * full_w * full_h:
        fit = min(1.0, width / picture.shape[1] * 1.12, height / picture.shape[0] * 1.12)
        shown_w, shown_h = min(width, picture.shape[1] * fit), min(height, picture.shape[0] * fit)
    return min(shown_w, shown_h * aspect * 1.25), min(shown_h, shown_w / aspect * 1.25)


def _behind(ground: Image, box: Box, look: Look, tilt: float) -> Image:
    """Draw the shadow and the family's frame: an offset block, a white print, brackets or a hairline."""
    x, y, width, height = box
    image = ground.copy()
    shadow = _rounded(image.shape[:2], (x - 6, y + 20, width + 12, height + 12), look.radius, tilt)
    image *= 1 - 0.34 * cv2.GaussianBlur(shadow, (0, 0), 26)[..., None]
    accent, ink = np.array(rgb(look.accent), np.float32), np.array(rgb(look.ink), np.float32)
    if look.layout == "signal":
        block = _rounded(image.shape[:2], (x - 34, y + 34, width, height), 0, 0)
        image += (accent - image) * block[..., None]
    if look.layout == "playful":
        card = _rounded(image.shape[:2], (x - 22, y - 22, width + 44, height + 44), look.radius + 14, tilt)
        image += (np.array((255, 255, 255), np.float32) - image) * card[..., None]
    if look.layout in {"technical", "cinematic", "editorial"}:
        gap = 18 if look.layout == "technical" else 3
        outer = _rounded(image.shape[:2], (x - gap, y - gap, width + 2 * gap, height + 2 * gap), look.radius if look.layout != "cinematic" else 0, 0)
        inner = _rounded(
            image.shape[:2], (x - gap + 3, y - gap + 3, width + 2 * gap - 6, height + 2 * gap - 6), look.radius if look.layout != "cinematic" else 0, 0
        )
        colour = accent if look.layout == "technical" else np.array(mix(rgb(look.ground), rgb(look.ink), 0.35), np.float32)
        image += (colour - image) * np.clip(outer - inner, 0, 1)[..., None]
    if look.layout == "poster":
        strip = _rounded(image.shape[:2], (x, y + height, width, 16), 0, 0)
        image += (ink - image) * strip[..., None]
    return image


def _paste(ground: Image, still: Image, corner: tuple[float, float], radius: float, tilt: float) -> Image:
    height, width = ground.shape[:2]
    box = (corner[0], corner[1], float(still.shape[1]), float(still.shape[0]))
    move = _turn(box, tilt) @ np.array([[1, 0, corner[0]], [0, 1, corner[1]], [0, 0, 1]])
    placed = cv2.warpAffine(still, move[:2].astype(np.float32), (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = _rounded(ground.shape[:2], box, radius, tilt)[..., None]
    return np.asarray(ground + (placed - ground) * mask, dtype=np.float32)


def _turn(box: Box, tilt: float) -> npt.NDArray[np.float64]:
    matrix = cv2.getRotationMatrix2D((box[0] + box[2] / 2, box[1] + box[3] / 2), tilt, 1.0)
    return np.vstack([matrix, [0, 0, 1]])


def _rounded(shape: tuple[int, ...], box: Box, radius: float, tilt: float) -> npt.NDArray[Any]:
    """Return the coverage (0..1) of a rounded, turned rectangle."""
    x, y, width, height = box
    radius = max(0.0, min(radius, width / 2, height / 2))
    corners = []
    for cx, cy, start in (
        (x + width - radius, y + radius, -90),
        (x + width - radius, y + height - radius, 0),
        (x + radius, y + height - radius, 90),
        (x + radius, y + radius, 180),
    ):
        for angle in np.radians(np.linspace(start, start + 90, 12)):
            corners.append((cx + radius * np.cos(angle), cy + radius * np.sin(angle), 1.0))
    turned = (_turn(box, tilt) @ np.array(corners).T).T[:, :2]
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(turned * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask.astype(np.float32) / 255
