"""Illustrations of the natural world, painted from a seed in a look's colours."""

import numpy as np

from tools.drawing.backdrop import contour_lines, smooth_noise
from tools.drawing.canvas import Canvas, Point
from tools.drawing.palette import mix


def space(c: Canvas) -> None:
    """A planet with a lit limb and rings, on a field of stars."""
    stars = [(c.uniform(0, c.width), c.uniform(0, c.height), float(c.rng.pareto(3.0) + 0.5) * 1.5 * c.scale) for _ in range(340)]
    c.discs([star for star in stars if star[2] < 7], c.ink, 0.75)
    x, y = c.focus()
    radius = c.uniform(230, 330) * c.scale
    c.glow((x, y), radius * 2.1, c.accent, 0.35)
    c.arcs([((x, y), (radius * k, radius * k * 0.34), -18, 180, 360) for k in (1.55, 1.72, 1.95)], c.accent2, 5 * c.scale, 0.8)
    down, across = np.mgrid[0 : c.height, 0 : c.width].astype(np.float32)
    inside = np.clip(radius - np.hypot(across - x, down - y), 0, 1)
    light = np.clip(0.5 + ((across - x) * -0.75 + (down - y) * -0.65) / radius * 0.75, 0, 1)
    bands = 0.75 + 0.25 * np.sin((down - y + 0.3 * (across - x)) / radius * 9 + 4 * smooth_noise((c.width, c.height), 300, c.rng))
    c.blend(inside.astype(np.float32), mix(c.ground, (0, 0, 0), 0.45) if c.dark else mix(c.accent, c.ink, 0.6), 1.0)
    c.blend((inside * light * bands).astype(np.float32), c.accent, 1.0)
    c.arcs([((x, y), (radius * k, radius * k * 0.34), -18, 0, 180) for k in (1.55, 1.72, 1.95)], c.accent2, 5 * c.scale, 0.95)
    c.discs([(x - radius * 2.1, y - radius * 0.9, radius * 0.13)], c.tint(0.8), 1.0)


def nature(c: Canvas) -> None:
    """A low sun behind ridges that fade with distance."""
    x, y = c.focus()
    c.glow((x, y), 620 * c.scale, c.accent, 0.55)
    c.discs([(x, y, 150 * c.scale)], c.accent, 1.0)
    across = np.linspace(0, c.width, 240)
    for layer in range(5):
        base = c.height * (0.47 + 0.115 * layer)
        height = np.zeros_like(across)
        for wave in range(1, 7):
            height += np.sin(across / c.width * wave * c.uniform(2.5, 4.5) + c.uniform(0, 6.3)) * (120 - 12 * layer) * c.scale / wave
        ridge = list(zip(across, base - np.abs(height), strict=True))
        colour = mix(mix(c.ground2, c.accent2, 0.55 - 0.08 * layer), c.ground if c.dark else c.ink, 0.14 + 0.16 * layer)
        c.shapes([[*ridge, (c.width, c.height), (0, c.height)]], colour, 1.0)
    birds = [(x + c.uniform(-500, 100) * c.scale, y + c.uniform(-160, 60) * c.scale) for _ in range(7)]
    c.lines([[(bx - 18, by - 9), (bx, by), (bx + 18, by - 9)] for bx, by in birds], c.ink, 3 * c.scale, 0.8)


def weather(c: Canvas) -> None:
    """Isobars around a low, with the wind that follows them."""
    x, y = c.focus()
    down, across = np.mgrid[0 : c.height, 0 : c.width].astype(np.float32)
    span = 900 * c.scale
    field = np.hypot((across - x) / span, (down - y) / span * 1.25) + 0.34 * smooth_noise((c.width, c.height), 520, c.rng)
    low, high = float(field.min()), float(field.max())
    field = (field - low) / (high - low)
    c.blend(np.clip(1 - field * 1.6, 0, 1), c.accent2, 0.5)
    c.blend(contour_lines(field, 17, 3.2 * c.scale), c.ink, 0.42)
    c.blend(contour_lines(field, 4, 6.0 * c.scale), c.accent, 0.95)
    slope_y, slope_x = np.gradient(field)
    strokes = []
    for _ in range(150):
        path = [(c.uniform(0, c.width), c.uniform(0, c.height))]
        for _ in range(14):
            px, py = path[-1]
            if not (0 <= px < c.width and 0 <= py < c.height):
                break
            dx, dy = -slope_y[int(py), int(px)], slope_x[int(py), int(px)]
            size = float(np.hypot(dx, dy)) + 1e-9
            path.append((px + float(dx) / size * 9 * c.scale, py + float(dy) / size * 9 * c.scale))
        strokes.append(path)
    c.lines(strokes, c.ink, 2.6 * c.scale, 0.7)
    c.discs([(x, y, 20 * c.scale)], c.accent, 1.0)


def countries(c: Canvas) -> None:
    """A coast in contour lines, a graticule, and a route between places."""
    field = smooth_noise((c.width, c.height), round(620 * c.scale), c.rng)
    land = np.clip((field - 0.5) * 90, 0, 1).astype(np.float32)
    c.blend(land, mix(c.ground2, c.accent2, 0.45), 0.9)
    c.blend(contour_lines(field, 22, 2.0) * land, c.ink, 0.3)
    c.blend(contour_lines(np.clip(field, 0.45, 0.55), 2, 4.5), c.ink, 0.65)
    step = 180 * c.scale
    c.lines(
        [[(x, 0), (x, c.height)] for x in np.arange(step / 2, c.width, step)] + [[(0, y), (c.width, y)] for y in np.arange(step / 2, c.height, step)],
        c.ink,
        1,
        0.16,
    )
    places = sorted((c.uniform(0.3, 0.94) * c.width, c.uniform(0.12, 0.72) * c.height) for _ in range(5))
    for (x0, y0), (x1, y1) in zip(places, places[1:], strict=False):
        bend = [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t - np.sin(np.pi * t) * 90 * c.scale) for t in np.linspace(0, 1, 34)]
        c.lines([bend[i : i + 2] for i in range(0, 33, 2)], c.accent, 5 * c.scale, 0.95)
    c.discs([(x, y, 17 * c.scale) for x, y in places], c.accent, 1.0)
    c.rings([(x, y, 34 * c.scale) for x, y in places], c.accent, 4 * c.scale, 0.7)


def history(c: Canvas) -> None:
    """Rings of a felled tree: each ring a year, one of them marked."""
    x, y = c.focus()
    down, across = np.mgrid[0 : c.height, 0 : c.width].astype(np.float32)
    angle = np.arctan2(down - y, across - x)
    reach = 620 * c.scale
    wobble = sum(np.sin(angle * k + c.uniform(0, 6.3)) * c.uniform(0.01, 0.03) for k in range(2, 7))
    distance = np.hypot(across - x, (down - y) * 1.06) / reach * (1 + wobble) + 0.03 * smooth_noise((c.width, c.height), 260, c.rng)
    inside = np.clip((1 - distance) * 90, 0, 1).astype(np.float32)
    c.blend(inside, mix(c.ground2, c.accent2, 0.5), 1.0)
    uneven = distance + 0.012 * np.sin(distance * 37) + 0.02 * np.sin(distance * 13)
    c.blend(contour_lines(uneven.astype(np.float32), 34, 2.6 * c.scale) * inside, c.ink, 0.5)
    marked = c.uniform(0.5, 0.72)
    c.blend(np.clip(1 - np.abs(distance - marked) * reach / (7 * c.scale), 0, 1).astype(np.float32), c.accent, 1.0)
    c.blend(np.clip(1 - np.abs(distance - 1) * reach / (15 * c.scale), 0, 1).astype(np.float32), mix(c.ground, c.ink, 0.55), 1.0)
    turn = c.uniform(0.3, 1.2)
    c.lines([[(x, y), (x - np.cos(turn) * reach * 1.1, y - np.sin(turn) * reach * 0.2)]], c.accent, 3 * c.scale, 0.8)


def animals(c: Canvas) -> None:
    """A flock that turns together."""
    x, y = c.focus()
    c.glow((x, y), 760 * c.scale, c.accent2, 0.5)
    near: list[list[Point]] = []
    far: list[list[Point]] = []
    for index in range(420):
        turn = index * 0.043 + c.uniform(-0.3, 0.3)
        reach = (80 + index * 1.35 + c.uniform(-70, 70)) * c.scale
        bx, by = x + reach * np.cos(turn) * 1.35, y + reach * np.sin(turn) * 0.62
        size = (7 + 22 * float(c.rng.random() ** 3)) * c.scale
        heading = turn + 1.9 + c.uniform(-0.2, 0.2)
        wing = c.uniform(1.9, 2.5)
        bird = [
            (bx + size * 1.2 * np.cos(heading + a) * r, by + size * 1.2 * np.sin(heading + a) * r)
            for a, r in ((0, 1), (wing, 1.15), (3.14, 0.28), (-wing, 1.15))
        ]
        (near if index % 9 == 0 else far).append(bird)
    c.shapes(far, c.ink, 0.82)
    c.shapes(near, c.accent, 1.0)


def food(c: Canvas) -> None:
    """Slices of citrus, laid out like a still life."""
    x, y = c.focus()
    spots = [
        (x, y, 300.0),
        (x - 520 * c.scale, y + 330 * c.scale, 190.0),
        (x + 430 * c.scale, y + 290 * c.scale, 150.0),
        (x - 470 * c.scale, y - 190 * c.scale, 120.0),
    ]
    for number, (sx, sy, size) in enumerate(spots):
        radius = size * c.scale
        peel = c.accent if number % 2 == 0 else c.accent2
        c.discs([(sx + 14 * c.scale, sy + 18 * c.scale, radius)], mix(c.ground, (0, 0, 0), 0.6), 0.35)
        c.discs([(sx, sy, radius)], peel, 1.0)
        c.discs([(sx, sy, radius * 0.9)], mix(peel, (255, 255, 255), 0.82), 1.0)
        start = c.uniform(0, 6.3)
        segments = []
        for wedge in range(10):
            low, high = start + wedge * 0.6283 + 0.05, start + (wedge + 1) * 0.6283 - 0.05
            arc = [(sx + radius * 0.84 * np.cos(a), sy + radius * 0.84 * np.sin(a)) for a in np.linspace(low, high, 12)]
            middle = (low + high) / 2
            segments.append([(sx + radius * 0.1 * np.cos(middle), sy + radius * 0.1 * np.sin(middle)), *arc])
        c.shapes(segments, mix(peel, (255, 255, 255), 0.22), 1.0)
