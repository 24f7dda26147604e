"""What a finished video shows and says of its words: read from the encoded picture and from the subtitle file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from memory.artifacts import CaptionStyle, Format, WordTiming
from tools.render_video.caption_layout import CaptionLayout
from tools.render_video.pages import make_pages
from tools.vendors.ffmpeg.client import read_stdout

_SCALE = 2
_NEAR = 70
_LEAST_PIXELS = 12
_LEAST_STROKE = 2
_LOOK_AHEAD = 6
_CUE = re.compile(r"(\d+):(\d+):(\d+),(\d+) --> .*")


@dataclass(frozen=True)
class Place:
    """Where a word stands when it is lit, in pixels of the frame."""

    left: float
    right: float
    middle: float
    size: int


@dataclass(frozen=True)
class Cue:
    """One cue of a SubRip file: when it starts, in seconds, and its words."""

    start_s: float
    words: tuple[str, ...]


def places(words: tuple[WordTiming, ...], style: CaptionStyle, form: Format) -> list[Place]:
    """Return where each word must be seen lit, from the page layout alone (no times)."""
    layout = CaptionLayout(style, form)
    found: list[Place] = []
    for page in make_pages(words, layout.fits):
        placed, size = layout.place(tuple(word.text for word in page.words))
        found += [Place(word.x, word.x + word.width, word.baseline - size * 0.3, size) for word in placed]
    return found


def burned_onsets(video: Path, style: CaptionStyle, form: Format, wanted: Sequence[Place], fps: int) -> list[float | None]:
    """Return when each word first lights up in the encoded picture, in seconds; None for a word that never does.

    A frame's lit word is the box of pixels in the accent colour inside the caption band; a word counts when the box lies
    where that word stands and is as wide as the word.
    """
    onsets: list[float | None] = [None] * len(wanted)
    current = -1
    for number, box in enumerate(_lit_boxes(video, style, form)):
        if box is None or (current >= 0 and _is_at(box, wanted[current])):
            continue
        ahead = range(current + 1, min(len(wanted), current + 1 + _LOOK_AHEAD))
        match = next((index for index in ahead if _is_at(box, wanted[index])), None)
        if match is not None:
            onsets[match] = number / fps
            current = match
    return onsets


def read_cues(subrip: str) -> list[Cue]:
    """Read a SubRip file."""
    cues: list[Cue] = []
    for block in subrip.strip().split("\n\n"):
        lines = block.splitlines()
        clock = _CUE.fullmatch(lines[1])
        assert clock is not None, lines[1]
        hours, minutes, seconds, thousandths = (int(part) for part in clock.groups())
        cues.append(Cue(hours * 3600 + minutes * 60 + seconds + thousandths / 1000, tuple(" ".join(lines[2:]).split())))
    return cues


def heard(video: Path, rate: int) -> NDArray[np.float32]:
    """Return the sound as a player hears it, mono at `rate` Hz: the edit list is honoured and sample 0 is time 0."""
    held: list[bytes] = []
    read_stdout(
        ["-i", str(video), "-vn", "-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(rate), "-f", "f32le", "-"],
        lambda pipe: held.append(pipe.read()),
    )
    return np.frombuffer(held[0], "<f4").astype(np.float32)


def _lit_boxes(video: Path, style: CaptionStyle, form: Format) -> list[tuple[float, float, float] | None]:
    """Return the (left, right, middle height) of the lit word of every frame, in pixels of the whole frame."""
    width, height = form.size
    top = round(form.caption_band[0] * height) // 4 * 4
    rows = (round(form.caption_band[1] * height) - top) // 4 * 4
    shape = (rows // _SCALE, width // _SCALE, 3)
    accent = np.array([int(style.accent[at : at + 2], 16) for at in (1, 3, 5)], np.int16)
    boxes: list[tuple[float, float, float] | None] = []

    def consume(pipe: IO[bytes]) -> None:
        size = shape[0] * shape[1] * 3
        while len(data := pipe.read(size)) == size:
            picture = np.frombuffer(data, np.uint8).reshape(shape).astype(np.int16)
            boxes.append(_box(np.abs(picture - accent).max(axis=2) < _NEAR, top))

    crop = f"crop={width}:{rows}:0:{top},scale={shape[1]}:{shape[0]}:flags=area"
    read_stdout(["-i", str(video), "-an", "-vf", crop, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], consume)
    return boxes


def _box(lit: NDArray[np.bool_], top: int) -> tuple[float, float, float] | None:
    if lit.sum() < _LEAST_PIXELS:
        return None
    # A lone pixel of that colour is the picture's or the encoder's: a stroke of a letter is longer.
    columns, lines = np.flatnonzero(lit.sum(axis=0) >= _LEAST_STROKE), np.flatnonzero(lit.sum(axis=1) >= _LEAST_STROKE)
    if not (columns.size and lines.size):
        return None
    return columns[0] * _SCALE, (columns[-1] + 1) * _SCALE, top + (lines[0] + lines[-1] + 1) / 2 * _SCALE


def _is_at(box: tuple[float, float, float], place: Place) -> bool:
    """Say whether the box is this word's: each edge within a third of a letter, on the same line."""
    slack = 0.22 * place.size
    return abs(box[0] - place.left) <= slack and abs(box[1] - place.right) <= slack and abs(box[2] - place.middle) <= 0.6 * place.size
