"""Colour planes: RGBA pictures become limited-range BT.709 planes and premultiplied patches."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.render_video.kernels import Kernels, Plane

# ITU-R BT.709: luma weights and the scale of 8-bit limited range (Y 16..235, C 16..240).
_KR, _KB = 0.2126, 0.0722
_KG = 1.0 - _KR - _KB
_Y = np.array([_KR, _KG, _KB]) * 219 / 255
_U = np.array([-_KR, -_KG, 1 - _KB]) / (2 * (1 - _KB)) * 224 / 255
_V = np.array([1 - _KR, -_KG, -_KB]) / (2 * (1 - _KR)) * 224 / 255
# For the footage, which is toned without leaving its planes: luma's weights, and the scales of luma and of U and V per unit of RGB.
LUMA_WEIGHTS = (_KR, _KG, _KB)
LUMA = 219 / 255
CHROMA = (224 / 255 / (2 * (1 - _KB)), 224 / 255 / (2 * (1 - _KR)))
_MATRIX = np.column_stack([np.stack([_Y, _U, _V]), [16.0, 128.0, 128.0]]).astype(np.float32)

Rgba = NDArray[np.uint8]


@dataclass(frozen=True)
class Frame:
    """One yuv420p frame in one buffer, with a view of each plane."""

    buffer: Plane
    planes: tuple[Plane, Plane, Plane]

    @classmethod
    def empty(cls, width: int, height: int) -> "Frame":
        """Return a frame of the given size, both even, with undefined content."""
        buffer = np.empty(width * height * 3 // 2, np.uint8)
        luma, quarter = width * height, width * height // 4
        half = (height // 2, width // 2)
        views = (
            buffer[:luma].reshape(height, width),
            buffer[luma : luma + quarter].reshape(half),
            buffer[luma + quarter :].reshape(half),
        )
        return cls(buffer, views)


@dataclass(frozen=True)
class Patch:
    """A premultiplied rectangle of a frame: `x`, `y` and its size are even; three colour planes and alpha at both resolutions."""

    x: int
    y: int
    colour: tuple[Plane, Plane, Plane]
    alpha: Plane
    alpha_half: Plane


def rgb_to_planes(rgb: Rgba) -> tuple[Plane, Plane, Plane]:
    """Convert RGB of shape (h, w, 3) to Y at full and U, V at half resolution."""
    yuv = cv2.transform(rgb, _MATRIX)
    luma, u, v = cv2.split(yuv)
    half = (rgb.shape[1] // 2, rgb.shape[0] // 2)
    small = [np.asarray(cv2.resize(plane, half, interpolation=cv2.INTER_AREA), np.uint8) for plane in (u, v)]
    return np.asarray(luma, np.uint8), small[0], small[1]


def planes_to_rgb(frame: Frame) -> Rgba:
    """Convert a frame back to RGB of shape (h, w, 3)."""
    luma, u, v = frame.planes
    wide = (luma.shape[1], luma.shape[0])
    full = [np.asarray(cv2.resize(plane, wide, interpolation=cv2.INTER_LINEAR), np.uint8) for plane in (u, v)]
    inverse = np.linalg.inv(_MATRIX[:, :3].astype(np.float64))
    back = np.column_stack([inverse, -inverse @ _MATRIX[:, 3]]).astype(np.float32)
    return np.asarray(cv2.transform(cv2.merge([luma, *full]), back), np.uint8)


def rgba_to_patch(rgba: Rgba, x: int = 0, y: int = 0) -> Patch | None:
    """Convert an RGBA picture, whose origin lies at the even (x, y) of the frame, to the patch around its visible part."""
    columns, rows = np.flatnonzero(rgba[..., 3].max(axis=0)), np.flatnonzero(rgba[..., 3].max(axis=1))
    if not len(columns):
        return None
    left, top = int(columns[0]) // 2 * 2, int(rows[0]) // 2 * 2
    right = min(-(-(int(columns[-1]) + 1) // 2) * 2, rgba.shape[1] // 2 * 2)
    bottom = min(-(-(int(rows[-1]) + 1) // 2) * 2, rgba.shape[0] // 2 * 2)
    part = np.ascontiguousarray(rgba[top:bottom, left:right])
    alpha = np.ascontiguousarray(part[..., 3])
    cover = alpha.astype(np.float32) * (1 / 255)
    luma, u, v = cv2.split(cv2.transform(np.ascontiguousarray(part[..., :3]).astype(np.float32), _MATRIX))
    half = (alpha.shape[1] // 2, alpha.shape[0] // 2)
    small = [_rounded(cv2.resize(plane * cover, half, interpolation=cv2.INTER_AREA)) for plane in (u, v)]
    alpha_half = _rounded(cv2.resize(alpha.astype(np.float32), half, interpolation=cv2.INTER_AREA))
    return Patch(x + left, y + top, (_rounded(luma * cover), small[0], small[1]), alpha, alpha_half)


def _rounded(plane: NDArray[Any]) -> Plane:
    return np.ascontiguousarray(np.clip(plane + np.float32(0.5), 0, 255).astype(np.uint8))


def paste(kernels: Kernels, frame: Frame, patch: Patch, opacity: float = 1.0) -> None:
    """Blend a patch into a frame in place, clipped to the frame; `opacity` 0..1 scales it."""
    height, width = frame.planes[0].shape
    left, top = max(patch.x, 0), max(patch.y, 0)
    right, bottom = min(patch.x + patch.alpha.shape[1], width), min(patch.y + patch.alpha.shape[0], height)
    if left >= right or top >= bottom:
        return
    whole = (left, top, right, bottom)
    half = (left // 2, top // 2, right // 2, bottom // 2)
    scale = round(opacity * 256)
    for index, (x0, y0, x1, y1) in enumerate((whole, half, half)):
        px, py = (patch.x, patch.y) if index == 0 else (patch.x // 2, patch.y // 2)
        alpha = patch.alpha if index == 0 else patch.alpha_half
        inside = np.s_[y0 - py : y1 - py, x0 - px : x1 - px]
        kernels.blend(frame.planes[index][y0:y1, x0:x1], _packed(patch.colour[index][inside]), _packed(alpha[inside]), scale)


def _packed(plane: Plane) -> Plane:
    return plane if plane.flags.c_contiguous else np.ascontiguousarray(plane)


def lie_together(lower: Patch, upper: Patch) -> bool:
    """Say whether one patch around both has no more pixels to blend than the two."""
    wide = max(lower.x + lower.alpha.shape[1], upper.x + upper.alpha.shape[1]) - min(lower.x, upper.x)
    high = max(lower.y + lower.alpha.shape[0], upper.y + upper.alpha.shape[0]) - min(lower.y, upper.y)
    return bool(wide * high <= lower.alpha.size + upper.alpha.size)


def stack(lower: Patch, upper: Patch) -> Patch:
    """Return one patch that looks like `upper` pasted over `lower` (both premultiplied, so over is associative)."""
    x, y = min(lower.x, upper.x), min(lower.y, upper.y)
    right = max(lower.x + lower.alpha.shape[1], upper.x + upper.alpha.shape[1])
    bottom = max(lower.y + lower.alpha.shape[0], upper.y + upper.alpha.shape[0])
    box = (x, y, right - x, bottom - y)
    under, over = _expanded(lower, box), _expanded(upper, box)
    colour = [_over(under.colour[k], over.colour[k], over.alpha if k == 0 else over.alpha_half) for k in range(3)]
    alpha = _over(under.alpha, over.alpha, over.alpha)
    alpha_half = _over(under.alpha_half, over.alpha_half, over.alpha_half)
    return Patch(x, y, (colour[0], colour[1], colour[2]), alpha, alpha_half)


def _over(under: Plane, over: Plane, alpha: Plane) -> Plane:
    value = over.astype(np.float32) + under * (1 - alpha.astype(np.float32) / 255)
    return _rounded(value)


def _expanded(patch: Patch, box: tuple[int, int, int, int]) -> Patch:
    x, y, width, height = box

    def grow(plane: Plane, scale: int) -> Plane:
        canvas = np.zeros((height // scale, width // scale), np.uint8)
        top, left = (patch.y - y) // scale, (patch.x - x) // scale
        canvas[top : top + plane.shape[0], left : left + plane.shape[1]] = plane
        return canvas

    colour = (grow(patch.colour[0], 1), grow(patch.colour[1], 2), grow(patch.colour[2], 2))
    return Patch(x, y, colour, grow(patch.alpha, 1), grow(patch.alpha_half, 2))


def transform(patch: Patch, scale: tuple[float, float], shift: tuple[float, float], limit: tuple[int, int]) -> Patch | None:
    """Scale and shift a patch with sub-pixel accuracy: frame point p goes to `p * scale + shift`; clipped to `limit` (width, height)."""
    height, width = patch.alpha.shape
    left, top = patch.x * scale[0] + shift[0], patch.y * scale[1] + shift[1]
    x0, y0 = max(int(np.floor(left / 2)) * 2, 0), max(int(np.floor(top / 2)) * 2, 0)
    x1 = min(int(np.ceil((left + width * scale[0]) / 2)) * 2, limit[0])
    y1 = min(int(np.ceil((top + height * scale[1]) / 2)) * 2, limit[1])
    if x1 <= x0 or y1 <= y0:
        return None

    def warp(plane: Plane, unit: int) -> Plane:
        matrix = np.array([[scale[0], 0, (left - x0) / unit + scale[0] / 2 - 0.5], [0, scale[1], (top - y0) / unit + scale[1] / 2 - 0.5]])
        size = ((x1 - x0) // unit, (y1 - y0) // unit)
        return np.asarray(cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0), np.uint8)

    colour = (warp(patch.colour[0], 1), warp(patch.colour[1], 2), warp(patch.colour[2], 2))
    return Patch(x0, y0, colour, warp(patch.alpha, 1), warp(patch.alpha_half, 2))
