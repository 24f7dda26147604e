"""Checks of captions: every word in the side file, at its time, and burned into the picture inside the safe area."""

import re
from dataclasses import dataclass

import numpy as np

from memory.artifacts import GateResult, Narration
from tools.inspect_media.picture import Picture

_MOST_COLUMNS = 44
_MOST_LATE_S = 0.35
_SEEN_SHARE = 0.7
_SPIKE = 2.2
_SLACK_FRAMES = 2


@dataclass(frozen=True)
class Cue:
    """One cue of a caption file."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def parse_cues(text: str) -> tuple[Cue, ...]:
    """Read SubRip or WebVTT cues; anything that is no cue is passed over."""
    cues = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        lines = [line for line in block.strip().splitlines() if line.strip()]
        index = next((number for number, line in enumerate(lines) if "-->" in line), None)
        if index is None:
            continue
        times = re.findall(r"(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})", lines[index])
        if len(times) >= 2:
            start, end = (int(h or 0) * 3600 + int(m) * 60 + int(s) + int(ms) / 1000 for h, m, s, ms in times[:2])
            cues.append(Cue(start, end, tuple(lines[index + 1 :])))
    return tuple(cues)


def file_gates(cues: tuple[Cue, ...], narration: Narration | None, video_s: float) -> list[GateResult]:
    """Check a caption file: cues in order and inside the film, at most two lines, every spoken word once and in time."""
    ordered = all(cue.start_s < cue.end_s for cue in cues) and all(a.end_s <= b.start_s + 1e-3 for a, b in zip(cues, cues[1:], strict=False))
    inside = bool(cues) and ordered and cues[-1].end_s <= video_s + 0.05
    widest = max((len(line) for cue in cues for line in cue.lines), default=0)
    most = max((len(cue.lines) for cue in cues), default=0)
    gates = [
        _gate("caption_cues", inside, f"{len(cues)} cues", "in order, none overlapping, inside the film"),
        _gate("caption_lines", most <= 2 and widest <= _MOST_COLUMNS, f"{most} lines, {widest} characters", f"2 lines, {_MOST_COLUMNS} characters"),
    ]
    if narration is not None:
        gates.append(_word_gate(cues, narration))
    return gates


def _word_gate(cues: tuple[Cue, ...], narration: Narration) -> GateResult:
    shown = [(word, cue) for cue in cues for line in cue.lines for word in _unescaped(line).split()]
    missing, late, position = 0, 0, 0
    for word in narration.words:
        for piece in word.text.split():
            if position < len(shown) and shown[position][0] == piece:
                cue = shown[position][1]
                late += not cue.start_s - _MOST_LATE_S <= word.start_s <= cue.end_s + _MOST_LATE_S
                position += 1
            else:
                missing += 1
    extra = len(shown) - position
    return _gate("caption_words", missing + extra + late == 0, f"{missing} missing, {extra} extra, {late} at the wrong time", "every word once, in time")


def _unescaped(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def burned_gates(picture: Picture, narration: Narration) -> list[GateResult]:
    """Check burned-in captions by their motion: the highlight moves at the start of each word, inside the band only.

    A word counts as seen when the caption band changes at its frame (within two) more than it usually does.
    """
    band, edge, whole = np.array(picture.band_change), np.array(picture.edge_change), np.array(picture.change)
    frames = [round(word.start_s * picture.fps) for word in narration.words]
    frames = [number for number in frames if 2 < number < len(band) - 3]
    if not frames:
        return []
    seen = [number for number in frames if _spike(band, number)]
    # A cut changes the margins too, and everything else with them: only a change of the margin alone is text.
    spilled = sum(1 for number in frames if _spike(edge, number) and edge[number] > max(4.0, 3.0 * whole[number]))
    share = len(seen) / len(frames)
    return [
        _gate("captions_burned_in", share >= _SEEN_SHARE, f"{share * 100:.0f}% of {len(frames)} words seen in the band", f"at least {_SEEN_SHARE * 100:.0f}%"),
        _gate("captions_in_safe_area", spilled <= max(1, len(frames) // 50), f"{spilled} words touch the side margin", "none"),
    ]


def _spike(series: "np.typing.NDArray[np.float64]", number: int) -> bool:
    """Say whether a series jumps at a frame, against the middle of its surroundings."""
    near = series[max(number - _SLACK_FRAMES, 0) : number + _SLACK_FRAMES + 1].max()
    around = np.median(series[max(number - 15, 1) : number + 16])
    return bool(near > _SPIKE * around + 0.05)


def _gate(name: str, passed: bool, measured: str, limit: str) -> GateResult:
    return GateResult(name=name, passed=passed, measured=measured, limit=limit, stage="render")
