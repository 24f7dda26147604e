"""A painter's canvas: anti-aliased shapes blended into a float image in a look's colours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from memory.personality import Look
from tools.drawing.palette import Rgb, mix, rgb

Image = npt.NDArray[Any]
Point = tuple[float, float]
Stage = tuple[float, float, float, float]
_SHIFT = 4
_ONE = 1 << _SHIFT


@dataclass
class Canvas:
    """An RGB image (height x width x 3, 0..255 floats) and the palette to paint it with.

    Shapes given in one call share one mask, so overlapping shapes of a call do not darken each other.
    """

    image: Image
    look: Look
    rng: np.random.Generator
    # Where the subject stands: left, top, width and height in pixels; None leaves it to the look's composition.
    stage: Stage | None = None
    ground: Rgb = field(init=False)
    ground2: Rgb = field(init=False)
    ink: Rgb = field(init=False)
    accent: Rgb = field(init=False)
    accent2: Rgb = field(init=False)

    def __post_init__(self) -> None:
        for name in ("ground", "ground2", "ink", "accent", "accent2"):
            setattr(self, name, rgb(getattr(self.look, name)))

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.image.shape[0])

    @property
    def scale(self) -> float:
        """Pixels of the shorter side, over 1080: sizes are multiplied by it."""
        return min(self.width, self.height) / 1080

    @property
    def fit(self) -> float:
        """How much larger or smaller than usual a subject is, so that it fills its stage."""
        if self.stage is None:
            return 1.0
        return max(0.55, min(self.stage[2] / (860 * self.scale), self.stage[3] / (820 * self.scale), 1.3))

    @property
    def dark(self) -> bool:
        """Whether the ground is darker than the ink."""
        return sum(self.ground) < sum(self.ink)

    def focus(self) -> Point:
        """Return a seeded point where the subject may stand: near the middle of its stage, else off centre, high enough for captions."""
        if self.stage is not None:
            left, top, width, height = self.stage
            return left + width * self.uniform(0.47, 0.53), top + height * self.uniform(0.46, 0.52)
        if self.height > self.width:
            return self.width * self.uniform(0.35, 0.65), self.height * self.uniform(0.26, 0.4)
        if self.look.layout in {"playful", "cinematic"}:
            return self.width * self.uniform(0.44, 0.56), self.height * self.uniform(0.26, 0.34)
        across = self.uniform(0.7, 0.8) if self.look.layout in {"editorial", "poster"} else self.uniform(0.58, 0.74)
        return self.width * (1 - across if self.look.align == "right" else across), self.height * self.uniform(0.34, 0.46)

    def uniform(self, low: float, high: float) -> float:
        """Draw one seeded number."""
        return float(self.rng.uniform(low, high))

    def tint(self, share: float) -> Rgb:
        """Return the ground moved `share` of the way to the ink."""
        return mix(self.ground, self.ink, share)

    def blend(self, mask: npt.NDArray[Any], colour: Rgb, alpha: float = 1.0) -> None:
        """Paint `colour` where `mask` (0..1) is set."""
        weight = (mask * alpha).astype(np.float32)[..., None]
        self.image += (np.array(colour, np.float32) - self.image) * weight

    def discs(self, circles: Iterable[tuple[float, float, float]], colour: Rgb, alpha: float = 1.0) -> None:
        """Fill circles given as (x, y, radius)."""
        self._stamp([(x, y, radius, -1) for x, y, radius in circles], colour, alpha)

    def rings(self, circles: Iterable[tuple[float, float, float]], colour: Rgb, width: float, alpha: float = 1.0) -> None:
        """Outline circles given as (x, y, radius)."""
        self._stamp([(x, y, radius, max(1, round(width))) for x, y, radius in circles], colour, alpha)

    def lines(self, paths: Iterable[Sequence[Point]], colour: Rgb, width: float, alpha: float = 1.0) -> None:
        """Draw open paths."""
        mask = self._mask()
        cv2.polylines(mask, [_fixed(path) for path in paths], False, 255, max(1, round(width)), cv2.LINE_AA, _SHIFT)
        self._paint(mask, colour, alpha)

    def shapes(self, paths: Iterable[Sequence[Point]], colour: Rgb, alpha: float = 1.0) -> None:
        """Fill closed paths."""
        mask = self._mask()
        for path in paths:
            cv2.fillPoly(mask, [_fixed(path)], 255, cv2.LINE_AA, _SHIFT)
        self._paint(mask, colour, alpha)

    def arcs(self, arcs: Iterable[tuple[Point, Point, float, float, float]], colour: Rgb, width: float, alpha: float = 1.0) -> None:
        """Draw elliptic arcs given as (centre, radii, tilt, from, to) in degrees."""
        paths = []
        for (x, y), (radius_x, radius_y), tilt, start, end in arcs:
            angle = np.radians(np.linspace(start, end, 160))
            across, down = radius_x * np.cos(angle), radius_y * np.sin(angle)
            turn = np.radians(tilt)
            paths.append(list(zip(x + across * np.cos(turn) - down * np.sin(turn), y + across * np.sin(turn) + down * np.cos(turn), strict=True)))
        self.lines(paths, colour, width, alpha)

    def glow(self, centre: Point, radius: float, colour: Rgb, alpha: float = 0.6) -> None:
        """Add a soft light around a point."""
        y, x = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32)
        distance = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / radius**2
        self.blend(np.exp(-distance * 1.6).astype(np.float32), colour, alpha)

    def _stamp(self, circles: list[tuple[float, float, float, int]], colour: Rgb, alpha: float) -> None:
        mask = self._mask()
        for x, y, radius, width in circles:
            if -4 * self.width < x < 5 * self.width and radius > 0:
                cv2.circle(mask, (round(x * _ONE), round(y * _ONE)), round(radius * _ONE), 255, width, cv2.LINE_AA, _SHIFT)
        self._paint(mask, colour, alpha)

    def _mask(self) -> npt.NDArray[np.uint8]:
        return np.zeros((self.height, self.width), np.uint8)

    def _paint(self, mask: npt.NDArray[np.uint8], colour: Rgb, alpha: float) -> None:
        """Blend only the rectangle that the shapes touch: most cover a small part of the frame."""
        x, y, width, height = cv2.boundingRect(mask)
        part = self.image[y : y + height, x : x + width]
        weight = mask[y : y + height, x : x + width, None].astype(np.float32) * (alpha / 255)
        part += (np.array(colour, np.float32) - part) * weight


def _fixed(path: Sequence[Point]) -> npt.NDArray[np.int32]:
    return np.round(np.array(path, np.float64) * _ONE).astype(np.int32)
