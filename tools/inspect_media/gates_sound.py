"""Checks of the sound."""

from memory.artifacts import GateResult
from tools.inspect_media.schema import Limits
from tools.inspect_media.soundtrack import Soundtrack

_CLIPPED_SHARE = 2e-5


def sound_gates(sound: Soundtrack, limits: Limits) -> list[GateResult]:
    """Check loudness, true peak, silences and clipping."""
    tolerance = limits.loudness_tolerance_lu
    off = abs(sound.integrated_lufs - limits.loudness_lufs)
    longest = max(sound.silences, key=lambda span: span[1], default=(0.0, 0.0))
    where = f" at {longest[0]:.1f} s" if longest[1] else ""
    return [
        _gate("loudness", off <= tolerance + 0.05, f"{sound.integrated_lufs:.1f} LUFS", f"{limits.loudness_lufs} +-{tolerance} LUFS").figured(
            sound.integrated_lufs, limits.loudness_lufs
        ),
        _gate("true_peak", sound.true_peak_dbtp <= limits.true_peak_dbtp, f"{sound.true_peak_dbtp:.1f} dBTP", f"at most {limits.true_peak_dbtp} dBTP").figured(
            sound.true_peak_dbtp, limits.true_peak_dbtp
        ),
        _gate("silence", longest[1] <= limits.silence_s, f"longest {longest[1]:.2f} s{where}", f"at most {limits.silence_s} s", "narrate").figured(
            longest[1], limits.silence_s, longest[0]
        ),
        _gate("clipping", sound.clipped_share <= _CLIPPED_SHARE, f"{sound.clipped_share * 100:.4f}% of samples", f"at most {_CLIPPED_SHARE * 100}%"),
    ]


def offset_gate(offsets: tuple[float, float], fps: float) -> GateResult:
    """Check that the narration is heard when the storyboard thinks it is, at both ends of the film."""
    frame = 1.0 / fps
    worst = max(abs(offsets[0]), abs(offsets[1]))
    measured = f"{offsets[0] * 1000:+.0f} ms at the start, {offsets[1] * 1000:+.0f} ms at the end"
    return _gate("drift", worst <= frame, measured, f"{frame * 1000:.0f} ms (1 frame)")


def _gate(name: str, passed: bool, measured: str, limit: str, stage: str = "render") -> GateResult:
    return GateResult(name=name, passed=passed, measured=measured, limit=limit, stage=stage)
