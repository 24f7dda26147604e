"""The sound bus: voice over a ducked music bed, mixed once, then brought to level and limited for the encoded file."""

from dataclasses import dataclass
from pathlib import Path

from tools.base import ToolError
from tools.vendors.ffmpeg.client import Loudness, measure_loudness, measure_lufs, parse_lufs, run

TARGET_LUFS = -14.0
PEAK_LIMIT_DBTP = -1.0
RATE_HZ = 48_000
# Frames of one size on both inputs: the compressor's result must not depend on which decoder was faster.
_EVEN = "asetnsamples=n=1024:p=0"
_BED_DB = -11.0
_NEAR_LU = 0.65
_SAFE_DBTP = -1.15
_MOST_ROUNDS = 4
_SILENT_LUFS = -65.0


@dataclass(frozen=True)
class Sound:
    """The encoded sound track and what was measured on it."""

    path: Path
    loudness: Loudness


@dataclass(frozen=True)
class Bed:
    """Music to lie under the voice: a file that is looped, its loudness when known, and a gain on top of the usual level."""

    path: Path
    lufs: float | None = None
    gain_db: float = 0.0


@dataclass(frozen=True)
class Level:
    """Decibels by which a track shall differ from the usual loudness and peak, after a gate measured it as off."""

    gain_db: float = 0.0
    ceiling_db: float = 0.0


_USUAL = Level()


def make_sound(voice: Path, bed: Bed | None, seconds: float, folder: Path, level: Level = _USUAL) -> Sound:
    """Mix, measure, level, encode to AAC 192 kb/s stereo 48 kHz, measure the encoded file, and correct until it meets -14 LUFS and -1 dBTP.

    `seconds` is the exact length of the track. The music is ducked by the voice through a side-chain compressor; its
    level is set relative to the voice. Method: two-step gain and look-ahead limiter at twice the rate, because
    AAC overshoots by about 1 dB.
    """
    mixed = folder / "mix.wav"
    before = _mix(voice, bed, seconds, mixed)
    if before <= _SILENT_LUFS:
        raise ToolError("narration.audio is silent; voice it again")
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


def _mix(voice: Path, music: Bed | None, seconds: float, target: Path) -> float:
    """Write the mix as 32-bit float WAV of exactly `seconds` and return its loudness in LUFS, in one pass."""
    length = f"apad,atrim=end_sample={round(seconds * RATE_HZ)},asetpts=N/SR/TB"
    meter = "ebur128=framelog=quiet"
    speech = f"aresample={RATE_HZ}:resampler=soxr,aformat=sample_fmts=fltp:channel_layouts=stereo,highpass=f=60"
    inputs = ["-i", str(voice)]
    if music is None:
        graph = f"[0:a]{speech},{length},{meter}[out]"
    else:
        inputs += ["-stream_loop", "-1", "-i", str(music.path)]
        fade = max(seconds - 2.0, 0.0)
        bed = f"aresample={RATE_HZ},aformat=sample_fmts=fltp:channel_layouts=stereo,{length},volume={_bed_gain(voice, music):.2f}dB"
        graph = (
            f"[0:a]{speech},{length},{_EVEN},asplit=2[voice][key];"
            f"[1:a]{bed},afade=t=in:d=0.6,afade=t=out:st={fade:.3f}:d=2,{_EVEN}[bed];"
            "[bed][key]sidechaincompress=threshold=0.03:ratio=6:attack=25:release=420:makeup=1[ducked];"
            f"[voice][ducked]amix=inputs=2:normalize=0:duration=first,{meter}[out]"
        )
    args = [*inputs, "-filter_complex", graph, "-map", "[out]", "-c:a", "pcm_f32le", "-fflags", "+bitexact", "-rf64", "auto", str(target)]
    return parse_lufs(run(args, timeout_s=3600, loglevel="info"))


def _bed_gain(voice: Path, music: Bed) -> float:
    """Return the gain in dB that sets the music below the voice by its own loudness, before ducking."""
    played = music.lufs if music.lufs is not None else measure_lufs(music.path)
    return measure_lufs(voice) + _BED_DB + music.gain_db - max(played, -60.0)


def _level(mixed: Path, gain: float, ceiling: float, seconds: float, target: Path) -> None:
    """Apply a gain and a limiter at 96 kHz (so that it sees peaks between samples), and encode."""
    limit = 10 ** (ceiling / 20)
    limiter = f"aresample=96000,alimiter=limit={limit:.5f}:attack=4:release=60:level=0,aresample={RATE_HZ}"
    graph = f"volume={gain:.3f}dB,{limiter},atrim=end_sample={round(seconds * RATE_HZ)}"
    codec = ["-c:a", "aac", "-b:a", "192k", "-ac", "2", "-ar", str(RATE_HZ), "-flags:a", "+bitexact", "-fflags", "+bitexact"]
    run(["-i", str(mixed), "-af", graph, *codec, "-map_metadata", "-1", "-f", "mp4", str(target)], timeout_s=3600)
