"""The body of a child process that reads one clip's headers and first frame within limits and prints what it found as JSON."""

import json
import resource
import sys
from dataclasses import asdict, dataclass
from typing import Any

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

# A demuxer is chosen by what the file holds, never by its name; these two read MP4, MOV and WebM, and nothing that points elsewhere.
FORMATS = "mov,matroska"
_MEMORY_BYTES = 3 << 30
_CPU_S = 20


@dataclass(frozen=True)
class ClipFacts:
    """What a clip says of itself: sizes as they are shown (turned upright, square pixels), the whole length in seconds, frames as counted in its index.

    `colour` is matrix, transfer and range by their ISO/IEC 23091-2 code points, `sound` whether there is a sound track beside.
    """

    codec: str
    width: int
    height: int
    seconds: float
    rate: tuple[int, int]
    frames: int
    colour: tuple[int, int, int]
    sound: bool


def read_facts(path: str) -> ClipFacts:
    """Return the facts of a file's first picture stream; raises ValueError saying what is wrong with it."""
    try:
        with av.open(path, options={"format_whitelist": FORMATS, "protocol_whitelist": "file"}) as media:
            if not media.streams.video:
                raise ValueError("it holds no moving picture")
            stream = media.streams.video[0]
            frame = next(media.decode(stream), None)
            if frame is None:
                raise ValueError("no picture of it can be decoded")
            return _facts(stream, frame, media.duration, bool(media.streams.audio))
    except av.FFmpegError as error:
        raise ValueError(f"it cannot be read ({error.strerror}): it is cut short, damaged, or no MP4, MOV or WebM") from error


def _facts(stream: VideoStream, frame: VideoFrame, whole: int | None, sound: bool) -> ClipFacts:
    aspect = stream.sample_aspect_ratio or 1
    wide, high = round(frame.width * aspect), frame.height
    if frame.rotation % 180:
        wide, high = high, wide
    own = stream.duration * stream.time_base if stream.duration and stream.time_base else None
    rate: Any = stream.average_rate or stream.guessed_rate or 0
    context = stream.codec_context
    return ClipFacts(
        codec=context.name,
        width=wide,
        height=high,
        seconds=float(own) if own is not None else (whole or 0) / av.time_base,
        rate=(int(rate.numerator), int(rate.denominator)),
        frames=stream.frames,
        colour=(int(context.colorspace), int(context.color_trc), int(context.color_range)),
        sound=sound,
    )


def main() -> None:
    """Print `{"facts": ...}` or `{"error": ...}` for the file that the last argument names."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    try:
        said: dict[str, Any] = {"facts": asdict(read_facts(sys.argv[-1]))}
    except (ValueError, MemoryError) as error:
        said = {"error": str(error) or "it takes more memory than its size allows"}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
