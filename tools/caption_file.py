"""Caption files: read from people's hands with every flaw named, broken into lines that fit, and written as SubRip and WebVTT."""

import html
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from infra.errors import Invalid

MAX_CAPTION_BYTES = 1_000_000
MOST_CUES = 2000
MOST_CHARACTERS = 60_000
LINE = 42
_LINES = 2
# A last cue may outlast the film by what rounding makes of it.
_SLACK_S = 0.05
_TIME = r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_MARKUP = re.compile(r"<[^>]*>|\{\\[^}]*\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
Written = tuple[float, float, str]


class CaptionsUnreadable(Invalid):
    """The file holds no captions that can be shown."""

    code = "captions_unreadable"


@dataclass(frozen=True)
class SpokenCue:
    """What is read during [start_s, end_s)."""

    start_s: float
    end_s: float
    text: str


def read_captions(data: bytes) -> tuple[SpokenCue, ...]:
    """Return the cues of a SubRip or WebVTT file, without markup; raises `CaptionsUnreadable` naming the cue and the limit."""
    if len(data) > MAX_CAPTION_BYTES:
        raise CaptionsUnreadable(f"captions: {len(data)} bytes, the limit is {MAX_CAPTION_BYTES}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaptionsUnreadable("captions: the file is no UTF-8 text; save it as UTF-8") from error
    cues = [cue for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")) if (cue := _cue(block)) is not None]
    if not cues:
        raise CaptionsUnreadable("captions: no cue was found (`00:00:01,000 --> 00:00:03,000` and a line of text); give SubRip or WebVTT")
    if len(cues) > MOST_CUES or sum(len(cue.text) for cue in cues) > MOST_CHARACTERS:
        raise CaptionsUnreadable(f"captions: {len(cues)} cues; at most {MOST_CUES} and {MOST_CHARACTERS} characters are taken")
    return _in_order(cues)


def fitting(cues: Sequence[SpokenCue], seconds: float) -> tuple[SpokenCue, ...]:
    """Return cues that end with the film; raises `CaptionsUnreadable` for those of a longer one."""
    if (late := cues[-1].end_s) > seconds + _SLACK_S:
        raise CaptionsUnreadable(f"captions: the last cue ends at {late:.2f} s and the film at {seconds:.2f} s; give the captions of this film")
    return tuple(SpokenCue(cue.start_s, min(cue.end_s, seconds), cue.text) for cue in cues)


def broken(cues: Sequence[SpokenCue]) -> tuple[Written, ...]:
    """Return cues of at most two lines of 42 characters; a longer one becomes several, each with its share of the time."""
    made: list[Written] = []
    for cue in cues:
        lines = textwrap.wrap(cue.text, LINE)
        parts = ["\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES)]
        whole, start = sum(map(len, parts)), cue.start_s
        for number, part in enumerate(parts):
            end = cue.end_s if number == len(parts) - 1 else start + (cue.end_s - cue.start_s) * len(part) / whole
            made.append((start, end, part))
            start = end
    return tuple(made)


def to_srt(cues: tuple[Written, ...]) -> str:
    """Write cues as SubRip."""
    blocks = [f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text}\n" for number, (start, end, text) in enumerate(cues, 1)]
    return "\n".join(blocks)


def to_vtt(cues: tuple[Written, ...]) -> str:
    """Write cues as WebVTT; `&`, `<` and `>` are escaped as the format asks."""
    blocks = [f"{_clock(start, '.')} --> {_clock(end, '.')}\n{_escaped(text)}\n" for start, end, text in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _cue(block: str) -> SpokenCue | None:
    lines = block.split("\n")
    at = next((number for number, line in enumerate(lines) if _TIMES.match(line)), None)
    if at is None:
        return None
    found = _TIMES.match(lines[at])
    assert found is not None
    start, end = (_seconds(found.groups()[part : part + 4]) for part in (0, 4))
    said = " ".join(_CONTROL.sub(" ", html.unescape(_MARKUP.sub("", " ".join(lines[at + 1 :])))).split())
    return SpokenCue(start, end, said) if said else None


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, thousandths = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + int((thousandths or "0").ljust(3, "0")) / 1000


def _in_order(cues: Sequence[SpokenCue]) -> tuple[SpokenCue, ...]:
    """Return cues of which none overlaps the next; raises for one that ends before it begins, or begins before the one before it."""
    for number, cue in enumerate(cues):
        if cue.end_s <= cue.start_s:
            raise CaptionsUnreadable(f"captions: cue {number + 1} ends at {cue.end_s:.2f} s, and begins at {cue.start_s:.2f} s; correct its times")
        if number and cue.start_s <= cues[number - 1].start_s:
            raise CaptionsUnreadable(f"captions: cue {number + 1} at {cue.start_s:.2f} s does not come after the one before it; put them in order")
    ends = [*(cue.start_s for cue in cues[1:]), cues[-1].end_s]
    return tuple(SpokenCue(cue.start_s, min(cue.end_s, end), cue.text) for cue, end in zip(cues, ends, strict=True))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    hours, rest = divmod(thousandths, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, fraction = divmod(rest, 1000)
    return f"{hours:02d}:{minutes:02d}:{whole:02d}{point}{fraction:03d}"
