"""The body of the segment process: each lane reads requests as JSON lines, draws frames, pipes them to an ffmpeg of its own."""

import json
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import cv2

from infra.clock import SYSTEM_CLOCK
from infra.errors import StudioError
from memory.media import MediaStore
from tools.render_video.caption_layout import CaptionLayout
from tools.render_video.caption_raster import CaptionRaster
from tools.render_video.encoding import segment_arguments
from tools.render_video.film import Film, Request
from tools.render_video.heap import return_large_blocks, trim
from tools.render_video.kernels import compile_kernels
from tools.render_video.planes import Frame, paste
from tools.render_video.shot_canvas import ShotCanvas, Stage
from tools.render_video.timeline import PagePlan, Segment, ShotPlan
from tools.vendors.ffmpeg.client import InputPipe, die_with_parent

_IDLE_S = 180.0
_LOOK_EVERY_S = 5.0
_KEPT_SHOTS = 2
_REPORT_EVERY = 15


class Painter:
    """Draws the frames of segments of one film; keeps the last two shots and caption pages, nothing else."""

    def __init__(self, film: Film) -> None:
        self.film = film
        ground = (int(film.ground[1:3], 16), int(film.ground[3:5], 16), int(film.ground[5:7], 16))
        self._kernels = compile_kernels(Path(film.cache_root) / "numba")
        trim()
        self._stage = Stage(film.width, film.height, film.fps, ground, self._kernels)
        self._store = MediaStore(Path(film.media_root))
        self._captions = CaptionRaster(CaptionLayout(film.captions, film.format, (film.width, film.height)))
        self._shots: OrderedDict[str, ShotCanvas] = OrderedDict()
        self._prepared: tuple[Segment | None, list[ShotCanvas]] = (None, [])
        self._frame = Frame.empty(film.width, film.height)
        self._other = Frame.empty(film.width, film.height)

    def prepare(self, segment: Segment) -> list[ShotCanvas]:
        """Decode the shots of a segment, so that its first frame comes without delay."""
        if segment is not self._prepared[0]:
            self._prepared = (segment, [self._canvas(view) for view in segment.shots])
        return self._prepared[1]

    def draw(self, segment: Segment, number: int) -> Frame:
        """Draw frame `number` of a segment; the returned frame is valid until the next call."""
        shots = self.prepare(segment)
        shots[0].draw(number - segment.shots[0].start, self._frame)
        if len(shots) == 2:
            shots[1].draw(number - segment.shots[1].start, self._other)
            share = (number + 1) / (segment.frames + 1)
            weight = round(256 * share * share * (3 - 2 * share))
            flat = [frame.buffer.reshape(self.film.height, -1) for frame in (self._frame, self._other)]
            self._kernels.mix(flat[0], flat[1], flat[0], weight)
        for page in segment.pages:
            if page.start <= number < page.end:
                patch = self._captions.patch(page.words, spoken_word(page, number))
                if patch is not None:
                    paste(self._kernels, self._frame, patch)
        return self._frame

    def _canvas(self, view: ShotPlan) -> ShotCanvas:
        # The key leaves out `start`, which only says where the segment cuts the shot.
        key = view.model_copy(update={"start": 0}).model_dump_json()
        if key not in self._shots:
            self._shots[key] = ShotCanvas(view, self._stage, self._store)
        self._shots.move_to_end(key)
        while len(self._shots) > _KEPT_SHOTS:
            self._shots.popitem(last=False)[1].close()
        return self._shots[key]


def spoken_word(page: PagePlan, number: int) -> int:
    """Return the index of the word that is being spoken at a frame, or was last; -1 before the first."""
    return sum(1 for start in page.word_frames if start <= number) - 1


class Server:
    """Answers requests: composes one segment while the encoder of the one before drains."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output
        self._painter: Painter | None = None
        self._draining: list[tuple[int, InputPipe]] = []

    def answer(self, request: Request) -> None:
        """Carry out one request and report on the output."""
        if request.segment is None:
            self._settle(0)
            self._say(drained=request.number)
            return
        if self._painter is None or self._painter.film != request.film:
            self._painter = Painter(request.film)
        # The next shot is decoded while the encoder of the last segment drains; two encoders at once would cost its memory twice.
        self._painter.prepare(request.segment)
        # Decoding leaves as much behind as it keeps.
        trim()
        self._settle(0)
        film, segment = request.film, request.segment
        pipe = InputPipe(segment_arguments((film.width, film.height), film.fps, Path(request.output)))
        with ExitStack() as unless_done:
            unless_done.callback(pipe.kill)
            for number in range(segment.frames):
                pipe.write(self._painter.draw(segment, number).buffer.data)
                if (number + 1) % _REPORT_EVERY == 0:
                    self._say(frames=_REPORT_EVERY)
            unless_done.pop_all()
        self._say(frames=segment.frames % _REPORT_EVERY)
        pipe.finish()
        self._draining.append((request.number, pipe))
        self._say(composed=request.number)

    def abandon(self) -> None:
        """Kill encoders that still run; called before reporting a failure."""
        for _, pipe in self._draining:
            pipe.kill()
        self._draining.clear()

    def _settle(self, keep: int) -> None:
        while len(self._draining) > keep:
            number, pipe = self._draining.pop(0)
            pipe.wait()
            self._say(done=number)

    def _say(self, **values: int) -> None:
        self._output.write(json.dumps(values) + "\n")
        self._output.flush()


class Pulse:
    """When any lane last worked, so that a process that has had nothing to do for three minutes ends and holds no memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = 0
        self._rested = SYSTEM_CLOCK.monotonic()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Mark a lane as busy."""
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                self._rested = SYSTEM_CLOCK.monotonic()

    def idle_s(self) -> float:
        """Return how long nothing has been drawn."""
        with self._lock:
            return 0.0 if self._busy else SYSTEM_CLOCK.monotonic() - self._rested


def serve(source: IO[str], output: IO[str], pulse: Pulse) -> None:
    """Answer the requests of one lane until its input ends."""
    server = Server(output)
    for line in source:
        with pulse.working():
            try:
                server.answer(Request.model_validate_json(line))
            except StudioError as error:
                server.abandon()
                output.write(json.dumps({"error": error.code, "message": error.message}) + "\n")
                output.flush()


def _lane(ends: tuple[int, int], pulse: Pulse, ended: threading.Event) -> None:
    """Serve one lane; whatever ends it ends the process, which takes the encoders of the other lanes along."""
    try:
        with open(ends[0]) as source, open(ends[1], "w") as output:
            serve(source, output, pulse)
    finally:
        ended.set()


def main() -> None:
    """Run as a child process whose life is bound to its parent's; the arguments name two pipe ends per lane."""
    die_with_parent()
    return_large_blocks()
    # The lanes keep the cores busy; more threads below them would only take turns.
    cv2.setNumThreads(1)
    ends = [int(end) for end in sys.argv[2:]]
    pulse, ended = Pulse(), threading.Event()
    for pair in zip(ends[::2], ends[1::2], strict=True):
        threading.Thread(target=_lane, args=(pair, pulse, ended), daemon=True).start()
    while pulse.idle_s() < _IDLE_S and not ended.wait(_LOOK_EVERY_S):
        pass


if __name__ == "__main__":
    main()
