"""The inner loops of the picture, compiled once: sub-pixel resampling, blending and mixing of 8-bit planes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


@dataclass(frozen=True)
class Kernels:
    """Compiled loops; every plane is C-contiguous along its rows."""

    lerp_rows: Callable[[Plane, float, float, Plane], None]
    blend: Callable[[Plane, Plane, Plane, int], None]
    mix: Callable[[Plane, Plane, Plane, int], None]


def _lerp_rows(source: Plane, start: float, step: float, target: Plane) -> None:
    """Row i of `target` = linear interpolation of `source` at row `start + i * step`, edges clamped, 8-bit weights."""
    rows = source.shape[0]
    columns = target.shape[1]
    for i in range(target.shape[0]):
        position = start + i * step
        low = int(np.floor(position))
        weight = int((position - low) * 256.0 + 0.5)
        a = min(max(low, 0), rows - 1)
        b = min(max(low + 1, 0), rows - 1)
        one = np.uint16(256 - weight)
        two = np.uint16(weight)
        for j in range(columns):
            target[i, j] = np.uint8((np.uint16(source[a, j]) * one + np.uint16(source[b, j]) * two + np.uint16(128)) >> np.uint16(8))


def _blend(target: Plane, premultiplied: Plane, alpha: Plane, opacity: int) -> None:
    """Lay a premultiplied patch over `target` in place; `opacity` 0..256 scales the whole patch."""
    scale = np.uint32(opacity)
    for i in range(target.shape[0]):
        for j in range(target.shape[1]):
            cover = (np.uint32(alpha[i, j]) * scale + np.uint32(128)) >> np.uint32(8)
            over = (np.uint32(premultiplied[i, j]) * scale + np.uint32(128)) >> np.uint32(8)
            under = np.uint32(target[i, j]) * (np.uint32(255) - cover) + np.uint32(128)
            value = over + ((under + (under >> np.uint32(8))) >> np.uint32(8))
            target[i, j] = np.uint8(min(value, np.uint32(255)))


def _mix(first: Plane, second: Plane, target: Plane, weight: int) -> None:
    """`target` = `first` faded towards `second` by `weight` of 256."""
    one = np.uint16(256 - weight)
    two = np.uint16(weight)
    for i in range(target.shape[0]):
        for j in range(target.shape[1]):
            target[i, j] = np.uint8((np.uint16(first[i, j]) * one + np.uint16(second[i, j]) * two + np.uint16(128)) >> np.uint16(8))


@lru_cache(maxsize=1)
def compile_kernels(cache: Path) -> Kernels:
    """Compile the loops, or load them from `cache`, so that a read-only installation stays warm too."""
    cache.mkdir(parents=True, exist_ok=True)
    setattr(numba.config, "CACHE_DIR", str(cache))  # noqa: B010 - set at run time, so the name has no type
    jit = numba.njit
    return Kernels(
        lerp_rows=jit("void(u1[:,:],f8,f8,u1[:,::1])", nogil=True, cache=True)(_lerp_rows),
        blend=jit("void(u1[:,:],u1[:,::1],u1[:,::1],i8)", nogil=True, cache=True)(_blend),
        mix=jit("void(u1[:,::1],u1[:,::1],u1[:,::1],i8)", nogil=True, cache=True)(_mix),
    )


def resample(kernels: Kernels, transposed: Plane, window: tuple[float, float, float, float], target: Plane) -> None:
    """Fill `target` (height, width) with the window of a plane stored transposed.

    `window` is (left, top, width, height) in source samples, sub-pixel. Two separable passes of linear interpolation
    with one transpose between them, so both passes run along contiguous rows.
    """
    left, top, wide, high = window
    height, width = target.shape
    step_x, step_y = wide / width, high / height
    first = max(int(np.floor(top)) - 1, 0)
    last = min(int(np.ceil(top + high)) + 2, transposed.shape[1])
    strip = transposed[:, first:last]
    narrow = np.empty((width, last - first), np.uint8)
    kernels.lerp_rows(strip, left + step_x / 2 - 0.5, step_x, narrow)
    upright = cv2.transpose(narrow)
    kernels.lerp_rows(np.asarray(upright, np.uint8), top + step_y / 2 - 0.5 - first, step_y, target)
