"""A film that is encoded on every core while the service is asked, by the renderer and at the priority that a stack gives it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from evals.film_scene import STYLE, make_film
from infra.clock import SYSTEM_CLOCK
from infra.errors import Unavailable
from infra.processes import kill_session, step_back
from infra.settings import CHECKOUT, Settings
from memory.media import MediaStore
from tools.render_video.kernels import compile_kernels
from tools.render_video.schema import Args

# Longer than any bench takes to encode; of few pictures, which are drawn before.
_FILM_S, _SHOTS = 1800.0, 8
_READY_WITHIN_S, _ALONE_S = 120.0, 1.0
_CHILD = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
from infra.settings import Settings
from memory.media import MediaStore
from tools.base import ToolContext
from tools.render_video.schema import Args
from tools.render_video.tool import run
settings = Settings(home=pathlib.Path(sys.argv[2]), media="")
settings.scratch_root.mkdir(parents=True, exist_ok=True)
run(Args.model_validate_json(sys.argv[3]), ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=settings.scratch_root))
"""


class Render:
    """A renderer that goes on and rests as it is told; `cores` says how many it took while it went on, `cores_alone` how many while nobody asked anything."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._took_s = self._went_s = 0.0
        self.cores_alone = 0.0

    @property
    def cores(self) -> float:
        """The processor time that it took in a second of going on."""
        return self._took_s / self._went_s if self._went_s else 0.0

    @contextmanager
    def going(self) -> Iterator[None]:
        """Let it go on for the block; raises Unavailable when it has ended."""
        self._signal(signal.SIGCONT)
        begun, before = SYSTEM_CLOCK.monotonic(), self._cpu_s()
        try:
            yield
        finally:
            self._went_s += SYSTEM_CLOCK.monotonic() - begun
            self._took_s += self._cpu_s() - before
            self._signal(signal.SIGSTOP)

    def go_alone(self, seconds: float) -> None:
        """Let it go on for so long, while nobody asks anything, and count that apart."""
        with self.going():
            time.sleep(seconds)
        self.cores_alone, self._took_s, self._went_s = self.cores, 0.0, 0.0

    def encodes(self) -> bool:
        """Whether it has come as far as to encode on as many cores as there are."""
        if self._process.poll() is not None:
            raise Unavailable("the bench's render ended before it was to")
        encoders = [one for one in psutil.Process(self._process.pid).children(recursive=True) if one.name().startswith("ffmpeg")]
        return len(encoders) >= len(os.sched_getaffinity(0))

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is not None:
            raise Unavailable("the bench's render ended before it was to")
        os.killpg(self._process.pid, number)

    def _cpu_s(self) -> float:
        total = 0.0
        root = psutil.Process(self._process.pid)
        for one in (root, *root.children(recursive=True)):
            try:
                times = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total


@contextmanager
def resting_render() -> Iterator[Render]:
    """Start the render of a long film, wait until it encodes, and let it rest until it is told to go on."""
    home = Path(tempfile.mkdtemp(prefix="ytempire-bench-render-"))
    process = None
    try:
        settings = Settings(home=home, media="")
        compile_kernels(settings.cache_root / "numba")
        storyboard, narration = make_film(MediaStore(settings.media_root), _SHOTS, _FILM_S)
        args = Args(storyboard=storyboard, narration=narration, captions=STYLE)
        command = [sys.executable, "-c", _CHILD, str(CHECKOUT), str(home), args.model_dump_json()]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=step_back)
        render = Render(process)
        gives_up_at = SYSTEM_CLOCK.monotonic() + _READY_WITHIN_S
        while not render.encodes():
            if SYSTEM_CLOCK.monotonic() > gives_up_at:
                raise Unavailable(f"the bench's render did not encode within {_READY_WITHIN_S:g} s")
            time.sleep(0.1)
        render.go_alone(_ALONE_S)
        yield render
    finally:
        if process is not None:
            kill_session(process.pid)
            process.wait()
        shutil.rmtree(home, ignore_errors=True)
