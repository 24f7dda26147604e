"""Clips on screen: the frames of a shot's footage, decoded and cropped by an ffmpeg process of its own, then toned, one after the other."""

import weakref
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from memory.artifacts import Clip, Footage, Toning
from memory.screenplay import SLOWEST
from tools.base import ToolError
from tools.clip_frames import frame_filters
from tools.render_video.kernels import Kernels
from tools.render_video.planes import CHROMA, LUMA, LUMA_WEIGHTS, Frame
from tools.render_video.timeline import ShotPlan
from tools.vendors.ffmpeg.client import OutputPipe


class Files(Protocol):
    """Where clips and tables come from: paths by digest."""

    def path(self, digest: str) -> Path:
        """Return the path of a verified file."""
        ...


@dataclass(frozen=True)
class Pace:
    """Which frames of a clip a shot shows: `step` clip frames for every film frame, from `start`, the film frame at which the shot is first seen."""

    clip: Clip
    start: int
    step: float
    slowed: bool

    def at(self, number: int) -> tuple[int, float]:
        """Return the clip frame of a film frame, and how far (0..1) it has gone to the next one where the clip is slowed."""
        position = max(0.0, (number - self.start) * self.step + 1e-6)
        first = min(floor(position), self.clip.frames - 1)
        between = position - first if self.slowed and first + 1 < self.clip.frames else 0.0
        return first, min(between, 1.0)


def pace_of(clip: Clip, plan: ShotPlan, fps: int) -> Pace:
    """Trim a clip to its shot from the clip's start; slow one that is too short, to half speed at most, else raise `ToolError`."""
    shown = plan.motion_end - plan.motion_start
    shown_s = shown / fps
    speed = min(1.0, clip.seconds / shown_s)
    if not clip.lasts(shown_s):
        limit = f"it may be slowed to {SLOWEST} at most; choose a longer clip or a still"
        raise ToolError(f"clip {clip.digest} lasts {clip.seconds:.2f} s and its shot {shown_s:.2f} s: {limit}", digest=clip.digest)
    # Slowed, the clip's first and last frame are the shot's, so that it comes to no rest.
    step = clip.fps / fps if speed == 1.0 else (clip.frames - 1) / max(shown - 1, 1)
    return Pace(clip, plan.motion_start, step, speed < 1.0)


class Toner:
    """Tones frames as they are, in limited-range BT.709: brightness by a table, each chroma plane by itself and the brightness."""

    def __init__(self, toning: Toning, size: tuple[int, int]) -> None:
        tint, lift = (float(np.dot(LUMA_WEIGHTS, values)) for values in (toning.tint, toning.lift))
        levels = (np.arange(256) - 16) * (toning.keep + tint) + LUMA * lift + 16
        self._table = np.clip(np.round(levels), 16, 235).astype(np.uint8)
        self._keep = toning.keep
        # For U of blue, for V of red: what the brightness adds, and what is added anyway.
        steps = [(scale * (toning.tint[at] - tint) / LUMA, scale * (toning.lift[at] - lift)) for scale, at in zip(CHROMA, (2, 0), strict=True)]
        self._chroma = [(slope, 128 * (1 - toning.keep) - 16 * slope + rise) for slope, rise in steps]
        self._half = np.empty((size[1] // 2, size[0] // 2), np.uint8)

    def apply(self, frame: Frame) -> None:
        """Tone a frame in place."""
        luma = frame.planes[0]
        cv2.resize(luma, (luma.shape[1] // 2, luma.shape[0] // 2), dst=self._half, interpolation=cv2.INTER_AREA)
        for plane, (slope, rise) in zip(frame.planes[1:], self._chroma, strict=True):
            cv2.addWeighted(plane, self._keep, self._half, slope, rise, dst=plane)
        cv2.LUT(luma, self._table, dst=luma)


class FootageReader:
    """Reads a shot's footage at the size of its canvas; holds two frames, and starts the process again when asked for an earlier one."""

    def __init__(self, footage: Footage, pace: Pace, size: tuple[int, int], files: Files, zoom: float = 1.0) -> None:
        self._pace, self._clip = pace, footage.clip
        self._path = files.path(footage.clip.digest)
        left, top, width, height = (round(side * zoom / 2) * 2 for side in footage.box)
        self.size = round(size[0] * zoom / 2) * 2, round(size[1] * zoom / 2) * 2
        self._filters = frame_filters(footage.clip, (left, top, width, height), self.size)
        self._tone = Toner(footage.toning, self.size) if footage.toning is not None else None
        self._pipe: OutputPipe | None = None
        self._end: weakref.finalize[[], FootageReader] | None = None
        self._next = 0
        self._held: dict[int, Frame] = {}
        self._spare = [Frame.empty(*self.size) for _ in range(3)]
        self._mixed = Frame.empty(*self.size)

    def frame(self, number: int, kernels: Kernels) -> Frame:
        """Return what the footage shows at a film frame; valid until the next call."""
        index, between = self._pace.at(number)
        weight = round(256 * between)
        first = self._decoded(index, needed=index)
        if weight == 0:
            return first
        second = self._decoded(index + 1, needed=index)
        flat = [frame.buffer.reshape(self.size[1], -1) for frame in (first, second, self._mixed)]
        kernels.mix(flat[0], flat[1], flat[2], weight)
        return self._mixed

    def close(self) -> None:
        """End the process."""
        if self._end is not None:
            self._end()
        self._pipe = self._end = None

    def _decoded(self, index: int, needed: int) -> Frame:
        """Return a frame of the clip; frames before `needed` are let go."""
        if index not in self._held:
            if self._pipe is None or index < self._next:
                self._pipe = self._opened(index)
            while self._next <= index:
                self._let_go(needed)
                self._take(self._pipe)
        self._let_go(needed)
        return self._held[index]

    def _let_go(self, needed: int) -> None:
        for old in [held for held in self._held if held < needed]:
            self._spare.append(self._held.pop(old))

    def _opened(self, index: int) -> OutputPipe:
        self.close()
        self._spare += self._held.values()
        self._held.clear()
        # Half a frame early: the first frame at or after that moment is the wanted one, whatever its time was rounded to.
        start = max(0.0, (index - 0.5) / self._clip.fps)
        seek = ["-threads", "1", "-ss", f"{start:.5f}", "-i", str(self._path), "-map", "0:v:0", "-fps_mode", "passthrough"]
        pipe = OutputPipe([*seek, "-vf", self._filters, "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"])
        self._end = weakref.finalize(self, pipe.close)
        self._next = index
        return pipe

    def _take(self, pipe: OutputPipe) -> None:
        frame = self._spare.pop()
        if not pipe.read_into(frame.buffer.data):
            raise ToolError(f"clip {self._clip.digest} ends at frame {self._next} of {self._clip.frames}; fetch it again", digest=self._clip.digest)
        if self._tone is not None:
            self._tone.apply(frame)
        self._held[self._next] = frame
        self._next += 1
