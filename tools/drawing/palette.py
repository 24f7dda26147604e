"""Colours of a look: mixing, WCAG contrast, and the variants that keep words legible."""

import numpy as np
import numpy.typing as npt

from memory.personality import Look

Rgb = tuple[int, int, int]
Pixels = npt.NDArray[np.float32]
LEGIBLE = 4.5


def rgb(colour: str) -> Rgb:
    """Read `#rrggbb` as three values 0..255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hexed(colour: Rgb) -> str:
    """Write three values 0..255 as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """Move `share` (0..1) of the way from `first` to `second`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def luminance(pixels: Pixels) -> Pixels:
    """Relative luminance of sRGB values 0..255 in the last axis (WCAG 2.2)."""
    channels = pixels / 255.0
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]), dtype=np.float32)


def contrast(first: Pixels, second: Pixels) -> Pixels:
    """WCAG contrast ratio (1..21) of two arrays of sRGB values."""
    one, two = luminance(first), luminance(second)
    return np.asarray((np.maximum(one, two) + 0.05) / (np.minimum(one, two) + 0.05), dtype=np.float32)


def contrast_of(first: Rgb, second: Rgb) -> float:
    """WCAG contrast ratio of two colours."""
    return float(contrast(np.array([first], np.float32), np.array([second], np.float32))[0])


def legible(colour: Rgb, toward: Rgb, grounds: tuple[Rgb, ...], least: float = LEGIBLE) -> Rgb:
    """Return `colour`, moved toward `toward` in fortieths until it reaches the `least` contrast on every ground."""
    for step in range(41):
        moved = mix(colour, toward, step / 40)
        if min(contrast_of(moved, ground) for ground in grounds) >= least:
            return moved
    return toward


def resolved(look: Look) -> dict[str, object]:
    """Return the look as the layouts read it, with text colours that are legible on its grounds."""
    ink, accent, accent2 = rgb(look.ink), rgb(look.accent), rgb(look.accent2)
    bare = (rgb(look.ground), rgb(look.ground2))
    tinted = [mix(ground, accent, 0.22) for ground in bare] if look.layout != "poster" else []
    plates = [mix(ground, ink, 0.12) for ground in bare] + [mix(ground, accent2, 0.4) for ground in bare if look.layout == "playful"]
    grounds = (*bare, *tinted, *plates)
    on_accent = max((ink, rgb(look.ground), (255, 255, 255), (16, 16, 18)), key=lambda one: contrast_of(one, accent))
    safe = {"soft": legible(rgb(look.soft), ink, grounds, 4.8), "accent_text": legible(accent, ink, grounds, 4.7), "on_accent": on_accent}
    return {**look.model_dump(), **{name: hexed(colour) for name, colour in safe.items()}}
