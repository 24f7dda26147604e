"""The only door to the ffmpeg program: argument lists, local files only, bound to the life of its parent."""

import ctypes
import fcntl
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import imageio_ffmpeg

from memory.media import DiskFull
from tools.base import ToolError

_PR_SET_PDEATHSIG = 1
_PIPE_BYTES = 1 << 20
_LIBC = ctypes.CDLL(None, use_errno=True)
_NO_SPACE = ("No space left on device", "Disk quota exceeded", "File too large")


class FfmpegFailed(ToolError):
    """An ffmpeg process ended with an error; `stderr` holds its last words."""

    code = "ffmpeg_failed"


@dataclass(frozen=True)
class Loudness:
    """Programme loudness by ITU-R BS.1770 (gated) and true peak by four-fold oversampling."""

    integrated_lufs: float
    true_peak_dbtp: float
    range_lu: float


@lru_cache(maxsize=1)
def binary() -> str:
    """Return the path of the ffmpeg program: the one of the wheel, or the one that IMAGEIO_FFMPEG_EXE names."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def die_with_parent() -> None:
    """Ask the kernel to kill the calling process when its parent thread ends (Linux; elsewhere nothing happens)."""
    prctl = getattr(_LIBC, "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def command(args: Sequence[str], loglevel: str = "error") -> list[str]:
    """Return the argument list of one ffmpeg run; inputs may only be local files and pipes."""
    return [binary(), "-hide_banner", "-nostdin", "-y", "-loglevel", loglevel, "-protocol_whitelist", "file,pipe", *args]


def run(args: Sequence[str], timeout_s: float = 600.0, loglevel: str = "error") -> str:
    """Run ffmpeg to its end and return what it wrote to stderr; raise `FfmpegFailed` or `DiskFull`."""
    try:
        done = subprocess.run(
            command(args, loglevel),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=timeout_s,
            check=False,
            preexec_fn=die_with_parent,
        )
    except subprocess.TimeoutExpired as error:
        raise FfmpegFailed(f"ffmpeg ran longer than {timeout_s:.0f} s and was stopped; give it a shorter input or a longer limit") from error
    text = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0:
        raise failure(text, done.returncode)
    return text


def failure(stderr: str, code: int) -> Exception:
    """Turn the last words of a failed ffmpeg into the error that says what happened."""
    words = " | ".join(line.strip() for line in stderr.strip().splitlines()[-4:])
    if any(mark in stderr for mark in _NO_SPACE):
        return DiskFull(f"ffmpeg found no room on the disk: {words}; free some disk and resume")
    return FfmpegFailed(f"ffmpeg ended with code {code}: {words or 'no message'}", stderr=stderr[-2000:], returncode=code)


class InputPipe:
    """An ffmpeg process that is fed bytes on its standard input: raw frames or samples.

    Use as a context manager: leaving it normally closes the input and waits; leaving it by an exception kills the process.
    """

    def __init__(self, args: Sequence[str]) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in _reap
        line = [word for word in command(args) if word != "-nostdin"]
        self._process = subprocess.Popen(
            line,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            bufsize=0,
            preexec_fn=die_with_parent,
        )
        if self._process.stdin is None:
            raise FfmpegFailed("ffmpeg gave no standard input")
        self._input = self._process.stdin
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(self._input, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def write(self, data: bytes | memoryview) -> None:
        """Send all of `data`; raise what ffmpeg died of when it no longer reads."""
        view = memoryview(data).cast("B")
        try:
            while view:
                sent = self._input.write(view)
                view = view[sent or 0 :]
        except BrokenPipeError:
            raise self._reap() from None

    def finish(self) -> None:
        """Close the input and return at once; `wait` collects the process."""
        try:
            self._input.close()
        except BrokenPipeError:
            raise self._reap() from None

    def wait(self) -> None:
        """Wait for the end of the process and raise when it failed."""
        self._process.wait()
        if self._process.returncode != 0:
            raise self._reap()
        self._stderr.close()

    def kill(self) -> None:
        """End the process without keeping what it wrote."""
        self._process.kill()
        self._process.wait()
        self._close_input()
        self._stderr.close()

    def _close_input(self) -> None:
        try:
            self._input.close()
        except BrokenPipeError:
            pass

    def _reap(self) -> Exception:
        self._close_input()
        code = self._process.wait()
        self._stderr.seek(0)
        text = self._stderr.read().decode("utf-8", "replace")
        self._stderr.close()
        return failure(text, code)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self.kill()
            return
        self.finish()
        self.wait()


class OutputPipe:
    """An ffmpeg process whose standard output is read piece by piece: raw frames. `close` ends it, whether or not it has come to its end."""

    def __init__(self, args: Sequence[str]) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close
        self._process = subprocess.Popen(
            command(args), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._stderr, bufsize=0, preexec_fn=die_with_parent
        )
        if self._process.stdout is None:
            raise FfmpegFailed("ffmpeg gave no standard output")
        self._output = self._process.stdout
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def read_into(self, target: memoryview) -> bool:
        """Fill `target`; False at the end of the output, whose last incomplete piece is dropped. Raises what ffmpeg died of."""
        view = target.cast("B")
        while view:
            count = self._output.readinto(view)  # type: ignore[attr-defined]
            if not count:
                self._raise_failure()
                return False
            view = view[count:]
        return True

    def _raise_failure(self) -> None:
        code = self._process.wait()
        if code != 0:
            self._stderr.seek(0)
            raise failure(self._stderr.read().decode("utf-8", "replace"), code)

    def close(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._output.close()
        self._stderr.close()


def read_stdout(args: Sequence[str], consume: Callable[[IO[bytes]], None]) -> str:
    """Run ffmpeg with its output on a pipe that `consume` reads to its end; return the complaints, raise when either fails."""
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            command(args),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            preexec_fn=die_with_parent,
        )
        try:
            if process.stdout is not None:
                consume(process.stdout)
        finally:
            if process.stdout is not None:
                process.stdout.close()
            code = process.wait()
        stderr.seek(0)
        text = stderr.read().decode("utf-8", "replace")
    if code != 0:
        raise failure(text, code)
    return text


def measure_loudness(path: Path) -> Loudness:
    """Measure a file's first audio stream with the `ebur128` filter (EBU R 128, ITU-R BS.1770-4)."""
    return parse_loudness(run(["-i", str(path), "-map", "0:a:0", "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"], loglevel="info"))


def measure_lufs(path: Path) -> float:
    """Measure the integrated loudness alone: looking for true peaks costs as much again."""
    return parse_lufs(run(["-i", str(path), "-map", "0:a:0", "-af", "ebur128=framelog=quiet", "-f", "null", "-"], loglevel="info"))


def parse_loudness(stderr: str) -> Loudness:
    """Read the summary that `ebur128` prints at the end; silence is reported as -70 LUFS and a peak of -120 dBTP."""
    return Loudness(parse_lufs(stderr), _figure(stderr, r"Peak:", -120.0), _figure(stderr, r"LRA:", 0.0))


def parse_lufs(stderr: str) -> float:
    """Read the integrated loudness of that summary."""
    return _figure(stderr, r"I:", -70.0)


def _figure(stderr: str, pattern: str, silent: float) -> float:
    found = re.search(pattern + r"\s*(-?inf|-?nan|-?[\d.]+)", stderr[stderr.rfind("Summary:") :])
    if found is None:
        raise FfmpegFailed("ffmpeg printed no loudness summary; does the file have an audio stream?", stderr=stderr[-1000:])
    word = found.group(1)
    return silent if "inf" in word or "nan" in word else float(word)
