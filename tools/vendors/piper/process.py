# SPDX-License-Identifier: GPL-3.0-or-later
# This one file is a stand-alone program under the GNU General Public License, version 3 or later, because it uses Piper and
# espeak-ng. No other file imports it: the studio starts it as a process and speaks to it over pipes.
"""Stand-alone GPL program: reads requests as JSON lines and answers with frames of JSON and raw float32 samples.

A frame is two big-endian 32-bit lengths, a JSON head and a body. Requests:
{"op": "say", "text", "words", "length_scale", "noise_scale", "noise_w", "offset"} answers {"samples", "rate", "phonemes",
"widths", "alone", "model_s"} and samples * 4 bytes; {"op": "bare", ...} answers the bare model's seconds.
A request that cannot be served answers {"error"}. Ends when its input closes, when its parent dies, or after `--idle-s`.
"""

import argparse
import ctypes
import json
import os
import select
import signal
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from piper import PiperVoice
from piper.config import PiperConfig

_PR_SET_PDEATHSIG = 1
_BOS, _EOS, _PAD = "^", "$", "_"


@dataclass
class Request:
    """One text to speak and how: scales as in Piper's own configuration, `offset` picks the noise."""

    text: str
    words: list[str]
    length_scale: float
    noise_scale: float
    noise_w: float
    offset: int


class Speaker:
    """A loaded voice: text to phonemes, phonemes to samples and to the number of samples of each phoneme."""

    def __init__(self, model: Path, config: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.voice = PiperVoice(session=session, config=PiperConfig.from_dict(json.loads(config.read_text("utf-8"))))
        self.known = self.voice.config.phoneme_id_map

    def phonemes(self, text: str) -> list[list[str]]:
        """Return the phonemes of each part that espeak-ng takes for a sentence, only those the model knows."""
        parts = [[one for one in part if one in self.known] for part in self.voice.phonemize(text)]
        return [part for part in parts if part]

    def infer(self, phonemes: list[str], request: Request) -> tuple[np.ndarray, np.ndarray, float]:
        """Return samples, samples per phoneme id, and the seconds the model itself took."""
        ids = np.array([self.voice.phonemes_to_ids(phonemes)], dtype=np.int64)
        scales = np.array([request.noise_scale, request.length_scale, request.noise_w], dtype=np.float32)
        feed = {"input": ids, "input_lengths": np.array([ids.shape[1]], np.int64), "scales": scales, "noise_offset": np.array([request.offset], np.int64)}
        started = time.perf_counter()
        audio, frames = self.voice.session.run(None, feed)[:2]
        took = time.perf_counter() - started
        return audio.reshape(-1), frames.reshape(-1).astype(np.int64) * self.voice.config.hop_length, took

    def grouped(self, phonemes: list[str], widths: np.ndarray) -> list[int]:
        """Sum the samples of a phoneme's ids, with the padding id after it, in the order `^ phonemes $`."""
        sizes = [len(self.known[one]) + (0 if one == _EOS else len(self.known[_PAD])) for one in (_BOS, *phonemes, _EOS)]
        edges = np.concatenate(([0], np.cumsum(sizes)))
        if edges[-1] != len(widths):
            raise ValueError(f"{len(widths)} widths for {edges[-1]} phoneme ids")
        return [int(widths[start:stop].sum()) for start, stop in zip(edges[:-1], edges[1:], strict=True)]

    def say(self, request: Request) -> tuple[dict[str, Any], bytes]:
        """Speak one request; parts follow one another without a gap."""
        audio: list[np.ndarray] = []
        phonemes: list[str] = []
        widths: list[int] = []
        model_s = 0.0
        for part in self.phonemes(request.text):
            samples, per_id, took = self.infer(part, request)
            group = self.grouped(part, per_id)
            if sum(group) != len(samples):
                raise ValueError(f"{sum(group)} aligned samples for {len(samples)} samples")
            audio.append(samples)
            phonemes += [_BOS, *part, _EOS]
            widths += group
            model_s += took
        joined = np.concatenate(audio).astype("<f4") if audio else np.zeros(0, "<f4")
        alone = [[one for part in self.phonemes(word) for one in part] for word in request.words]
        head = {"samples": len(joined), "rate": self.voice.config.sample_rate, "phonemes": phonemes, "widths": widths, "alone": alone, "model_s": model_s}
        return head, joined.tobytes()

    def bare(self, request: Request) -> tuple[dict[str, Any], bytes]:
        """Time the model alone on one request: the floor that the narration stage is compared with."""
        return {"model_s": sum(self.infer(part, request)[2] for part in self.phonemes(request.text))}, b""


class Lines:
    """Lines of standard input, with a limit on the wait for the next one."""

    def __init__(self, idle_s: float) -> None:
        self.idle_s = idle_s
        self.held = b""

    def next(self) -> bytes | None:
        """Return the next line, or None when the input closed or nothing came in time."""
        while b"\n" not in self.held:
            if not select.select([0], [], [], self.idle_s)[0]:
                return None
            data = os.read(0, 1 << 16)
            if not data:
                return None
            self.held += data
        line, self.held = self.held.split(b"\n", 1)
        return line


def bind_to_parent(parent: int) -> None:
    """Ask the kernel to kill this process with its parent; leave now if the parent is already gone."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


def send(head: dict[str, Any], body: bytes) -> None:
    """Write one frame to standard output."""
    encoded = json.dumps(head).encode()
    sys.stdout.buffer.write(struct.pack(">II", len(encoded), len(body)) + encoded + body)
    sys.stdout.buffer.flush()


def serve(speaker: Speaker, lines: Lines) -> None:
    """Answer requests until there are none."""
    while (line := lines.next()) is not None:
        values = json.loads(line)
        operation = speaker.bare if values.pop("op") == "bare" else speaker.say
        try:
            head, body = operation(Request(**values))
        except (ValueError, ArithmeticError, RuntimeError) as error:
            head, body = {"error": str(error)}, b""
        send(head, body)


def main() -> None:
    """Read the command line, load the voice, say so, and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--idle-s", type=float, default=180.0)
    parser.add_argument("--parent", type=int, required=True)
    options = parser.parse_args()
    bind_to_parent(options.parent)
    speaker = Speaker(options.model, options.config, options.threads)
    send({"ready": True, "rate": speaker.voice.config.sample_rate}, b"")
    serve(speaker, Lines(options.idle_s))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()
