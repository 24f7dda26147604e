"""The sound bus: voice over a ducked music bed, mixed once, then brought to level."""

from dataclasses import dataclass
from pathlib import Path

from tools.base import ToolError
from tools.sound_level import RATE_HZ, SILENT_LUFS, USUAL, Level, Sound, bring_to_level
from tools.vendors.ffmpeg.client import measure_lufs, parse_lufs, run

# Frames of one size on both inputs: the compressor's result must not depend on which decoder was faster.
_EVEN = "asetnsamples=n=1024:p=0"
_BED_DB = -11.0


@dataclass(frozen=True)
class Bed:
    """Music to lie under the voice: a file that is looped, its loudness when known, and a gain on top of the usual level."""

    path: Path
    lufs: float | None = None
    gain_db: float = 0.0


def make_sound(voice: Path, bed: Bed | None, seconds: float, folder: Path, level: Level = USUAL) -> Sound:
    """Mix, bring to -14 LUFS and -1 dBTP, and encode.

    `seconds` is the exact length of the track. The music is ducked by the voice through a side-chain compressor; its
    level is set relative to the voice.
    """
    mixed = folder / "mix.wav"
    before = _mix(voice, bed, seconds, mixed)
    if before <= SILENT_LUFS:
        raise ToolError("narration.audio is silent; voice it again")
    return bring_to_level(mixed, before, seconds, folder, level)


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
