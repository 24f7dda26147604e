"""Illustrations composed from motifs: one thing shown large, on a horizon, as a pattern, close up, in a row or in a window."""

from collections.abc import Callable, Sequence

import numpy as np

from tools.drawing.canvas import Canvas, Point
from tools.drawing.motifs import COMPOSITIONS, Motif, Shape
from tools.drawing.palette import Rgb, mix

Place = tuple[float, float, float, float]
_WHITE = (255, 255, 255)


def compose_motif(c: Canvas, motif: Motif, composition: str) -> None:
    """Paint a motif in one of `COMPOSITIONS`; size, place, tilt and colours vary with the canvas's seed."""
    _COMPOSERS[composition](c, motif)


def stamp(c: Canvas, motif: Motif, places: Sequence[Place], colours: dict[str, Rgb], alpha: float = 1.0) -> None:
    """Paint a motif at each (x, y, half size, tilt in degrees); a negative size mirrors it."""
    for shape in motif.shapes:
        colour = colours[shape.role]
        for place in places:
            _draw(c, shape, place, colour, alpha)


def _palette(c: Canvas, swapped: bool = False) -> dict[str, Rgb]:
    first, second = (c.accent2, c.accent) if swapped else (c.accent, c.accent2)
    light = mix(mix(c.ground2, first, 0.12), _WHITE, 0.82)
    dark = mix(c.ground, (0, 0, 0), 0.45) if c.dark else mix(c.ink, c.ground, 0.1)
    return {"main": first, "second": mix(second, c.ground2, 0.12), "light": light, "ink": mix(c.ink, c.ground, 0.25) if c.dark else dark, "cut": c.ground}


def _turned(points: Sequence[Point], place: Place) -> list[Point]:
    x, y, size, tilt = place
    turn = np.radians(tilt)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    return [(x + size * px * cos - abs(size) * py * sin, y + size * px * sin + abs(size) * py * cos) for px, py in points]


def _pairs(numbers: Sequence[float]) -> list[Point]:
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _smooth(points: list[Point], closed: bool) -> list[Point]:
    """Catmull and Rom's interpolating spline (1974) through the points."""
    ring = [points[-1], *points, *points[:2]] if closed else [points[0], *points, points[-1]]
    knots = np.array(ring, np.float64)
    share = np.linspace(0, 1, 9)[:-1, None]
    pieces = []
    for a, b, d, e in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        pieces.append(0.5 * (2 * b + (d - a) * share + (2 * a - 5 * b + 4 * d - e) * share**2 + (3 * b - a - 3 * d + e) * share**3))
    path = np.vstack([*pieces, knots[-2:-1]])
    return [(float(px), float(py)) for px, py in path]


def _oval(x: float, y: float, across: float, down: float) -> list[Point]:
    return [(x + across * float(np.cos(a)), y + down * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 56)]


def _draw(c: Canvas, shape: Shape, place: Place, colour: Rgb, alpha: float) -> None:
    numbers = shape.numbers
    if shape.form == "spiral":
        _shell(c, numbers[0], place, colour)
    elif shape.form in _FILLED:
        c.shapes([_turned(_FILLED[shape.form](numbers), place)], colour, alpha)
    else:
        path, width = _STROKED[shape.form](numbers)
        c.lines([_turned(path, place)], colour, width * abs(place[2]), alpha)


_FILLED: dict[str, Callable[[Sequence[float]], list[Point]]] = {
    "poly": _pairs,
    "blob": lambda numbers: _smooth(_pairs(numbers), closed=True),
    "disc": lambda numbers: _oval(numbers[0], numbers[1], numbers[2], numbers[2]),
    "oval": lambda numbers: _oval(numbers[0], numbers[1], numbers[2], numbers[3]),
}
_STROKED: dict[str, Callable[[Sequence[float]], tuple[list[Point], float]]] = {
    "ring": lambda numbers: (_oval(numbers[0], numbers[1], numbers[2], numbers[2]), numbers[3]),
    "line": lambda numbers: (_pairs(numbers[1:]), numbers[0]),
    "curve": lambda numbers: (_smooth(_pairs(numbers[1:]), closed=False), numbers[0]),
}


def _shell(c: Canvas, radius: float, place: Place, colour: Rgb) -> None:
    """A nautilus: the last turn of a logarithmic spiral, with its inner wall and chambers."""
    colours = _palette(c)
    growth = float(np.log(3.0) / (2 * np.pi))

    def at(angle: float, share: float = 1.0) -> Point:
        reach = radius * share * float(np.exp(growth * (angle - 2 * np.pi)))
        return reach * float(np.cos(angle)), reach * float(np.sin(angle)) * 0.94

    c.shapes([_turned([at(a) for a in np.linspace(0, 2 * np.pi, 90)], place)], colour)
    bands = [[at(a, 0.98), at(a + 0.16, 0.72), at(a + 0.06, 0.36)] for a in np.linspace(0.2, 5.7, 15)]
    c.lines([_turned(_smooth(band, closed=False), place) for band in bands], colours["light"], 0.03 * abs(place[2]))
    c.lines([_turned([at(a) for a in np.linspace(-6 * np.pi, 2 * np.pi, 260)], place)], colours["ink"], 0.035 * abs(place[2]))
    mouth = [at(2 * np.pi), at(2 * np.pi + 0.12, 0.86), at(0.0)]
    c.shapes([_turned(_smooth(mouth, closed=True), place)], colours["second"])


def _lean(c: Canvas, most: float) -> float:
    return c.uniform(-most, most)


def _side(c: Canvas) -> float:
    return 1.0 if c.uniform(0, 1) < 0.5 else -1.0


def _setting(c: Canvas, motif: Motif, horizon: float) -> None:
    """The ground a thing stands on: water, hills, a sky of stars, or nothing but a line."""
    if motif.setting == "stars":
        c.discs([(c.uniform(0, c.width), c.uniform(0, c.height), c.uniform(1, 4.5) * c.scale) for _ in range(160)], c.ink, 0.7)
    across = np.linspace(-20, c.width + 20, 120)
    deep = mix(mix(c.ground2, c.accent2, 0.55), c.ground if c.dark else c.ink, 0.12)
    for layer in range(1 if motif.setting in {"none", "stars"} else 4):
        base = horizon + layer * 62 * c.scale
        swing, pace = ((10 + 4 * layer) * c.scale, 110 * c.scale) if motif.setting == "sea" else (70 * c.scale, 420 * c.scale)
        edge = base + swing * np.sin(across / pace + layer * 1.7 + c.uniform(0, 6))
        path = list(zip(across, edge, strict=True))
        c.shapes([[*path, (c.width + 20, c.height + 20), (-20, c.height + 20)]], mix(deep, c.ground if c.dark else c.ink, 0.13 * layer))


def _hero(c: Canvas, motif: Motif) -> None:
    x, y = c.focus()
    size = c.uniform(270, 330) * c.scale * c.fit
    c.glow((x, y), size * 2.6, c.accent2, 0.4)
    c.discs([(x, y, size * 1.32)], mix(c.ground2, c.accent2, 0.5))
    c.rings([(x, y, size * k) for k in (1.5, 1.75)], c.accent2, 3 * c.scale, 0.6)
    stamp(c, motif, [(x, y, size * _side(c), _lean(c, 5))], _palette(c))


def _horizon(c: Canvas, motif: Motif) -> None:
    x, y = c.focus()
    unit = c.scale * c.fit
    size = c.uniform(230, 280) * unit if c.stage else c.uniform(190, 240) * c.scale
    sun = x + c.uniform(-420, 120) * unit
    stands = motif.setting in {"sea", "land"}
    horizon = y + size * (0.55 if stands else 0.95) if c.stage else c.height * c.uniform(0.5, 0.58) + (0 if stands else 90 * c.scale)
    c.glow((sun, horizon), 800 * unit, c.accent, 0.45)
    c.discs([(sun, horizon - 60 * unit, c.uniform(150, 230) * unit)], mix(c.accent, c.ground2, 0.25))
    across = x if c.stage else x + 110 * c.scale
    if stands:
        _setting(c, motif, horizon)
        stamp(c, motif, [(across, horizon - size * 0.35, size * _side(c), 0)], _palette(c, swapped=motif.setting == "land"))
    else:
        stamp(c, motif, [(across, y - 10 * c.scale, size * _side(c), _lean(c, 6))], _palette(c, swapped=True))
        _setting(c, motif, horizon)


def _pattern(c: Canvas, motif: Motif) -> None:
    cell = c.uniform(230, 290) * c.scale
    colours = _palette(c, swapped=True)
    quiet = {role: mix(colour, c.ground2, 0.45) for role, colour in colours.items()}
    spots = [
        (column * cell + (row % 2) * cell / 2, row * cell * 0.86 + cell * 0.3)
        for row in range(int(c.height / cell / 0.86) + 1)
        for column in range(int(c.width / cell) + 2)
    ]
    x, y = c.focus()
    chosen = min(spots, key=lambda spot: (spot[0] - x) ** 2 + (spot[1] - y) ** 2)
    side = _side(c)
    # The top strip stays free: the channel's name stands there.
    places = [(px, py, cell * 0.3 * side, _lean(c, 14)) for px, py in spots if (px, py) != chosen and py > 150 * c.scale]
    stamp(c, motif, places, quiet)
    c.discs([(*chosen, cell * 0.62)], mix(c.ground2, c.accent2, 0.35))
    stamp(c, motif, [(*chosen, cell * 0.5 * side, 0)], _palette(c))


def _close(c: Canvas, motif: Motif) -> None:
    x, y = c.focus()
    size = c.uniform(600, 700) * c.scale * min(c.fit, 1.0)
    across = x if c.stage else c.width * 0.5 if c.height > c.width else x + (60 if x > c.width / 2 else -20) * c.scale
    down = y if c.stage else y + 125 * c.scale
    c.rings([(across, down, size * k) for k in (0.9, 1.1, 1.32, 1.56, 1.82)], c.accent2, 26 * c.scale, 0.28)
    stamp(c, motif, [(across, down, size * _side(c), _lean(c, 16))], _palette(c, swapped=c.uniform(0, 1) < 0.5))


def _row(c: Canvas, motif: Motif) -> None:
    """Three of a kind on bands of their own, each larger than the one before."""
    start, top, across, tall = c.stage or (0.0, 0.0, float(c.width), float(c.height))
    upright = c.height > c.width
    side, count = (-1.0 if c.look.align == "right" else 1.0), 3
    bands = [mix(c.ground2, c.accent2, share) for share in (0.62, 0.4, 0.22)]
    if upright and c.stage and tall > 0.7 * across or across < tall and c.stage:
        _column(c, motif, bands)
        return
    foot = top + tall * 0.7 if c.stage else c.height * (0.4 if upright else 0.58)
    width = across / count
    largest = min(0.46 * width, 0.42 * tall) if c.stage else 280 * c.scale * (0.72 if upright else 1.0)
    for index in range(count):
        order = index if side > 0 else count - 1 - index
        left, size = start + index * width, largest * (0.46, 0.73, 1.0)[order]
        edges = (0.0 if index == 0 else left, float(c.width) if index == count - 1 else left + width)
        c.shapes([[(edges[0], 0), (edges[1], 0), (edges[1], c.height), (edges[0], c.height)]], bands[order], 0.85)
        stamp(c, motif, [(left + width / 2, foot - size, size * side, 0)], _palette(c, swapped=order == 1))


def _column(c: Canvas, motif: Motif, bands: Sequence[Rgb]) -> None:
    """The row of an upright stage: its bands lie above each other."""
    left, top, across, tall = c.stage or (0.0, 0.0, float(c.width), float(c.height))
    band = tall / len(bands)
    for order, colour in enumerate(bands):
        upper = 0.0 if order == 0 else top + order * band
        lower = float(c.height) if order == len(bands) - 1 else top + (order + 1) * band
        c.shapes([[(0, upper), (c.width, upper), (c.width, lower), (0, lower)]], colour, 0.85)
        size = min(0.4 * band, 0.4 * across) * (0.7, 0.85, 1.0)[order]
        stamp(c, motif, [(left + across * (0.3, 0.5, 0.7)[order], top + (order + 0.5) * band, size, 0)], _palette(c, swapped=order == 1))


def _window(c: Canvas, motif: Motif) -> None:
    x, y = c.focus()
    unit = c.scale * min(c.fit, 1.1)
    half, tall = c.uniform(330, 380) * unit, (400 if c.stage else 420) * unit
    arch = [(x + half * float(np.cos(a)), y - 60 * unit + half * float(np.sin(a))) for a in np.linspace(np.pi, 2 * np.pi, 40)]
    outline = [*arch, (x + half, y + tall), (x - half, y + tall)]
    c.shapes([[(px + 46 * c.scale, py + 40 * c.scale) for px, py in outline]], c.accent)
    c.shapes([outline], mix(c.ground2, c.accent2, 0.62))
    c.discs([(x + _lean(c, 90) * c.scale, y - 80 * c.scale, half * 0.52)], mix(c.ground2, c.accent2, 0.28))
    stamp(c, motif, [(x, y + 20 * c.scale, half * 0.72 * _side(c), _lean(c, 4))], _palette(c))
    c.lines([[*outline, outline[0]]], c.ink, 5 * c.scale, 0.55)


_COMPOSERS: dict[str, Callable[[Canvas, Motif], None]] = dict(zip(COMPOSITIONS, (_hero, _horizon, _pattern, _close, _row, _window), strict=True))
