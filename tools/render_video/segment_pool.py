"""Warm segment processes: two of them take segments from both ends of the film, so each shot is decoded once."""

import json
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
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from tools.render_video.segment_process import main; main()"
_ERRORS: dict[str, type[StudioError]] = {kind.code: kind for kind in (ArtifactCorrupt, ArtifactMissing, DiskFull, FfmpegFailed, ToolError)}


class SegmentFailed(ToolRetry):
    """A segment process died without saying why (killed, or out of memory); the segments already made are kept."""

    code = "segment_process_died"


class SegmentProcess:
    """The parent's end of one segment process; it starts on first use and again when it has gone."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process unless it runs; its life is bound to the calling thread's."""
        if self.pid is not None:
            return
        self.stop()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, str(CHECKOUT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )

    def send(self, request: Request) -> None:
        """Hand a request to the running process."""
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.write(request.model_dump_json() + "\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                raise SegmentFailed("a segment process ended before it took its work; the job is tried again") from None

    def receive(self) -> dict[str, Any]:
        """Return the next report; raise the error it names."""
        line = self._process.stdout.readline() if self._process is not None and self._process.stdout is not None else ""
        if not line:
            code = self._process.wait() if self._process is not None else None
            raise SegmentFailed(f"a segment process ended with code {code}; the job is tried again with the segments that are done")
        report: dict[str, Any] = json.loads(line)
        if "error" in report:
            raise _ERRORS.get(report["error"], ToolError)(report["message"])
        return report

    def stop(self) -> None:
        """End the process now."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass
        self._process = None


@dataclass
class _Shift:
    """The work of one film, shared by the threads that feed the processes."""

    film: Film
    queue: deque[tuple[int, Segment, Path]]
    frames: dict[bool, int] = field(default_factory=dict)
    failures: list[StudioError] = field(default_factory=list)

    def take(self, front: bool) -> tuple[int, Segment, Path] | None:
        """Take the next segment from one end; None when all is taken or something failed."""
        try:
            return None if self.failures else (self.queue.popleft() if front else self.queue.pop())
        except IndexError:
            return None

    def feed(self, member: SegmentProcess, front: bool) -> None:
        """Keep one process busy until nothing is left; a failure ends the process and is kept for the caller."""
        try:
            while (item := self.take(front)) is not None:
                number, segment, output = item
                member.send(Request(number=number, film=self.film, segment=segment, output=str(output)))
                self._follow(member, front, "composed")
            member.send(Request(number=-1, film=self.film))
            self._follow(member, front, "drained")
        except StudioError as error:
            self.failures.append(error)
            member.stop()

    def _follow(self, member: SegmentProcess, front: bool, until: str) -> None:
        report: dict[str, Any] = {}
        while until not in report:
            report = member.receive()
            self.frames[front] = self.frames.get(front, 0) + int(report.get("frames", 0))


class SegmentPool:
    """A fixed number of segment processes shared by all films of this worker."""

    def __init__(self, count: int = 2) -> None:
        self._members = [SegmentProcess() for _ in range(count)]
        self._lock = threading.Lock()

    @property
    def pids(self) -> list[int]:
        """Process ids of the members that run."""
        return [member.pid for member in self._members if member.pid is not None]

    def encode(self, film: Film, work: list[tuple[int, Segment, Path]], drawn: Callable[[int], None]) -> None:
        """Encode every (number, segment, output); `drawn(frames)` is called from this thread with the number of frames composed so far.

        The members take from both ends of the film, so neighbours share the shots they have decoded. When `drawn`
        raises, the processes are ended and the error passes on.
        """
        if not work:
            return
        with self._lock:
            shift = _Shift(film, deque(work))
            members = self._members[: max(1, min(len(self._members), len(work)))]
            for member in members:
                # Started here, not in a feeding thread: the kernel binds a child's life to the thread that forked it.
                member.start()
            threads = [threading.Thread(target=shift.feed, args=(member, index % 2 == 0), daemon=True) for index, member in enumerate(members)]
            for thread in threads:
                thread.start()
            with ExitStack() as unless_done:
                unless_done.callback(self.close)
                for thread in threads:
                    while thread.is_alive():
                        thread.join(_REPORT_EVERY_S)
                        drawn(sum(shift.frames.values()))
                unless_done.pop_all()
        if shift.failures:
            raise shift.failures[0]

    def close(self) -> None:
        """End every process."""
        for member in self._members:
            member.stop()
