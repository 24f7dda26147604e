"""Checks of the container: is the file what a platform and a player expect."""

from pathlib import Path

from memory.artifacts import Format, GateResult
from tools.inspect_media.container import BT709, LIMITED, Container
from tools.inspect_media.schema import Limits


def container_gates(facts: Container, form: Format | None, fps: int | None) -> list[GateResult]:
    """Check streams, codecs, size, rate, pixel format, colour tags and index position."""
    size, sound = (facts.width, facts.height), (facts.audio_rate_hz, facts.audio_channels)
    allowed = [form.size] if form is not None else [each.size for each in Format]
    rate = float(fps) if fps is not None else facts.fps
    return [
        _gate("streams", facts.streams == 2 and facts.audio_codec is not None, f"{facts.streams} streams", "one picture and one sound stream"),
        _gate("codecs", (facts.video_codec, facts.audio_codec) == ("h264", "aac"), f"{facts.video_codec}, {facts.audio_codec}", "h264, aac"),
        _gate("frame_size", size in allowed, f"{size[0]}x{size[1]}", " or ".join(f"{wide}x{high}" for wide, high in allowed)),
        _gate("frame_rate", 23.9 <= facts.fps <= 60.1 and abs(facts.fps - rate) < 0.01, f"{facts.fps:.3f} fps", f"{rate:.0f} fps, constant"),
        _gate("pixel_format", facts.pixel_format == "yuv420p", facts.pixel_format, "yuv420p"),
        _gate("colour_tags", facts.colour == (BT709, BT709, BT709, LIMITED), "/".join(map(str, facts.colour)), "BT.709, limited range"),
        _gate("index_first", facts.index_first is not False, {True: "first", False: "last", None: "not MP4"}[facts.index_first], "moov before mdat"),
        _gate("sound_format", sound == (48_000, 2), f"{sound[0]} Hz, {sound[1]} channels", "48000 Hz, 2 channels"),
    ]


def duration_gates(facts: Container, expected_s: float | None, wished_s: float | None, limits: Limits) -> list[GateResult]:
    """Check the length against the storyboard (to the frame) and against the wish (roughly), and sound against picture."""
    frame = 1.0 / facts.fps if facts.fps else 0.0
    gates = []
    if facts.audio_codec is not None:
        drift = max(abs(facts.audio_start_s - facts.video_start_s), abs(facts.audio_start_s + facts.audio_s - facts.video_start_s - facts.video_s))
        gates.append(_gate("stream_lengths", drift <= frame + 1e-6, f"{drift * 1000:.1f} ms apart", f"{frame * 1000:.1f} ms (1 frame)"))
    if expected_s is not None:
        off = abs(facts.video_s - expected_s)
        gates.append(_gate("duration", off <= frame + 1e-6, f"{facts.video_s:.3f} s", f"{expected_s:.3f} s within 1 frame"))
    if wished_s is not None:
        low, high = wished_s * (1 - limits.seconds_share), wished_s * (1 + limits.seconds_share)
        near = low <= facts.video_s <= high
        limit = f"{low:.0f} to {high:.0f} s"
        gates.append(GateResult(name="wished_length", passed=near, measured=f"{facts.video_s:.1f} s", limit=limit, severity="warn", stage="write"))
    return gates


def decode_gate(complaints: str, source: Path) -> GateResult:
    """Check that every packet decoded without complaint."""
    lines = [line.strip() for line in complaints.replace(str(source), source.name).splitlines() if line.strip()]
    return _gate("decodes", not lines, f"{len(lines)} complaints" + (f": {lines[0][:120]}" if lines else ""), "none")


def _gate(name: str, passed: bool, measured: str, limit: str) -> GateResult:
    return GateResult(name=name, passed=passed, measured=measured, limit=limit, stage="render")
