"""Where the words and the picture of a thumbnail go: side by side, or one above the other, never one over the other's face."""

from dataclasses import dataclass

from memory.personality import Look
from tools.compose_thumbnail.schema import HEIGHT, WIDTH, ThumbnailConcept
from tools.drawing.canvas import Stage

Box = tuple[float, float, float, float]
_MARGIN, _CLEAR = 56.0, 64.0
# Widths of the words' box beside the picture; where the panel below it begins, and how many lines it holds.
_BESIDE_WIDTHS = (640.0, 800.0)
_BELOW_TOPS = ((430.0, 1), (296.0, 2))
_WIDE: Box = (80, 90, 1120, 540)
# How wide a letter and how high a line of the faces is, as shares of their size.
_LETTER, _LINE = 0.58, 0.98


@dataclass(frozen=True)
class Placement:
    """The words' box and lines, how they align, what panel stands behind them (`left`, `right`, `below`, `split`), and where the picture is."""

    box: Box
    side: str
    panel: str
    lines: tuple[str, ...]
    largest: int
    stage: Stage
    small_from: int = 9


def placements(concept: ThumbnailConcept, look: Look) -> tuple[Placement, ...]:
    """Return the placements for a concept, best first: beside the picture on the look's own side, then below it."""
    words = tuple(concept.words.split())
    if concept.concept == "versus":
        return (Placement(_WIDE, "center", "split", (" ".join(words),), 200, (0.0, 0.0, float(WIDTH), float(HEIGHT))),)
    return (*(_beside(concept, words, look, width) for width in _BESIDE_WIDTHS), *(_below(words, look, top, count) for top, count in _BELOW_TOPS))


def _beside(concept: ThumbnailConcept, words: tuple[str, ...], look: Look, width: float) -> Placement:
    right = look.align == "right"
    panel = width + 2 * _MARGIN + 8
    box = (WIDTH - _MARGIN - width if right else _MARGIN, _CLEAR, width, HEIGHT - 2 * _CLEAR)
    lines, small_from = _arranged(concept, words, box)
    stage = (0.0 if right else panel, 30.0, WIDTH - panel, HEIGHT - 60.0)
    side = "right" if right else "left"
    return Placement(box, side, side, lines, 460 if concept.concept == "number" else 250, stage, small_from)


def _below(words: tuple[str, ...], look: Look, top: float, count: int) -> Placement:
    side = "center" if look.layout in {"playful", "cinematic"} else "right" if look.align == "right" else "left"
    box = (_MARGIN, top + 36, WIDTH - 2 * _MARGIN, HEIGHT - top - 76)
    return Placement(box, side, "below", _lines(words, count), 230, (0.0, 16.0, float(WIDTH), top - 26))


def _arranged(concept: ThumbnailConcept, words: tuple[str, ...], box: Box) -> tuple[tuple[str, ...], int]:
    """Return the lines, and from which on they are set smaller: what a figure counts stands under it."""
    if concept.concept == "number" and len(words) > 1 and any(char.isdigit() for char in words[0]):
        return (words[0], *_lines(words[1:], min(2, len(words) - 1))), 1
    options = [_lines(words, count) for count in range(1, min(4, len(words)) + 1)]
    return max(options, key=lambda lines: _size(lines, box)), 9


def _size(lines: tuple[str, ...], box: Box) -> float:
    """Estimate the size at which lines fit a box."""
    return min(box[2] / (_LETTER * max(len(line) for line in lines)), box[3] / (_LINE * len(lines)))


def _lines(words: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Break words into at most `count` lines of nearly equal length."""
    count = min(count, len(words))
    best: tuple[str, ...] = (" ".join(words),)
    if count == 1:
        return best
    splits = [(" ".join(words[:cut]), *_lines(words[cut:], count - 1)) for cut in range(1, len(words) - count + 2)]
    return min(splits, key=lambda lines: max(len(line) for line in lines))
