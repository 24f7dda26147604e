"""Photographs: decoded within limits, cropped to a frame, graded toward a palette."""

import cv2
import numpy as np

from memory.artifacts import Toning
from memory.personality import Look
from tools.base import ToolError
from tools.drawing.backdrop import Image
from tools.drawing.palette import rgb

MAX_PIXELS = 60_000_000
_CALM = 0.12


def read_picture(data: bytes) -> Image:
    """Decode an image file into RGB floats 0..255; raises `ToolError` when it is not a usable picture."""
    encoded = np.frombuffer(data, np.uint8)
    try:
        decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    except cv2.error as error:
        raise ToolError(f"picture: the image cannot be decoded ({error.err})") from error
    if decoded is None:
        raise ToolError("picture: the file is not a readable image (JPEG, PNG, WebP or TIFF)")
    if decoded.shape[0] * decoded.shape[1] > MAX_PIXELS:
        raise ToolError(f"picture: {decoded.shape[1]}x{decoded.shape[0]} is over the limit of {MAX_PIXELS} pixels")
    if min(decoded.shape[:2]) < 160:
        raise ToolError(f"picture: {decoded.shape[1]}x{decoded.shape[0]} is under the limit of 160 pixels; choose a larger picture")
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB).astype(np.float32)


def cover(picture: Image, size: tuple[int, int], focus: tuple[float, float] = (0.5, 0.4)) -> Image:
    """Scale and crop a picture to exactly `size`, keeping its proportions and the point `focus` (shares of its size) in view."""
    height, width = picture.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    shape = (max(size[0], round(width * scale)), max(size[1], round(height * scale)))
    resized = np.asarray(cv2.resize(picture, shape, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), np.float32)
    left = round(min(max(focus[0] * shape[0] - size[0] / 2, 0), shape[0] - size[0]))
    top = round(min(max(focus[1] * shape[1] - size[1] * 0.42, 0), shape[1] - size[1]))
    return np.clip(resized[top : top + size[1], left : left + size[0]], 0, 255).astype(np.float32)


def toning(look: Look, strength: float = 0.22) -> Toning:
    """Return how a picture is moved toward the palette: part duotone from ground to ink, slightly less saturated."""
    low, high = (np.array(one, np.float64) for one in sorted((rgb(look.ground), rgb(look.ink)), key=sum))
    tint = (1 - strength) * _CALM + strength * (high - low) / 255
    red, green, blue = (float(value) for value in strength * low)
    return Toning(keep=(1 - strength) * (1 - _CALM), tint=(float(tint[0]), float(tint[1]), float(tint[2])), lift=(red, green, blue))


def grade(picture: Image, look: Look, strength: float = 0.22) -> Image:
    """Move a picture toward the palette, as `toning` says."""
    tone = toning(look, strength)
    luma = (picture @ np.array([0.2126, 0.7152, 0.0722], np.float32))[..., None]
    toned = picture * np.float32(tone.keep) + luma * np.array(tone.tint, np.float32) + np.array(tone.lift, np.float32)
    return np.asarray(np.clip(toned, 0, 255), np.float32)
