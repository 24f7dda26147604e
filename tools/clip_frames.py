"""Frames of a stored clip: how they are cropped and placed in a film's frame, and single ones to look at."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memory.artifacts import Clip
from tools.vendors.ffmpeg.client import OutputPipe

Box = tuple[int, int, int, int]
# The point of a picture that a crop keeps in view, and the height of the frame at which it stands: as for photographs.
_FOCUS_Y, _STANDS_AT = 0.4, 0.42


def frame_filters(clip: Clip, box: Box, size: tuple[int, int]) -> str:
    """Return the ffmpeg filters that cover `box` (left, top, width, height; even) of a frame of `size` with the clip, in its own colours."""
    left, top, width, height = box
    scale = max(width / clip.width, height / clip.height)
    wide, high = max(width, round(clip.width * scale / 2) * 2), max(height, round(clip.height * scale / 2) * 2)
    down = round(min(max(_FOCUS_Y * high - _STANDS_AT * height, 0), high - height))
    parts = [f"scale={wide}:{high}:flags=bicubic", f"crop={width}:{height}:{(wide - width) // 2}:{down}:exact=1", "format=yuv420p"]
    if box != (0, 0, *size):
        parts.append(f"pad={size[0]}:{size[1]}:{left}:{top}")
    return ",".join(parts)


def read_stills(path: Path, clip: Clip, count: int) -> Iterator[NDArray[np.float32]]:
    """Yield `count` frames spread evenly over a clip as RGB floats 0..255 of its own size, one at a time."""
    every = max(1, clip.frames // count)
    chosen = f"select='not(mod(n-{every // 2}\\,{every}))',scale=in_color_matrix=bt709:in_range=tv,format=rgb24"
    pipe = OutputPipe(["-threads", "1", "-i", str(path), "-map", "0:v:0", "-vf", chosen, "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"])
    try:
        frame = np.empty((clip.height, clip.width, 3), np.uint8)
        for _ in range(count):
            if not pipe.read_into(frame.data):
                return
            yield frame.astype(np.float32)
    finally:
        pipe.close()
