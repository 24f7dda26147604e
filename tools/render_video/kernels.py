"""The inner loops of the picture, compiled once: sub-pixel resampling, blending and mixing of 8-bit planes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
_COMPILING = Lock()


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
    """Lay a premultiplied patch over `target` in place; `opacity` 0..256 scales the whole patch.

    No product exceeds 255 * 256 + 128, so 16 bits hold every step and the loop handles twice as many pixels at once.
    """
    scale, half, eight, full = np.uint16(opacity), np.uint16(128), np.uint16(8), np.uint16(255)
    for i in range(target.shape[0]):
        for j in range(target.shape[1]):
            cover = np.uint16(np.uint16(np.uint16(alpha[i, j]) * scale + half) >> eight)
            over = np.uint16(np.uint16(np.uint16(premultiplied[i, j]) * scale + half) >> eight)
            under = np.uint16(np.uint16(target[i, j]) * np.uint16(full - cover) + half)
            value = np.uint16(over + np.uint16(np.uint16(under + np.uint16(under >> eight)) >> eight))
            target[i, j] = np.uint8(min(value, full))


def _mix(first: Plane, second: Plane, target: Plane, weight: int) -> None:
    """`target` = `first` faded towards `second` by `weight` of 256."""
    one = np.uint16(256 - weight)
    two = np.uint16(weight)
    for i in range(target.shape[0]):
        for j in range(target.shape[1]):
            target[i, j] = np.uint8((np.uint16(first[i, j]) * one + np.uint16(second[i, j]) * two + np.uint16(128)) >> np.uint16(8))


def compile_kernels(cache: Path) -> Kernels:
    """Compile the loops, or load them from `cache`, so that a read-only installation stays warm too; once per process, whichever lane asks first."""
    with _COMPILING:
        return _compiled(cache)


@lru_cache(maxsize=1)
def _compiled(cache: Path) -> Kernels:
    cache.mkdir(parents=True, exist_ok=True)
    setattr(numba.config, "CACHE_DIR", str(cache))  # noqa: B010 - set at run time, so the name has no type
    jit = numba.njit
    return Kernels(
        lerp_rows=jit("void(u1[:,:],f8,f8,u1[:,::1])", nogil=True, cache=True)(_lerp_rows),
        blend=jit("void(u1[:,:],u1[:,::1],u1[:,::1],i8)", nogil=True, cache=True)(_blend),
        mix=jit("void(u1[:,::1],u1[:,::1],u1[:,::1],i8)", nogil=True, cache=True)(_mix),
    )


class Resampler:
    """Sub-pixel resampling of planes; keeps its intermediate planes, so that a frame allocates nothing."""

    def __init__(self, kernels: Kernels) -> None:
        self._kernels = kernels
        self._narrow = np.empty(0, np.uint8)
        self._upright = np.empty(0, np.uint8)

    def fill(self, transposed: Plane, window: tuple[float, float, float, float], target: Plane) -> None:
        """Fill `target` (height, width) with the window of a plane stored transposed.

        `window` is (left, top, width, height) in source samples, sub-pixel. Two separable passes of linear interpolation
        with one transpose between them, so both passes run along contiguous rows.
        """
        left, top, wide, high = window
        height, width = target.shape
        step_x, step_y = wide / width, high / height
        first = max(int(np.floor(top)) - 1, 0)
        last = min(int(np.ceil(top + high)) + 2, transposed.shape[1])
        size = width * (last - first)
        if self._narrow.size < size:
            self._narrow, self._upright = np.empty(size, np.uint8), np.empty(size, np.uint8)
        narrow, upright = self._narrow[:size].reshape(width, -1), self._upright[:size].reshape(-1, width)
        self._kernels.lerp_rows(transposed[:, first:last], left + step_x / 2 - 0.5, step_x, narrow)
        cv2.transpose(narrow, upright)
        self._kernels.lerp_rows(upright, top + step_y / 2 - 0.5 - first, step_y, target)
