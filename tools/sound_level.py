"""A sound track brought to the platform's level: gain and a look-ahead limiter, measured on the encoded file and corrected until it fits."""

from dataclasses import dataclass
from pathlib import Path

from tools.vendors.ffmpeg.client import Loudness, measure_loudness, run

TARGET_LUFS = -14.0
PEAK_LIMIT_DBTP = -1.0
RATE_HZ = 48_000
SILENT_LUFS = -65.0
_NEAR_LU = 0.65
_SAFE_DBTP = -1.15
_MOST_ROUNDS = 4


@dataclass(frozen=True)
class Sound:
    """The encoded sound track and what was measured on it."""

    path: Path
    loudness: Loudness


@dataclass(frozen=True)
class Level:
    """Decibels by which a track shall differ from the usual loudness and peak, after a gate measured it as off."""

    gain_db: float = 0.0
    ceiling_db: float = 0.0


USUAL = Level()


def bring_to_level(mixed: Path, before: float, seconds: float, folder: Path, level: Level = USUAL) -> Sound:
    """Encode a mix of loudness `before` (LUFS) to AAC 192 kb/s stereo 48 kHz of exactly `seconds`, at -14 LUFS and at most -1 dBTP.

    Method: two-step gain and look-ahead limiter at twice the rate, because AAC overshoots by about 1 dB.
    """
    wanted, safe = TARGET_LUFS + level.gain_db, _SAFE_DBTP + level.ceiling_db
    gain, ceiling = wanted - before, -2.4 + level.ceiling_db
    encoded = folder / "sound.m4a"
    for _ in range(_MOST_ROUNDS):
        _level(mixed, gain, ceiling, seconds, encoded)
        after = measure_loudness(encoded)
        off = wanted - after.integrated_lufs
        over = after.true_peak_dbtp - safe
        if abs(off) <= _NEAR_LU and over <= 0:
            break
        gain += off if abs(off) > _NEAR_LU / 2 else 0.0
        ceiling -= max(over + 0.1, 0.0)
    return Sound(encoded, after)


def _level(mixed: Path, gain: float, ceiling: float, seconds: float, target: Path) -> None:
    """Apply a gain and a limiter at 96 kHz (so that it sees peaks between samples), and encode."""
    limit = 10 ** (ceiling / 20)
    limiter = f"aresample=96000,alimiter=limit={limit:.5f}:attack=4:release=60:level=0,aresample={RATE_HZ}"
    graph = f"volume={gain:.3f}dB,{limiter},atrim=end_sample={round(seconds * RATE_HZ)}"
    codec = ["-c:a", "aac", "-b:a", "192k", "-ac", "2", "-ar", str(RATE_HZ), "-flags:a", "+bitexact", "-fflags", "+bitexact"]
    run(["-i", str(mixed), "-af", graph, *codec, "-map_metadata", "-1", "-f", "mp4", str(target)], timeout_s=3600)
