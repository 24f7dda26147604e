"""The opaque ground of a shot: a gradient with a quiet procedural texture, one per look."""

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from memory.personality import Look
from tools.drawing.palette import rgb

Image = npt.NDArray[Any]
Mask = npt.NDArray[Any]


def paint_backdrop(look: Look, size: tuple[int, int], rng: np.random.Generator) -> Image:
    """Return an RGB image (height x width x 3, 0..255 floats) of the look's ground for `size` = (width, height)."""
    width, height = size
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    angle = float(rng.uniform(0.5, 1.1))
    share = np.clip(across * (math.cos(angle) * 0.9) + down * (math.sin(angle) * 0.9), 0, 1)[..., None]
    image = np.array(rgb(look.ground), np.float32) * (1 - share) + np.array(rgb(look.ground2), np.float32) * share
    texture = _TEXTURES[look.texture](size, rng)
    ink = np.array(rgb(look.ink), np.float32)
    image = image + (ink - image) * np.maximum(texture, 0)[..., None] + image * np.minimum(texture, 0)[..., None]
    return np.asarray(np.clip(image, 0, 255), np.float32)


def smooth_noise(size: tuple[int, int], cell: int, rng: np.random.Generator) -> Mask:
    """Return smooth noise 0..1 whose features are about `cell` pixels wide, in two octaves."""
    width, height = size
    total = np.zeros((height, width), np.float32)
    for octave, weight in ((cell, 0.7), (max(cell // 3, 2), 0.3)):
        coarse = rng.random((height // octave + 3, width // octave + 3), dtype=np.float32)
        total += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    low, high = float(total.min()), float(total.max())
    return (total - low) / (high - low)


def contour_lines(field: Mask, levels: int, thickness: float = 1.6) -> Mask:
    """Return anti-aliased lines (0..1) of equal height of a field 0..1, `thickness` pixels wide."""
    scaled = field * levels
    slope_y, slope_x = np.gradient(scaled)
    distance = np.abs(scaled - np.round(scaled)) / (np.hypot(slope_x, slope_y) + 1e-6)
    return np.asarray(np.clip(thickness / 2 + 0.5 - distance, 0, 1), np.float32)


def _plain(size: tuple[int, int], rng: np.random.Generator) -> Mask:
    """Dither a little, so that a smooth gradient does not band in an 8-bit video."""
    return (rng.random((size[1], size[0]), dtype=np.float32) - 0.5) * 0.012


def _grain(size: tuple[int, int], rng: np.random.Generator) -> Mask:
    coarse = cv2.GaussianBlur(rng.standard_normal((size[1], size[0]), dtype=np.float32), (0, 0), 1.1)
    return coarse * 0.045


def _grid(size: tuple[int, int], rng: np.random.Generator) -> Mask:
    step = 60
    mask = _plain(size, rng)
    mask[::step, :] += 0.05
    mask[:, ::step] += 0.05
    mask[:: step * 4, :] += 0.05
    mask[:, :: step * 4] += 0.05
    return mask


def _dots(size: tuple[int, int], rng: np.random.Generator) -> Mask:
    step = 36.0
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    shift = (np.floor(y / step) % 2) * step / 2
    distance = np.hypot((x + shift) % step - step / 2, y % step - step / 2)
    fade = smooth_noise(size, 700, rng)
    return np.asarray(np.clip(1.5 + 3.2 * fade - distance, 0, 1), np.float32) * 0.10


def _waves(size: tuple[int, int], rng: np.random.Generator) -> Mask:
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    phase = float(rng.uniform(0, 6))
    bend = 60 * np.sin(x / 310 + phase) + 26 * np.sin(x / 127 + 2 * phase)
    return np.asarray((np.clip(1.4 - np.abs((y + bend) % 54 - 27), 0, 1) * (0.03 + 0.09 * y / size[1])), np.float32)


def _paper(size: tuple[int, int], rng: np.random.Generator) -> Mask:
    fibres = cv2.GaussianBlur(rng.standard_normal((size[1], size[0]), dtype=np.float32), (0, 0), sigmaX=5, sigmaY=0.8)
    blotches = smooth_noise(size, 420, rng) - 0.5
    return fibres * 0.05 + blotches * 0.06


def _rays(size: tuple[int, int], rng: np.random.Generator) -> Mask:
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    origin_x, origin_y = size[0] * float(rng.uniform(0.75, 1.0)), size[1] * -0.15
    angle = np.arctan2(y - origin_y, x - origin_x)
    distance = np.hypot(x - origin_x, y - origin_y) / np.hypot(*size)
    wedge = np.clip(np.sin(angle * 26) * 14 + 0.5, 0, 1)
    return np.asarray((wedge * np.clip(1.05 - distance, 0, 1) * 0.07 + _plain(size, rng)), np.float32)


def _blocks(size: tuple[int, int], rng: np.random.Generator) -> Mask:
    cell = 120
    coarse = rng.random((size[1] // cell + 1, size[0] // cell + 1), dtype=np.float32)
    coarse = np.where(coarse > 0.62, coarse * 0.075, 0).astype(np.float32)
    return np.kron(coarse, np.ones((cell, cell), np.float32))[: size[1], : size[0]] + _plain(size, rng)


def _contour(size: tuple[int, int], rng: np.random.Generator) -> Mask:
    return contour_lines(smooth_noise(size, 460, rng), 15, 1.5) * 0.10


_TEXTURES: dict[str, Callable[[tuple[int, int], np.random.Generator], Mask]] = {
    "plain": _plain,
    "grain": _grain,
    "grid": _grid,
    "dots": _dots,
    "waves": _waves,
    "paper": _paper,
    "rays": _rays,
    "blocks": _blocks,
    "contour": _contour,
}
