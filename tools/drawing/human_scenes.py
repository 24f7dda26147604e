"""Illustrations of what people make, study and guard, painted from a seed in a look's colours."""

import numpy as np

from tools.drawing.backdrop import smooth_noise
from tools.drawing.canvas import Canvas, Point
from tools.drawing.palette import mix


def health(c: Canvas) -> None:
    """Cells under a microscope: membranes, nuclei, and one that stands out."""
    centres: list[tuple[float, float, float]] = []
    for _ in range(900):
        x, y, radius = c.uniform(-60, c.width + 60), c.uniform(-60, c.height + 60), c.uniform(60, 150) * c.scale
        if all(np.hypot(x - ox, y - oy) > (radius + other) * 0.93 for ox, oy, other in centres):
            centres.append((x, y, radius))
    chosen = min(centres, key=lambda one: float(np.hypot(one[0] - c.focus()[0], one[1] - c.focus()[1])) - one[2])
    c.discs(centres, mix(c.ground2, c.accent2, 0.6), 0.55)
    c.rings(centres, mix(c.accent2, c.ink, 0.35), 5 * c.scale, 0.75)
    nuclei = [(x + radius * c.uniform(-0.2, 0.2), y + radius * c.uniform(-0.2, 0.2), radius * 0.36) for x, y, radius in centres]
    c.discs(nuclei, mix(c.accent2, c.ink, 0.55), 0.8)
    x, y, radius = chosen
    c.glow((x, y), radius * 2.6, c.accent, 0.5)
    c.discs([(x, y, radius)], c.accent, 0.95)
    c.discs([(x + radius * 0.1, y, radius * 0.36)], mix(c.accent, c.ground, 0.6), 1.0)


def technology(c: Canvas) -> None:
    """Traces of a circuit running into one chip."""
    x, y = c.focus()
    half = 150 * c.scale
    lit: list[list[Point]] = []
    dim: list[list[Point]] = []
    pads: list[tuple[float, float, float]] = []
    for side in range(4):
        for pin in range(9):
            offset = (pin - 4) * 32 * c.scale
            first = c.uniform(60, 260) * c.scale + abs(offset)
            jog = offset * c.uniform(0.8, 2.6)
            last = first + abs(jog) + c.uniform(120, 1300) * c.scale
            path = [(half, offset), (half + first, offset), (half + first + abs(jog), offset + jog), (half + last, offset + jog)]
            turned = [(x + px * (1, 0, -1, 0)[side] - py * (0, 1, 0, -1)[side], y + px * (0, 1, 0, -1)[side] + py * (1, 0, -1, 0)[side]) for px, py in path]
            (lit if c.uniform(0, 1) < 0.25 else dim).append(turned)
            pads.append((*turned[-1], 11 * c.scale))
    c.lines(dim, c.ink, 4 * c.scale, 0.38)
    c.lines(lit, c.accent, 5 * c.scale, 1.0)
    c.discs(pads, c.ink, 0.55)
    c.discs([(*path[-1], 13 * c.scale) for path in lit], c.accent, 1.0)
    c.glow((x, y), half * 2.4, c.accent, 0.35)
    for size, colour in ((1.0, mix(c.ground, c.ink, 0.16)), (0.62, c.accent2), (0.4, mix(c.accent2, c.ground, 0.5))):
        edge = half * size
        c.shapes([[(x - edge, y - edge), (x + edge, y - edge), (x + edge, y + edge), (x - edge, y + edge)]], colour, 1.0)


def science(c: Canvas) -> None:
    """Two waves that meet, and the pattern they make."""
    x, y = c.focus()
    down, across = np.mgrid[0 : c.height, 0 : c.width].astype(np.float32)
    apart = c.uniform(190, 300) * c.scale
    sources = [(x - apart, y + 40 * c.scale), (x + apart, y - 40 * c.scale)]
    length = c.uniform(46, 60) * c.scale
    total = sum(np.cos(np.hypot(across - sx, down - sy) / length * 2 * np.pi / 1.6) for sx, sy in sources)
    fade = np.exp(-np.hypot(across - x, down - y) / (880 * c.scale))
    c.blend((np.clip(total, 0, 2) / 2 * fade).astype(np.float32), c.accent2, 1.0)
    c.blend((np.clip(total - 1.35, 0, 0.65) / 0.65 * fade).astype(np.float32), c.accent, 1.0)
    c.discs([(sx, sy, 22 * c.scale) for sx, sy in sources], c.ink, 1.0)
    c.rings([(sx, sy, 42 * c.scale) for sx, sy in sources], c.ink, 3 * c.scale, 0.7)


def economy(c: Canvas) -> None:
    """A skyline of columns with one line climbing over it."""
    count = 17 if c.width > c.height else 10
    slot = c.width / count
    foot = c.height * 0.86
    heights = [c.height * (0.1 + 0.32 * i / count + c.uniform(-0.05, 0.12)) for i in range(count)]
    boxes = [[(i * slot + 6, foot), (i * slot + 6, foot - h), ((i + 1) * slot - 6, foot - h), ((i + 1) * slot - 6, foot)] for i, h in enumerate(heights)]
    c.shapes(boxes, mix(c.ground2, c.accent2, 0.7), 0.85)
    windows: list[list[Point]] = []
    for i, h in enumerate(heights):
        for row in range(int(h // (46 * c.scale))):
            for column in range(3):
                wx, wy = i * slot + slot * (0.22 + 0.24 * column), foot - h + (row * 46 + 20) * c.scale
                if c.uniform(0, 1) < 0.5:
                    windows.append([(wx, wy), (wx + slot * 0.1, wy), (wx + slot * 0.1, wy + 16 * c.scale), (wx, wy + 16 * c.scale)])
    c.shapes(windows, c.ink, 0.4)
    c.lines([[(0, foot), (c.width, foot)]], c.ink, 3 * c.scale, 0.6)
    line = [((i + 0.5) * slot, foot - h - (110 + c.uniform(-20, 60)) * c.scale) for i, h in enumerate(heights)]
    c.lines([line], c.accent, 12 * c.scale, 1.0)
    c.discs([(*point, 15 * c.scale) for point in line[::3]], c.accent, 1.0)
    c.glow(line[-2], 260 * c.scale, c.accent, 0.5)


def culture(c: Canvas) -> None:
    """Tiles of arcs and circles, set like a printed pattern."""
    cell = c.uniform(170, 230) * c.scale
    colours = (c.accent, c.accent2, mix(c.ground2, c.ink, 0.22), mix(c.accent2, c.ground, 0.45), c.tint(0.86))
    for row in range(int(c.height // cell) + 1):
        for column in range(int(c.width // cell) + 1):
            share = column * cell / c.width
            if c.height < c.width and c.uniform(0, 1) > 0.25 + share:
                continue
            x, y = column * cell, row * cell
            first, second = (colours[int(c.rng.integers(len(colours)))] for _ in range(2))
            c.shapes([[(x, y), (x + cell, y), (x + cell, y + cell), (x, y + cell)]], first, 1.0)
            corner = int(c.rng.integers(5))
            if corner == 4:
                c.discs([(x + cell / 2, y + cell / 2, cell * 0.34)], second, 1.0)
            else:
                cx, cy, start = ((x, y, 0.0), (x + cell, y, 90.0), (x + cell, y + cell, 180.0), (x, y + cell, 270.0))[corner]
                arc = [(cx + cell * np.cos(a), cy + cell * np.sin(a)) for a in np.radians(np.linspace(start, start + 90, 24))]
                c.shapes([[(cx, cy), *arc]], second, 1.0)


def energy(c: Canvas) -> None:
    """A sun whose light becomes waves."""
    x, y = c.focus()
    c.glow((x, y), 900 * c.scale, c.accent, 0.5)
    rays: list[list[Point]] = []
    for index in range(36):
        turn = np.radians(index * 10 + 3)
        inner, outer = 250 * c.scale, (310 + 150 * (index % 3 == 0) + 60 * (index % 2)) * c.scale
        rays.append([(x + inner * np.cos(turn), y + inner * np.sin(turn)), (x + outer * np.cos(turn), y + outer * np.sin(turn))])
    c.lines(rays, c.accent, 9 * c.scale, 1.0)
    c.discs([(x, y, 200 * c.scale)], c.accent, 1.0)
    c.discs([(x, y, 150 * c.scale)], mix(c.accent, (255, 255, 255), 0.3), 1.0)
    across = np.linspace(0, c.width, 220)
    for number in range(13):
        base = c.height * (0.62 + 0.03 * number)
        swing = (10 + 3.2 * number) * c.scale
        wave = base + swing * np.sin(across / (150 * c.scale + 12 * number) + number * 0.55 + c.uniform(-0.2, 0.2))
        c.lines([list(zip(across, wave, strict=True))], mix(c.accent2, c.ink, 0.15), (2 + number * 0.35) * c.scale, 0.85)


def security(c: Canvas) -> None:
    """A radar sweep over a field of cells, with one return."""
    x, y = c.focus()
    down, across = np.mgrid[0 : c.height, 0 : c.width].astype(np.float32)
    distance = np.hypot(across - x, down - y) / c.scale
    angle = np.degrees(np.arctan2(down - y, across - x)) % 360
    start = c.uniform(180, 320)
    sweep = np.clip(1 - ((start - angle) % 360) / 75, 0, 1) * np.clip((520 - distance) / 3, 0, 1)
    c.blend(np.clip((520 - distance) / 2, 0, 1).astype(np.float32), mix(c.ground2, c.accent2, 0.35), 0.9)
    c.blend(sweep.astype(np.float32), c.accent, 0.65)
    c.rings([(x, y, radius * c.scale) for radius in (130, 260, 390, 520)], c.ink, 3 * c.scale, 0.5)
    c.lines([[(x - 560 * c.scale, y), (x + 560 * c.scale, y)], [(x, y - 560 * c.scale), (x, y + 560 * c.scale)]], c.ink, 2, 0.35)
    ticks = [
        [(x + r0 * c.scale * np.cos(a), y + r0 * c.scale * np.sin(a)), (x + r1 * c.scale * np.cos(a), y + r1 * c.scale * np.sin(a))]
        for a, r0, r1 in ((np.radians(d), 520, 548 if d % 30 else 572) for d in range(0, 360, 5))
    ]
    c.lines(ticks, c.ink, 3 * c.scale, 0.55)
    noise = smooth_noise((c.width, c.height), 90, c.rng)
    c.blend((np.clip(noise - 0.78, 0, 0.1) * 10 * np.clip(520 - distance, 0, 1)).astype(np.float32), c.ink, 0.35)
    turn, reach = np.radians(start - c.uniform(10, 40)), c.uniform(180, 420) * c.scale
    spot = (x + reach * np.cos(turn), y + reach * np.sin(turn))
    c.glow(spot, 90 * c.scale, c.accent, 0.9)
    c.discs([(*spot, 18 * c.scale)], c.ink, 1.0)
