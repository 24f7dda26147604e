"""Where the subject of a shot stands, so that words and picture share a frame instead of lying over each other."""

from memory.personality import Look
from tools.drawing.canvas import Stage

# Kinds whose words have a panel of their own beside or below the picture.
PANELLED = frozenset({"opener", "title"})
_UPRIGHT_TOP = 800.0
_BELOW_TOP = 530.0
_PANEL_WIDTH = 1080.0


def stands_below(look: Look) -> bool:
    """Say whether a look sets its panel below the picture rather than beside it."""
    return look.layout in {"playful", "cinematic"} or look.align == "center"


def stage_of(kind: str, look: Look, size: tuple[int, int], labelled: bool) -> Stage | None:
    """Return the subject's stage (left, top, width, height in pixels) in a frame of `size`; None where it is only a quiet ground.

    The layouts draw their panels and labels in what is left of the frame.
    """
    width, height = float(size[0]), float(size[1])
    upright = height > width
    if kind in PANELLED:
        return _beside_panel(look, width, upright)
    if kind != "picture":
        return None
    if upright:
        return (60.0, 200.0, width - 120, 880.0 if labelled else 1080.0)
    return (240.0, 100.0, width - 480, 600.0 if labelled else 730.0)


def _beside_panel(look: Look, width: float, upright: bool) -> Stage:
    if upright:
        return (60.0, 170.0, width - 120, _UPRIGHT_TOP - 180)
    if stands_below(look):
        return (0.0, 70.0, width, _BELOW_TOP - 80)
    room = width - _PANEL_WIDTH
    return (0.0 if look.align == "right" else _PANEL_WIDTH, 90.0, room, 760.0)
