"""How fast, smooth and frugal rendering is, beside the encoder alone and beside MoviePy, interleaved in one run."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
from moviepy import VideoClip
from numpy.typing import NDArray

from evals.film_scene import STYLE, make_film, make_narration, make_still_film
from evals.moviepy_scene import assemble_by_the_manual
from infra.settings import CHECKOUT, Settings
from memory.artifacts import Storyboard
from memory.media import MediaStore
from tools.base import ToolContext
from tools.render_video.encoding import x264_options
from tools.render_video.kernels import compile_kernels
from tools.render_video.moviepy_composer import Picture, assemble, write
from tools.render_video.schema import Args
from tools.render_video.segment_process import Painter
from tools.render_video.tool import Work, run, segment_pool
from tools.vendors.ffmpeg.client import run as run_ffmpeg

_SHOT_S = 3.75
# Stock photographs are larger than the frame: 2880x1620 for a frame of 1920x1080.
_SOURCE_SCALE = 1.5
# What of the film MoviePy draws, as shares: four seconds of thirty, with one cross-fade in them.
_MOVIEPY_SHARE = (0.0625, 0.0625 + 4 / 30)
# A process that holds nothing but the renderer, as a worker does.
_MEMORY_CHILD = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
from infra.settings import Settings
from memory.media import MediaStore
from tools.base import ToolContext
from tools.render_video.schema import Args
from tools.render_video.tool import run, segment_pool
settings = Settings(home=pathlib.Path(sys.argv[2]), media="")
settings.scratch_root.mkdir(parents=True, exist_ok=True)
run(Args.model_validate_json(sys.argv[3]), ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=settings.scratch_root))
segment_pool().close()
"""


def measure_render(settings: Settings, seconds: float = 30.0, rounds: int = 3, memory: bool = True) -> dict[str, Any]:
    """Measure a film of `seconds` (at least eight shots) `rounds` times and return medians.

    `limit_s` encodes the same frames from a y4m file with the same settings and the encoder's own threads; `ours_s` is
    the finished file with sound and captions from a warm pool and empty caches. `moviepy_s` is a MoviePy pipeline of the
    same scene, written as its manual writes one (`evals.moviepy_scene`); `composer_s` is our second composer, MoviePy
    tuned by us: layers flattened and captions drawn by our own code. All read the same sources, photographs half as large
    again as the frame. Both MoviePy figures are the picture alone (no sound, no measured loudness): the whole film
    is assembled once, a stretch of it is written with the same encoder settings and two threads, and only the writing is scaled by length.
    `edit_ratio` is a re-render after one shot changed; `jitter_px` is the root mean square deviation of tracked patches from smooth motion.
    """
    with _bench(settings) as bench:
        film = _FilmBench(bench, seconds)
        film.warm()
        rows = [film.round() for _ in range(rounds)]
        result: dict[str, Any] = {key: round(statistics.median(row[key] for row in rows), 3) for key in rows[0]}
        result["jitter_px"] = round(tracked_jitter(bench), 4)
        result["ours_to_limit"] = round(statistics.median(row["ours_s"] / row["limit_s"] for row in rows), 3)
        result["ours_to_limit_cpu"] = round(statistics.median(row["ours_cpu_s"] / row["limit_cpu_s"] for row in rows), 3)
        for peer in ("moviepy", "composer"):
            result[f"{peer}_to_ours"] = round(statistics.median(row[f"{peer}_s"] / row["ours_s"] for row in rows), 2)
            result[f"{peer}_to_ours_cpu"] = round(statistics.median(row[f"{peer}_cpu_s"] / row["ours_cpu_s"] for row in rows), 2)
    if memory:
        result["rss_mb_1min"] = peak_memory_mb(settings, 60.0)
        result["rss_mb_10min"] = peak_memory_mb(settings, 600.0)
    return {**result, "seconds": seconds, "rounds": rounds, "moviepy_measured_on_s": round(seconds * (_MOVIEPY_SHARE[1] - _MOVIEPY_SHARE[0]), 2)}


@contextmanager
def _bench(settings: Settings) -> Iterator[ToolContext]:
    """A home of its own in memory where there is enough, so that disks do not enter the figures."""
    fast = Path("/dev/shm")  # noqa: S108 - a folder of our own is made inside  # nosec B108
    room = fast.is_dir() and shutil.disk_usage(fast).free > 6_000_000_000
    home = Path(tempfile.mkdtemp(prefix="ytempire-bench-", dir=fast if room else _made(settings.scratch_root)))
    try:
        yield _context(settings.model_copy(update={"home": home}))
    finally:
        segment_pool().close()
        shutil.rmtree(home, ignore_errors=True)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _context(settings: Settings) -> ToolContext:
    return ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=_made(settings.scratch_root / "film"))


class _FilmBench:
    """One film and the ways to make it."""

    def __init__(self, ctx: ToolContext, seconds: float) -> None:
        self.ctx = ctx
        storyboard, narration = make_film(ctx.store, max(8, round(seconds / _SHOT_S)), seconds, source_scale=_SOURCE_SCALE)
        self.args = Args(storyboard=storyboard, narration=narration, captions=STYLE)
        self.board = Storyboard.model_validate_json(ctx.store.read(storyboard))
        self.frames = ctx.scratch / "frames.y4m"
        dump_frames(Work(self.args, ctx), self.frames)
        self.edits = 0

    def warm(self) -> None:
        """Start the segment processes and load their code, as a worker has done after its first job."""
        storyboard, narration = make_film(self.ctx.store, 2, 1.0)
        run(Args(storyboard=storyboard, narration=narration, captions=STYLE), self.ctx)

    def round(self) -> dict[str, float]:
        """Run each way once."""
        used = [_cpu_seconds()]
        limit = _seconds(self._encode_only)
        used.append(_cpu_seconds())
        self._forget()
        ours = _seconds(lambda: run(self.args, self.ctx))
        used.append(_cpu_seconds())
        edited = self._edited()
        edit = _seconds(lambda: run(edited, self.ctx))
        used.append(_cpu_seconds())
        moviepy, moviepy_cpu = self._moviepy(assemble_by_the_manual)
        composer, composer_cpu = self._moviepy(assemble)
        cpu = {"limit_cpu_s": used[1] - used[0], "ours_cpu_s": used[2] - used[1], "moviepy_cpu_s": moviepy_cpu, "composer_cpu_s": composer_cpu}
        clock = {"limit_s": limit, "ours_s": ours, "moviepy_s": moviepy, "composer_s": composer}
        return {**clock, "edit_s": edit, "edit_ratio": edit / ours, **cpu}

    def _encode_only(self) -> None:
        output = ["-an", *x264_options(self.args.fps, 0), "-f", "mp4", str(self.ctx.scratch / "limit.mp4")]
        run_ffmpeg(["-i", str(self.frames), *output], timeout_s=1800)

    def _forget(self) -> None:
        for namespace in ("render_segment", "sound_track"):
            shutil.rmtree(self.ctx.store.keys / namespace, ignore_errors=True)

    def _edited(self) -> Args:
        """The same film with one shot in the middle changed."""
        self.edits += 1
        shots = list(self.board.shots)
        middle = len(shots) // 2
        shots[middle] = shots[middle].model_copy(update={"zoom_to": shots[middle].zoom_to + 0.001 * self.edits})
        board = self.board.model_copy(update={"shots": tuple(shots)})
        return self.args.model_copy(update={"storyboard": self.ctx.store.put_bytes(board.model_dump_json().encode())})

    def _moviepy(self, scene: Callable[[Picture], VideoClip]) -> tuple[float, float]:
        """Return the seconds and processor seconds that MoviePy takes for the whole film, its writing scaled from a stretch."""
        begun, used = time.perf_counter(), _cpu_seconds()
        work = Work(self.args, self.ctx)
        clip = scene(Picture(work.film(), self.board, work.pages, self.ctx.store))
        ready, ready_used = time.perf_counter(), _cpu_seconds()
        start, end = (share * work.seconds for share in _MOVIEPY_SHARE)
        write(clip.subclipped(start, end), self.args.fps, self.ctx.scratch / "moviepy.mp4")
        scale = work.seconds / (end - start)
        return ready - begun + (time.perf_counter() - ready) * scale, ready_used - used + (_cpu_seconds() - ready_used) * scale


def dump_frames(work: Work, target: Path) -> None:
    """Write every frame of a film, captions included, as y4m."""
    painter = Painter(work.film())
    with target.open("wb") as file:
        file.write(f"YUV4MPEG2 W{work.width} H{work.height} F{work.args.fps}:1 Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\n".encode())
        for segment in work.segments:
            for number in range(segment.frames):
                file.write(b"FRAME\n")
                file.write(painter.draw(segment, number).buffer.data)


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _cpu_seconds() -> float:
    """Processor time of this process, the segment processes and every child they have collected: steadier than the clock on a shared machine."""
    total = 0.0
    for pid in (None, *segment_pool().pids):
        times = psutil.Process(pid).cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def tracked_jitter(ctx: ToolContext, frames: int = 60) -> float:
    """Return how far tracked patches stray from smooth motion, in pixels per frame (root mean square).

    Method: affine ECC registration of four patches between consecutive uncompressed frames of a push without
    captions; the residual of each displacement series from its quadratic fit.
    """
    storyboard, narration = make_film(ctx.store, 1, frames / 30)
    work = Work(Args(storyboard=storyboard, narration=narration, captions=STYLE), ctx)
    plan = work.segments[0].shots[0]
    ground = plan.model_copy(update={"layers": plan.layers[:1]})
    segment = work.segments[0].model_copy(update={"pages": (), "shots": (ground,)})
    painter = Painter(work.film())
    patches = [(0.2, 0.2), (0.7, 0.2), (0.2, 0.7), (0.7, 0.7)]
    moved: list[list[tuple[float, float]]] = [[] for _ in patches]
    before: NDArray[np.uint8] | None = None
    for number in range(frames):
        luma = painter.draw(segment, number).planes[0].copy()
        if before is not None:
            for series, at in zip(moved, patches, strict=True):
                series.append(_displacement(before, luma, at))
        before = luma
    residuals = [_residual(np.array(series)[:, axis]) for series in moved for axis in (0, 1)]
    return float(np.sqrt(np.mean(np.square(np.concatenate(residuals)))))


def _displacement(one: NDArray[np.uint8], two: NDArray[np.uint8], at: tuple[float, float]) -> tuple[float, float]:
    size = 160
    top, left = int(at[1] * one.shape[0]), int(at[0] * one.shape[1])
    views = [np.asarray(cv2.GaussianBlur(plane[top : top + size, left : left + size], (5, 5), 1.0), np.uint8) for plane in (one, two)]
    warp = np.eye(2, 3, dtype=np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-7)
    _, found = cv2.findTransformECC(views[0], views[1], warp, cv2.MOTION_AFFINE, stop, np.full((size, size), 255, np.uint8), 1)
    middle = np.array([size / 2, size / 2, 1.0])
    shift = np.asarray(found, np.float64) @ middle - middle[:2]
    return float(shift[0]), float(shift[1])


def _residual(series: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = np.arange(len(series))
    smooth: NDArray[np.float64] = series - np.polyval(np.polyfit(steps, series, 2), steps)
    return smooth


def peak_memory_mb(settings: Settings, seconds: float) -> float:
    """Return the peak of the private memory of a fresh renderer and all its children while it makes a plain film of `seconds`."""
    home = tempfile.mkdtemp(prefix="memory-", dir=_made(settings.scratch_root))
    try:
        # As on a machine that has rendered before: the compiler is not part of what a film needs.
        compile_kernels(Settings(home=Path(home)).cache_root / "numba")
        store = MediaStore(Settings(home=Path(home), media="").media_root)
        args = Args(storyboard=make_still_film(store, seconds), narration=make_narration(store, seconds), captions=STYLE)
        child = subprocess.Popen([sys.executable, "-c", _MEMORY_CHILD, str(CHECKOUT), home, args.model_dump_json()], stdout=subprocess.DEVNULL)
        peak = 0.0
        while child.poll() is None:
            peak = max(peak, _tree_mb(child.pid))
            time.sleep(0.25)
        if child.returncode != 0:
            raise RuntimeError(f"the memory run of {seconds:.0f} s ended with code {child.returncode}")
        return round(peak, 1)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _tree_mb(pid: int) -> float:
    """Sum the private pages of a process and its descendants; one that has just ended counts nothing."""
    total = 0
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for process in tree:
        try:
            total += process.memory_full_info().uss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 1e6
