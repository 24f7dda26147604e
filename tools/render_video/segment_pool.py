"""A warm segment process: its lanes take segments from both ends of the film, so each shot is decoded once."""

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.errors import StudioError
from infra.settings import CHECKOUT
from memory.media import ArtifactCorrupt, ArtifactMissing, DiskFull
from tools.base import ToolError, ToolRetry
from tools.render_video.film import Film, Request
from tools.render_video.timeline import Segment
from tools.vendors.ffmpeg.client import FfmpegFailed, die_with_parent

_REPORT_EVERY_S = 0.25
_MOST_LANES = 4
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from tools.render_video.segment_process import main; main()"
_ERRORS: dict[str, type[StudioError]] = {kind.code: kind for kind in (ArtifactCorrupt, ArtifactMissing, DiskFull, FfmpegFailed, ToolError)}


class SegmentFailed(ToolRetry):
    """A segment process died without saying why (killed, or out of memory); the segments already made are kept."""

    code = "segment_process_died"


class Lane:
    """The parent's end of one lane of the segment process: a pipe there and a pipe back, one JSON line per message."""

    def __init__(self) -> None:
        self.theirs_in, there = os.pipe()
        back, self.theirs_out = os.pipe()
        self._there, self._back = open(there, "w"), open(back)  # noqa: SIM115 - closed in close

    def started(self) -> None:
        """Let go of the ends that the process holds now."""
        os.close(self.theirs_in)
        os.close(self.theirs_out)

    def send(self, request: Request) -> None:
        """Hand a request to the lane."""
        try:
            self._there.write(request.model_dump_json() + "\n")
            self._there.flush()
        except BrokenPipeError:
            raise SegmentFailed("the segment process ended before it took its work; the job is tried again") from None

    def receive(self) -> dict[str, Any]:
        """Return the next report; raise the error it names."""
        line = self._back.readline()
        if not line:
            raise SegmentFailed("the segment process ended; the job is tried again with the segments that are done")
        report: dict[str, Any] = json.loads(line)
        if "error" in report:
            raise _ERRORS.get(report["error"], ToolError)(report["message"])
        return report

    def close(self) -> None:
        """Close both pipes."""
        for stream in (self._there, self._back):
            try:
                stream.close()
            except BrokenPipeError:
                pass


class SegmentProcess:
    """One process that draws on several lanes at once; it starts on first use and again when it has gone.

    The loops that draw release the interpreter's lock, so lanes are threads: they share code, fonts and memory.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._process: subprocess.Popen[bytes] | None = None
        self.lanes: list[Lane] = []

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process unless it runs; its life is bound to the calling thread's."""
        if self.pid is not None:
            return
        self.stop()
        self.forget()
        self.lanes = [Lane() for _ in range(self._count)]
        ends = [str(end) for lane in self.lanes for end in (lane.theirs_in, lane.theirs_out)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, str(CHECKOUT), *ends],
            stdin=subprocess.DEVNULL,
            pass_fds=[int(end) for end in ends],
            preexec_fn=die_with_parent,
        )
        for lane in self.lanes:
            lane.started()

    def wait(self) -> None:
        """Wait until the process that runs now has ended, and take its exit from the kernel."""
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """End the process now."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None

    def forget(self) -> None:
        """Close the pipes of a process that has ended; call it when no thread reads them any more."""
        for lane in self.lanes:
            lane.close()
        self.lanes = []


@dataclass
class _Shift:
    """The work of one film, shared by the threads that feed the lanes."""

    film: Film
    queue: deque[tuple[int, Segment, Path]]
    frames: dict[bool, int] = field(default_factory=dict)
    failures: list[StudioError] = field(default_factory=list)
    finished: deque[int] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, front: bool) -> tuple[int, Segment, Path] | None:
        """Take the next segment from one end; None when all is taken or something failed."""
        try:
            return None if self.failures else (self.queue.popleft() if front else self.queue.pop())
        except IndexError:
            return None

    def feed(self, process: SegmentProcess, lane: Lane, front: bool) -> None:
        """Keep one lane busy until nothing is left; a failure is kept for the caller."""
        try:
            while (item := self.take(front)) is not None:
                number, segment, output = item
                lane.send(Request(number=number, film=self.film, segment=segment, output=str(output)))
                self._follow(lane, front, "composed")
            lane.send(Request(number=-1, film=self.film))
            self._follow(lane, front, "drained")
        except SegmentFailed as error:
            self.failures.append(error)
            process.stop()
        except StudioError as error:
            self.failures.append(error)

    def _follow(self, lane: Lane, front: bool, until: str) -> None:
        report: dict[str, Any] = {}
        while until not in report:
            report = lane.receive()
            with self.lock:
                self.frames[front] = self.frames.get(front, 0) + int(report.get("frames", 0))
            if "done" in report:
                self.finished.append(report["done"])


class SegmentPool:
    """The segment process shared by all films of this worker: one lane, and one single-threaded encoder, per core."""

    def __init__(self, count: int | None = None) -> None:
        self._process = SegmentProcess(count or max(1, min(_MOST_LANES, os.cpu_count() or 1)))
        self._lock = threading.Lock()
        self._feeding: list[threading.Thread] = []

    @property
    def pids(self) -> list[int]:
        """Process ids of what runs."""
        return [self._process.pid] if self._process.pid is not None else []

    def encode(self, film: Film, work: list[tuple[int, Segment, Path]], drawn: Callable[[int], None], done: Callable[[int], None]) -> None:
        """Encode every (number, segment, output), telling the calling thread of progress.

        `drawn(frames)` gets the number of frames composed so far, `done(number)` each segment whose file is complete.
        The lanes take from both ends of the film, so neighbours share the shots they have decoded. When a callback
        raises, the process is ended and the error passes on.
        """
        if not work:
            return
        with self._lock:
            shift = _Shift(film, deque(work))
            # Started here, not in a feeding thread: the kernel binds a child's life to the thread that forked it.
            self._start()
            lanes = self._process.lanes[: len(work)]
            threads = [threading.Thread(target=shift.feed, args=(self._process, lane, index % 2 == 0), daemon=True) for index, lane in enumerate(lanes)]
            for thread in threads:
                thread.start()
            self._feeding = threads
            with ExitStack() as unless_done:
                unless_done.callback(self.close)
                for thread in threads:
                    while thread.is_alive():
                        thread.join(_REPORT_EVERY_S)
                        drawn(sum(shift.frames.values()))
                        while shift.finished:
                            done(shift.finished.popleft())
                while shift.finished:
                    done(shift.finished.popleft())
                unless_done.pop_all()
        if shift.failures:
            raise shift.failures[0]

    def _start(self) -> None:
        if self._process.pid is None:
            self._process.start()
            threading.Thread(target=self._tidy, name="segments-end", daemon=True).start()

    def _tidy(self) -> None:
        """Close what a process left open that has ended by itself, as it does when it has been idle for long; it may not be needed again."""
        self._process.wait()
        with self._lock:
            if self._process.pid is None:
                self._process.stop()
                self._process.forget()

    def close(self) -> None:
        """End the process and close its pipes."""
        self._process.stop()
        for thread in self._feeding:  # they read that it has ended
            thread.join()
        self._process.forget()
