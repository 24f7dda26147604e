"""The door to the ffmpeg program."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra.settings import CHECKOUT
from memory.media import DiskFull
from tools.vendors.ffmpeg.client import FfmpegFailed, InputPipe, failure, measure_loudness, parse_loudness, read_stdout, run

TONE = ["-f", "lavfi", "-i", "sine=frequency=1000:sample_rate=48000:duration=3"]


def test_a_failed_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed, match="No such file"):
        run(["-i", str(tmp_path / "nothing.mp4"), "-f", "null", "-"])


def test_an_endless_run_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed, match="longer than"):
        run(["-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"], timeout_s=0.3)


def test_only_files_and_pipes_may_be_read() -> None:
    with pytest.raises(FfmpegFailed, match=r"whitelist|Invalid argument"):
        run(["-i", "http://127.0.0.1:9/film.mp4", "-f", "null", "-"])


def test_a_full_disk_is_told_apart() -> None:
    assert isinstance(failure("av_interleaved_write_frame(): No space left on device", 1), DiskFull)


def test_loudness_is_measured_by_the_standard(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    run([*TONE, "-af", "volume=-17dB,pan=stereo|c0=c0|c1=c0", str(path)])
    measured = measure_loudness(path)
    # EBU Tech 3341: a stereo 1 kHz sine of -23 dBFS has -23 LUFS; lavfi's sine has an amplitude of 1/8.
    assert measured.integrated_lufs == pytest.approx(-18.06 - 17, abs=0.3)
    assert measured.true_peak_dbtp == pytest.approx(-18.06 - 17, abs=0.3)


def test_a_missing_summary_is_an_error_and_silence_is_a_figure() -> None:
    with pytest.raises(FfmpegFailed, match="no loudness summary"):
        parse_loudness("nothing here")
    assert parse_loudness("Summary:\n I: -70.0 LUFS\n LRA: 0.0 LU\n Peak: -inf dBFS").true_peak_dbtp == -120.0


def test_writing_to_a_process_that_died_raises_what_it_died_of(tmp_path: Path) -> None:
    pipe = InputPipe(["-f", "rawvideo", "-s", "0x0", "-i", "pipe:0", str(tmp_path / "x.mp4")])
    with pytest.raises(FfmpegFailed, match="code"):
        pipe.write(bytes(1 << 26))


def test_output_is_read_to_its_end() -> None:
    parts: list[bytes] = []
    read_stdout([*TONE, "-f", "s16le", "pipe:1"], lambda stream: parts.append(stream.read()))
    assert len(parts[0]) == 3 * 48_000 * 2


def test_an_encoder_dies_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from tools.vendors.ffmpeg.client import InputPipe\n"
        "pipe = InputPipe(['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', '64x64', '-i', 'pipe:0', sys.argv[2]])\n"
        "print(pipe._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(CHECKOUT), str(tmp_path / "x.mp4")], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + 5
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_worker_that_ends_ends_its_segment_process_and_leaves_none_running() -> None:
    code = "from tools.render_video.tool import segment_pool as p; p()._process.start(); print(*p().pids)"
    done = subprocess.run([sys.executable, "-W", "always", "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert not psutil.pid_exists(int(done.stdout))
    assert "still running" not in done.stderr, done.stderr
