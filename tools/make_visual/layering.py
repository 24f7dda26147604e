"""The layers of each kind of shot: which there are, how they enter, and how legible they are on what lies beneath."""

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from memory.personality import Look
from tools.drawing.backdrop import Image
from tools.drawing.palette import contrast, luminance, rgb

Entrance = Literal["none", "fade", "rise", "grow_up", "grow_right", "slide_left"]
Rgba = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.float32]
_TEXT = ("head", "text", "step")
_DATA: dict[str, Entrance] = {"data-x": "grow_right", "data-y": "grow_up", "data-right": "grow_right"}


def planned(kind: str, items: int, chart: str) -> dict[str, tuple[Entrance, float, float]]:
    """Return the layers of a kind from back to front: name -> (entrance, seconds after the cut, seconds it takes).

    The channel's ident lies over the panels. The headline comes first, then what grows, then the labels; steps follow one by one.
    """
    plan: dict[str, tuple[Entrance, float, float]] = {"panel": ("fade", 0.0, 0.3), "chrome": ("none", 0.0, 0.0)}
    if kind == "number":
        plan["data-x"] = (_DATA["data-x"], 0.35, 0.4)
    if kind == "chart":
        part = {"rows": "data-x", "columns": "data-y"}.get(chart, "data-right")
        plan[part] = (_DATA[part], 0.35, 0.4)
    plan["head"] = ("rise", 0.05, 0.4)
    if kind in {"list", "timeline", "map", "comparison", "chain"}:
        for step in range(items):
            plan[f"step{step}"] = ("rise" if kind != "map" else "fade", round(0.35 + 0.3 * step, 2), 0.35)
    plan["text"] = ("fade", 0.6 if kind in {"number", "chart"} else 0.3, 0.4)
    return plan


def over(image: Image, layer: Rgba) -> Image:
    """Composite a transparent layer over an opaque image."""
    alpha = layer[..., 3:].astype(np.float32) / 255
    return np.asarray(image + (layer[..., :3].astype(np.float32) - image) * alpha, dtype=np.float32)


def contrast_over(image: Image, drawn: list[tuple[str, Rgba]]) -> float:
    """Return the contrast ratio that 98% of the text pixels reach over everything beneath them."""
    lowest = 21.0
    below = image
    for part, layer in drawn:
        if part.startswith(_TEXT):
            rows, columns = np.nonzero(layer[..., 3] > 250)
            if rows.size > 200:
                ratios = contrast(layer[rows, columns, :3].astype(np.float32), below[rows, columns])
                lowest = min(lowest, float(np.percentile(ratios, 2)))
        else:
            below = over(below, layer)
    return lowest


def veil(drawn: list[tuple[str, Rgba]], shape: tuple[int, ...]) -> Mask:
    """Return a soft scrim shaped by the words, for a frame of `shape`: how much lies over each pixel at a strength of 1, and more close to the words."""
    small = cv2.resize(_words(drawn, shape), (shape[1] // 8, shape[0] // 8), interpolation=cv2.INTER_AREA)
    spread = cv2.dilate((small > 0.02).astype(np.float32), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15)))
    soft = cv2.GaussianBlur(spread, (0, 0), 16) * 1.5
    wide = cv2.GaussianBlur(spread, (0, 0), 42) * 0.8
    near = np.clip(np.maximum(soft, wide) * 1.3, 0, 1)
    return np.asarray(cv2.resize(near.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def veiled(image: Image, cover: Mask, look: Look) -> Image:
    """Lay the veil's colour over an image, 0..1 of it for each pixel."""
    if not cover.any():
        return image
    return np.asarray(image + (np.array(veil_colour(look), np.float32) - image) * cover[..., None], dtype=np.float32)


def veil_colour(look: Look) -> tuple[int, int, int]:
    """Return the colour of the veil: the one of the look's grounds that is farther from its ink."""
    return min((rgb(look.ground), rgb(look.ground2)), key=lambda one: -_away(one, look))


def _away(ground: tuple[int, int, int], look: Look) -> float:
    """How far a ground is from the ink in luminance: the veil takes the farther one."""
    values = luminance(np.array([ground, rgb(look.ink)], np.float32))
    return float(abs(values[0] - values[1]))


def _words(drawn: list[tuple[str, Rgba]], shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    total = np.zeros(shape[:2], np.float32)
    for part, layer in drawn:
        if part.startswith(_TEXT):
            total = np.maximum(total, layer[..., 3].astype(np.float32) / 255)
    return total
