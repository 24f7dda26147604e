"""Clips on screen: the frames of a shot's footage, decoded, cropped and graded by an ffmpeg process of its own, one after the other."""

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Protocol

from memory.artifacts import Clip, Footage
from tools.base import ToolError
from tools.clip_frames import frame_filters
from tools.render_video.kernels import Kernels
from tools.render_video.planes import Frame
from tools.render_video.timeline import ShotPlan
from tools.vendors.ffmpeg.client import OutputPipe

# Slower than half speed, a person sees the frames; the storyboard must choose another clip.
SLOWEST = 0.5
_TABLE = "grade.cube"


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
    if speed < SLOWEST:
        limit = f"it may be slowed to {SLOWEST} at most; choose a longer clip or a still"
        raise ToolError(f"clip {clip.digest} lasts {clip.seconds:.2f} s and its shot {shown_s:.2f} s: {limit}", digest=clip.digest)
    # Slowed, the clip's first and last frame are the shot's, so that it comes to no rest.
    step = clip.fps / fps if speed == 1.0 else (clip.frames - 1) / max(shown - 1, 1)
    return Pace(clip, plan.motion_start, step, speed < 1.0)


class FootageReader:
    """Reads a shot's footage at the size of its canvas; holds two frames, and starts the process again when asked for an earlier one."""

    def __init__(self, footage: Footage, pace: Pace, size: tuple[int, int], files: Files, zoom: float = 1.0) -> None:
        self._pace, self._clip = pace, footage.clip
        self._path = files.path(footage.clip.digest)
        self._folder = Path(tempfile.mkdtemp(prefix="footage-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        if footage.grade:
            shutil.copyfile(files.path(footage.grade), self._folder / _TABLE)
        left, top, width, height = (round(side * zoom / 2) * 2 for side in footage.box)
        self.size = round(size[0] * zoom / 2) * 2, round(size[1] * zoom / 2) * 2
        self._filters = frame_filters(footage.clip, (left, top, width, height), self.size, _TABLE if footage.grade else "")
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
        pipe = OutputPipe([*seek, "-vf", self._filters, "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"], inside=self._folder)
        self._end = weakref.finalize(self, pipe.close)
        self._next = index
        return pipe

    def _take(self, pipe: OutputPipe) -> None:
        frame = self._spare.pop()
        if not pipe.read_into(frame.buffer.data):
            raise ToolError(f"clip {self._clip.digest} ends at frame {self._next} of {self._clip.frames}; fetch it again", digest=self._clip.digest)
        self._held[self._next] = frame
        self._next += 1
