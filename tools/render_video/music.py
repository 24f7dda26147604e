"""A music bed from arithmetic: slow chords, a soft bass and plucks, seeded, one mood at a time; no samples."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.fft import irfft, rfft
from numpy.typing import NDArray

from infra.ids import seeded

RATE_HZ = 48_000
# The mean level of every bed, and the loudness that all moods measure at it within half a unit.
BED_DBFS = -24.0
BED_LUFS = -22.0
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Score:
    """What a mood is made of: tempo, key (MIDI note of the root), chords as scale offsets, and how dense the plucks are."""

    bars_per_minute: float
    root: int
    progressions: tuple[tuple[tuple[int, ...], ...], ...]
    pluck_share: float
    pluck_octave: int
    brightness: float


_MAJOR_9, _MINOR_9 = (0, 4, 7, 14), (0, 3, 7, 14)

SCORES: dict[str, Score] = {
    "calm": Score(
        17.0,
        45,
        (((0, 7, 12, 16), (-4, 3, 8, 15), (-7, 5, 9, 12), (-2, 5, 10, 14)), ((0, 7, 12, 16), (-3, 4, 9, 16), (5, 9, 12, 17), (-5, 2, 7, 14))),
        0.30,
        24,
        0.35,
    ),
    "bright": Score(
        26.0,
        48,
        (((0, 7, 12, 16), (-5, 2, 7, 11), (-3, 4, 9, 12), (-7, 5, 9, 12)), ((0, 7, 12, 16), (5, 9, 12, 17), (-3, 4, 9, 12), (-5, 2, 7, 14))),
        0.62,
        24,
        0.60,
    ),
    "tense": Score(
        20.0,
        40,
        (((0, 7, 12, 15), (-4, 3, 8, 12), (1, 5, 8, 13), (0, 7, 10, 15)), ((0, 7, 12, 15), (-2, 5, 10, 13), (-4, 3, 8, 12), (-5, 2, 7, 11))),
        0.42,
        12,
        0.28,
    ),
    "wonder": Score(
        15.0,
        43,
        (((0, 7, 14, 16), (2, 9, 14, 18), (-3, 4, 11, 16), (-7, 5, 9, 16)), ((0, 7, 11, 16), (-4, 3, 8, 15), (-2, 5, 10, 14), (0, 7, 14, 19))),
        0.45,
        36,
        0.45,
    ),
}
_BARS = 16


def write_bed(mood: str, seed: int, target: Path) -> None:
    """Write a seamless loop of 16 bars as 48 kHz stereo 16-bit WAV of a fixed level; the same mood and seed give the same bytes."""
    score = SCORES[mood]
    source = seeded("music", mood, seed)
    # A multiple of 4,800 samples keeps the length of the loop friendly to the Fourier transform.
    bar = round(60.0 / score.bars_per_minute * RATE_HZ / 4800) * 4800
    loop = np.zeros((bar * _BARS, 2), np.float32)
    root = score.root + source.choice((-2, 0, 0, 2, 3))
    chords = [chord for _ in range(_BARS // 4) for chord in source.choice(score.progressions)]
    # Chords and notes come back, so each is computed once.
    pads = {chord: _pad(bar, [root + 12 + step for step in chord], score.brightness) for chord in sorted(set(chords))}
    basses = {chord: _bass(bar, root + chord[0] - (12 if chord[0] > 0 else 0)) for chord in pads}
    plucks: dict[int, NDArray[np.float32]] = {}
    for index, chord in enumerate(chords):
        _add(loop, index * bar, pads[chord])
        _add(loop, index * bar, basses[chord])
        for eighth in range(8):
            if source.random() < score.pluck_share * (1.15 if eighth % 2 == 0 else 0.7):
                note = root + score.pluck_octave + source.choice(chord)
                if note not in plucks:
                    plucks[note] = _pluck(note)
                _add(loop, index * bar + eighth * bar // 8, plucks[note][:, None] * _panned(source.uniform(0.55, 1.0), source.uniform(-0.7, 0.7)))
    _room(loop, seed)
    # In place, and written bar by bar: a loop of a minute would otherwise lie in memory five times.
    loop *= 10 ** (BED_DBFS / 20) / float(np.sqrt(np.mean(np.square(loop))))
    with wave.open(str(target), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for start in range(0, len(loop), bar):
            file.writeframes((np.clip(loop[start : start + bar], -1, 1) * 32767).astype("<i2").tobytes())


def _add(loop: Samples, start: int, sound: Samples) -> None:
    """Add a sound at a position; what reaches beyond the end comes back at the start, so the loop has no seam."""
    room = min(len(loop) - start, len(sound))
    loop[start : start + room] += sound[:room]
    loop[: len(sound) - room] += sound[room:]


def _hertz(note: float) -> float:
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def _pad(length: int, notes: list[int], brightness: float) -> Samples:
    """A chord of detuned partials that swells in and fades into the next bar."""
    total = int(length * 1.45)
    time = np.arange(total) / RATE_HZ
    rise = np.minimum(1.0, time / (0.35 * length / RATE_HZ))
    fall = np.clip((total - np.arange(total)) / (0.45 * length), 0.0, 1.0)
    envelope = (np.sin(rise * np.pi / 2) ** 2 * np.sin(fall * np.pi / 2) ** 2).astype(np.float32)
    sound = np.zeros((total, 2), np.float32)
    for voice, note in enumerate(notes):
        swell = 1.0 + 0.12 * np.sin(2 * np.pi * (0.11 + 0.03 * voice) * time)
        for side, detune in ((0, -0.045), (1, 0.045)):
            phase = 2 * np.pi * _hertz(note + detune) * time + voice * 1.7
            sine, cosine = np.sin(phase), np.cos(phase)
            # The second and third partial by the multiple-angle formulas, which cost no further sine.
            tone = sine + brightness * sine * cosine + brightness**2 * 0.33 * sine * (3 - 4 * sine * sine)
            sound[:, side] += (tone * swell).astype(np.float32)
    padded: Samples = sound * envelope[:, None] * np.float32(0.055)
    return padded


def _bass(length: int, note: int) -> Samples:
    total = int(length * 1.1)
    time = np.arange(total) / RATE_HZ
    envelope = np.minimum(1.0, time / 0.08) * np.clip((total - np.arange(total)) / (0.25 * length), 0.0, 1.0)
    base = 2 * np.pi * _hertz(note) * time
    tone = (np.sin(base) + 0.25 * np.sin(2 * base)) * envelope * 0.075
    return np.repeat(tone.astype(np.float32)[:, None], 2, axis=1)


def _pluck(note: int) -> NDArray[np.float32]:
    """A soft mallet: sine partials with a short decay."""
    time = np.arange(int(1.8 * RATE_HZ)) / RATE_HZ
    base = 2 * np.pi * _hertz(note) * time
    tone = np.sin(base) * np.exp(-time * 3.2) + 0.28 * np.sin(2.0 * base) * np.exp(-time * 6.0) + 0.10 * np.sin(4.0 * base) * np.exp(-time * 14.0)
    shaped: NDArray[np.float32] = (tone * np.minimum(1.0, time / 0.006) * np.clip((1.8 - time) / 0.2, 0.0, 1.0) * 0.055).astype(np.float32)
    return shaped


def _panned(strength: float, side: float) -> Samples:
    """Gains of both channels by equal power."""
    angle = (side + 1) * np.pi / 4
    return np.array([[np.cos(angle), np.sin(angle)]], np.float32) * np.float32(strength)


def _room(loop: Samples, seed: int) -> None:
    """Add a diffuse tail in place: circular convolution with decaying noise, so the tail of the end is heard at the start."""
    length = int(1.6 * RATE_HZ)
    decay = np.exp(-np.arange(length) / (0.38 * RATE_HZ))
    source = np.random.default_rng(seed % (1 << 32))
    for side in (0, 1):
        noise = source.standard_normal(length) * decay
        tail = np.zeros(len(loop), np.float32)
        tail[:length] = noise / np.sqrt((noise**2).sum())
        spectrum = rfft(loop[:, side])
        spectrum *= rfft(tail)
        loop[:, side] += 0.35 * irfft(spectrum, len(loop))
