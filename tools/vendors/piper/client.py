"""Speaks to the Piper process over pipes: warm, restarted when it dies, unloaded by itself when idle."""

import atexit
import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from infra.clock import SYSTEM_CLOCK
from infra.errors import Unavailable

_PROGRAM = Path(__file__).with_name("process.py")
_LOAD_LIMIT_S = 90.0
_SENTENCE_LIMIT_S = 120.0
_STOP_LIMIT_S = 5.0


class VoiceProcessLost(Unavailable):
    """The speaking process died or did not answer in time; a new one is started at the next call."""

    code = "voice_process_lost"


class VoiceRefused(Unavailable):
    """The speaking process is well but could not speak that text."""

    code = "voice_refused"
    retryable = False


@dataclass(frozen=True)
class Request:
    """One text to speak: `words` are its spoken words, `offset` picks the noise (same offset, same sound)."""

    text: str
    words: tuple[str, ...]
    length_scale: float = 1.0
    noise_scale: float = 0.667
    noise_w: float = 0.8
    offset: int = 0


@dataclass(frozen=True)
class Utterance:
    """What was spoken: float samples, and phonemes with their lengths in samples, which sum to the samples.

    `alone[i]` holds the phonemes of the request's word i spoken by itself; `model_s` is the model's own time in seconds.
    """

    samples: NDArray[np.float32]
    rate: int
    phonemes: tuple[str, ...]
    widths: tuple[int, ...]
    alone: tuple[tuple[str, ...], ...]
    model_s: float


class Speaker(Protocol):
    """The port of a voice that tells how long each phoneme lasts."""

    def say_all(self, requests: Sequence[Request]) -> Iterator[Utterance]:
        """Speak each request in order. Raises `VoiceProcessLost` (try again) or `VoiceRefused` (do not)."""
        ...


class PiperClient:
    """One warm Piper process; calls from several threads wait for one another."""

    def __init__(self, model: Path, config: Path, threads: int = 2, idle_s: float = 180.0) -> None:
        self._command = [
            sys.executable,
            "-I",
            str(_PROGRAM),
            "--model",
            str(model),
            "--config",
            str(config),
            "--threads",
            str(threads),
            "--idle-s",
            str(idle_s),
        ]
        self._lock = threading.Lock()
        self._running: _Process | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the living speaking process, None when there is none."""
        return self._running.pid if self._running is not None and self._running.is_alive() else None

    def say_all(self, requests: Sequence[Request]) -> Iterator[Utterance]:
        """Speak each request in order; the next one is already being spoken while the caller works on this one.

        Raises `VoiceProcessLost` (the process died twice or hung) or `VoiceRefused` (it cannot speak that text).
        """
        with self._lock:
            index, failures = 0, 0
            try:
                while index < len(requests):
                    try:
                        head, body = self._next(requests, index)
                    except VoiceProcessLost:
                        self._drop()
                        failures += 1
                        if failures > 1:
                            raise
                        continue
                    index += 1
                    yield _utterance(head, body)
            finally:
                if index < len(requests):
                    # An unread answer would be taken for the next caller's: only a fresh process is in step again.
                    self._drop()

    def bare_s(self, requests: Sequence[Request]) -> float:
        """Return the seconds that the model alone takes for the requests: the floor of the narration stage."""
        with self._lock:
            process = self._warm()
            total = 0.0
            for request in requests:
                process.send("bare", request)
                total += float(process.receive()[0]["model_s"])
            return total

    def close(self) -> None:
        """End the process; the next call starts a new one."""
        with self._lock:
            self._drop()

    def _next(self, requests: Sequence[Request], index: int) -> tuple[dict[str, Any], bytes]:
        """Return the answer to request `index`, and have the one after it begun."""
        process = self._warm()
        if process.ahead == 0:
            process.send("say", requests[index])
        answer = process.receive()
        if index + 1 < len(requests):
            process.send("say", requests[index + 1])
        return answer

    def _warm(self) -> "_Process":
        if self._running is None or not self._running.is_alive():
            self._drop()
            self._running = _Process(self._command, self._ended)
        return self._running

    def _ended(self, process: "_Process") -> None:
        """Close what an ended process left open, unless somebody did: it ends by itself when it has been idle for long, and may not be needed again."""
        with self._lock:
            if self._running is process:
                self._drop()

    def _drop(self) -> None:
        if self._running is not None:
            self._running.stop()
        self._running = None


class _Process:
    """The child and its pipes. Its owner thread lives as long as it does: the kernel's parent-death signal is sent when
    the *thread* that started a process ends, and tools may run in threads that end early."""

    def __init__(self, command: Sequence[str], ended: Callable[["_Process"], None]) -> None:
        self.ahead = 0
        self._ended = ended
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        started: SimpleQueue[subprocess.Popen[bytes] | OSError] = SimpleQueue()
        threading.Thread(target=self._own, args=([*command, "--parent", str(os.getpid())], started), name="piper-owner", daemon=True).start()
        child = started.get()
        if isinstance(child, OSError):
            raise VoiceProcessLost(f"piper could not be started: {child}") from child
        self._child = child
        try:
            self._frame(_LOAD_LIMIT_S)
        except VoiceProcessLost:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self._child.pid

    def is_alive(self) -> bool:
        return self._child.poll() is None

    def send(self, operation: str, request: Request) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps({"op": operation, **asdict(request)}).encode() + b"\n")
        except OSError as error:
            raise self._lost("closed its input") from error
        self.ahead += 1

    def receive(self) -> tuple[dict[str, Any], bytes]:
        head, body = self._frame(_SENTENCE_LIMIT_S)
        self.ahead -= 1
        if "error" in head:
            raise VoiceRefused(f"piper cannot speak this text: {head['error']}")
        return head, body

    def stop(self) -> None:
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass
        try:
            self._child.wait(_STOP_LIMIT_S if self._child.poll() is not None else 0.2)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(_STOP_LIMIT_S)
        self._log.close()

    def _own(self, command: Sequence[str], started: "SimpleQueue[subprocess.Popen[bytes] | OSError]") -> None:
        try:
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, bufsize=0)
        except OSError as error:
            started.put(error)
            return
        started.put(child)
        child.wait()
        self._ended(self)

    def _frame(self, limit_s: float) -> tuple[dict[str, Any], bytes]:
        deadline = SYSTEM_CLOCK.monotonic() + limit_s
        head_size, body_size = struct.unpack(">II", self._read_exactly(8, deadline))
        head: dict[str, Any] = json.loads(self._read_exactly(head_size, deadline))
        return head, self._read_exactly(body_size, deadline)

    def _read_exactly(self, size: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            parts += self._read(size - len(parts), deadline)
        return bytes(parts)

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._child.stdout is not None
        if not select.select([self._child.stdout], [], [], max(0.0, deadline - SYSTEM_CLOCK.monotonic()))[0]:
            raise self._lost("did not answer in time")
        data = os.read(self._child.stdout.fileno(), size)
        if not data:
            raise self._lost("ended")
        return data

    def _lost(self, what: str) -> VoiceProcessLost:
        self._log.seek(0)
        last = self._log.read().decode("utf-8", "replace").strip().splitlines()[-1:]
        return VoiceProcessLost(f"the piper process {what}{': ' + last[0] if last else ''}", pid=self._child.pid)


@cache
def warm_client(model: Path, config: Path) -> PiperClient:
    """Return this worker's one client of that voice, whose process ends with the worker."""
    client = PiperClient(model, config)
    atexit.register(client.close)
    return client


def _utterance(head: dict[str, Any], body: bytes) -> Utterance:
    samples = np.frombuffer(body, dtype="<f4").astype(np.float32)
    alone = tuple(tuple(word) for word in head["alone"])
    return Utterance(samples, int(head["rate"]), tuple(head["phonemes"]), tuple(head["widths"]), alone, float(head["model_s"]))
