"""The moving picture in figures: every frame decoded small, a few numbers kept per frame."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tools.vendors.ffmpeg.client import read_stdout

_LONG_SIDE = 320
_GRID = 12
_LAG_S = 0.5
Small = NDArray[np.uint8]


@dataclass(frozen=True)
class Band:
    """The caption band of the small picture: rows [top, bottom) and how far text must stay from either side, in columns."""

    top: int
    bottom: int
    margin: int


@dataclass
class Picture:
    """Per-frame figures of a film of n frames; lists are as long as the film."""

    width: int
    height: int
    fps: float
    band: Band
    mean: list[float] = field(default_factory=list)
    spread: list[float] = field(default_factory=list)
    change: list[float] = field(default_factory=list)
    band_change: list[float] = field(default_factory=list)
    edge_change: list[float] = field(default_factory=list)
    novelty: list[float] = field(default_factory=list)
    stills: dict[int, Small] = field(default_factory=dict)
    complaints: str = ""


def small_size(width: int, height: int) -> tuple[int, int]:
    """Return the even size that every frame is scaled to: 320 along its long side."""
    scale = _LONG_SIDE / max(width, height)
    return max(round(width * scale / 2) * 2, 2), max(round(height * scale / 2) * 2, 2)


def read_picture(path: Path, shape: tuple[int, int, float], band: tuple[float, float], progress: Callable[[int], None]) -> Picture:
    """Decode a film of `shape` (width, height, fps) in a process of its own and measure each frame as it comes.

    `band` is the caption band as shares of the height. Memory does not grow with the film but for the figures and one
    small still each half second.
    """
    width, height = small_size(shape[0], shape[1])
    zone = Band(int(band[0] * height), int(np.ceil(band[1] * height)), max(2, round(width * 0.02)))
    picture = Picture(width, height, shape[2] or 30.0, zone)
    filters = f"scale={width}:{height}:flags=area,format=yuv420p"
    args = ["-i", str(path), "-map", "0:v:0", "-vf", filters, "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"]

    def consume(stream: IO[bytes]) -> None:
        measure = _Meter(picture)
        size = width * height * 3 // 2
        while len(data := stream.read(size)) == size:
            measure.take(np.frombuffer(data, np.uint8))
            if len(picture.mean) % 60 == 0:
                progress(len(picture.mean))

    picture.complaints = read_stdout(args, consume)
    return picture


class _Meter:
    """Compares each frame with the one before and with the one half a second before."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._before: NDArray[np.int16] | None = None
        self._grids: list[NDArray[np.float32]] = []
        self._lag = max(1, round(picture.fps * _LAG_S))

    def take(self, data: Small) -> None:
        """Measure one yuv420p frame."""
        picture = self._picture
        width, height, number = picture.width, picture.height, len(picture.mean)
        luma = data[: width * height].reshape(height, width)
        frame = data.astype(np.int16)
        picture.mean.append(float(luma.mean()))
        picture.spread.append(float(luma.std()))
        if number % self._lag == 0:
            picture.stills[number] = luma.copy()
        if self._before is None:
            picture.change.append(255.0)
            picture.band_change.append(0.0)
            picture.edge_change.append(0.0)
        else:
            self._compare(np.abs(frame - self._before))
        self._before = frame
        self._novelty(data)

    def _compare(self, difference: NDArray[np.int16]) -> None:
        picture = self._picture
        width, height, zone = picture.width, picture.height, picture.band
        luma = difference[: width * height].reshape(height, width)
        chroma = difference[width * height :].reshape(2, height // 2, width // 2)
        picture.change.append(float(difference.mean()))
        band = luma[zone.top : zone.bottom].mean() + chroma[:, zone.top // 2 : zone.bottom // 2].mean()
        picture.band_change.append(float(band))
        sides = np.concatenate([luma[zone.top : zone.bottom, : zone.margin], luma[zone.top : zone.bottom, -zone.margin :]], axis=1)
        picture.edge_change.append(float(sides.mean()))

    def _novelty(self, data: Small) -> None:
        """Share of the cells above the captions whose mean colour changed within the last half second."""
        picture = self._picture
        grid = _cells(data, picture)
        self._grids.append(grid)
        if len(self._grids) <= self._lag:
            picture.novelty.append(0.0)
            return
        old = self._grids.pop(0)
        picture.novelty.append(float((np.abs(grid - old).max(axis=0) > 7.0).mean()))


def _cells(data: Small, picture: Picture) -> NDArray[np.float32]:
    """Return the mean Y, U and V of a grid of cells above the caption band: shape (3, 12, 12)."""
    width, height = picture.width, picture.height
    luma = data[: width * height].reshape(height, width)[: picture.band.top]
    chroma = data[width * height :].reshape(2, height // 2, width // 2)[:, : picture.band.top // 2]
    return np.stack([_pooled(plane) for plane in (luma, chroma[0], chroma[1])])


def _pooled(plane: Small) -> NDArray[np.float32]:
    rows = np.linspace(0, plane.shape[0], _GRID + 1).astype(int)[:-1]
    columns = np.linspace(0, plane.shape[1], _GRID + 1).astype(int)[:-1]
    sums = np.add.reduceat(np.add.reduceat(plane.astype(np.float32), rows, axis=0), columns, axis=1)
    heights = np.diff(np.append(rows, plane.shape[0]))
    widths = np.diff(np.append(columns, plane.shape[1]))
    pooled: NDArray[np.float32] = (sums / np.outer(heights, widths)).astype(np.float32)
    return pooled
