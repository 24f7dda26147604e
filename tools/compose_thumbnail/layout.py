"""Where the words of a thumbnail go: the calm side of the picture, never over a face."""

from dataclasses import dataclass

import cv2
import numpy as np

from memory.personality import Look
from tools.compose_thumbnail.faces import Face, overlap
from tools.compose_thumbnail.schema import HEIGHT, WIDTH, ThumbnailConcept
from tools.drawing.backdrop import Image

Box = tuple[float, float, float, float]
_LEFT: Box = (60, 60, 600, 600)
_RIGHT: Box = (640, 60, 600, 600)
_LOW: Box = (60, 340, 1160, 280)
_HIGH: Box = (60, 50, 1160, 300)
_WIDE: Box = (80, 90, 1120, 540)
_SIDES: dict[str, Box] = {"left": _LEFT, "right": _RIGHT, "low": _LOW, "high": _HIGH}


_ONE_LINE = 14


@dataclass(frozen=True)
class Placement:
    """A text box, how words align in it, the plate behind them, and the words in lines."""

    box: Box
    side: str
    anchor: str
    plate: str
    lines: tuple[str, ...]
    largest: int


def placements(concept: ThumbnailConcept, image: Image, faces: tuple[Face, ...], look: Look) -> tuple[Placement, ...]:
    """Return the placements for a concept, best first: no face covered, then the calmest area, then the look's own side."""
    words = tuple(concept.words.split())
    if concept.concept == "versus":
        return (Placement(_WIDE, "center", "middle", "split", (" ".join(words),), 200),)
    plain = concept.picture is None
    centred = look.layout in {"playful", "cinematic"}
    if plain and concept.concept in {"question", "statement"} and not _fits_side(words) and len(concept.words) > _ONE_LINE:
        return (Placement(_WIDE, "center" if centred else "left", "middle", "none" if centred else "bar", _lines(words, 2), 240),)
    sides = sorted(_SIDES, key=lambda side: _cost(side, words, image, faces, look))
    return tuple(_beside(side, concept, words, look) for side in sides)


def _beside(side: str, concept: ThumbnailConcept, words: tuple[str, ...], look: Look) -> Placement:
    wide = side in {"low", "high"}
    anchor = side if wide else "middle"
    blocky = not wide and (look.layout == "poster" or (look.layout in {"signal", "technical"} and concept.concept in {"number", "question"}))
    plate = "block" if blocky else "bar" if concept.concept == "number" and not wide else "none"
    align = "center" if wide and look.layout in {"playful", "cinematic"} else "left"
    count = (1 if len(concept.words) < 14 else 2) if wide else min(3, len(words))
    return Placement(_SIDES[side], align, anchor, plate, _lines(words, count), 330 if concept.concept == "number" else 230)


def _fits_side(words: tuple[str, ...]) -> bool:
    """Say whether the longest word can stand at the least size in a box beside the subject."""
    return max(len(word) for word in words) <= 6


def _cost(side: str, words: tuple[str, ...], image: Image, faces: tuple[Face, ...], look: Look) -> float:
    grey = cv2.cvtColor(np.clip(image, 0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY).astype(np.float32)
    busy = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    x, y, width, height = (round(value) for value in _SIDES[side])
    area = busy[y : min(HEIGHT, y + height), x : min(WIDTH, x + width)]
    own = -0.15 if side == ("right" if look.align == "right" else "left") else 0.2 if side == "high" else 0.0
    narrow = 10.0 if side in {"left", "right"} and not _fits_side(words) else 0.0
    return 100 * overlap(_SIDES[side], faces) + float(area.mean()) / (float(busy.mean()) + 1e-6) + own + narrow


def _lines(words: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Break words into at most `count` lines of nearly equal length."""
    count = min(count, len(words))
    best: tuple[str, ...] = (" ".join(words),)
    if count == 1:
        return best
    splits = [(" ".join(words[:cut]), *_lines(words[cut:], count - 1)) for cut in range(1, len(words) - count + 2)]
    return min(splits, key=lambda lines: max(len(line) for line in lines))
