"""What a file says about itself: streams, codecs, size, rate, colour tags and whether its index comes first."""

import struct
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from tools.base import ToolError

# ISO/IEC 23091-2 code points: 1 is BT.709 for primaries, transfer and matrix alike; range 1 is limited ("tv").
BT709 = 1
LIMITED = 1


@dataclass(frozen=True)
class Container:
    """Facts of the container; times in seconds."""

    video_codec: str
    width: int
    height: int
    fps: float
    pixel_format: str
    colour: tuple[int, int, int, int]
    video_start_s: float
    video_s: float
    audio_codec: str | None
    audio_rate_hz: int
    audio_channels: int
    audio_start_s: float
    audio_s: float
    streams: int
    index_first: bool | None


def read_container(path: Path) -> Container:
    """Read a file's headers; raise `ToolError` when it is no video."""
    if not path.is_file() or path.stat().st_size == 0:
        raise ToolError(f"{path.name} is missing or empty; give the path of a video file")
    try:
        with av.open(str(path)) as media:
            if not media.streams.video:
                raise ToolError(f"{path.name} has no picture stream; give a video file")
            video = media.streams.video[0]
            audio = media.streams.audio[0] if media.streams.audio else None
            return _facts(path, video, audio, len(media.streams))
    except (av.FFmpegError, ValueError) as error:
        raise ToolError(f"{path.name} is not a readable media file ({error}); render or copy it again") from error


def _facts(path: Path, video: VideoStream, audio: AudioStream | None, streams: int) -> Container:
    context = video.codec_context
    return Container(
        video_codec=context.name,
        width=context.width,
        height=context.height,
        fps=float(video.average_rate or 0),
        pixel_format=context.pix_fmt or "",
        colour=(int(context.color_primaries), int(context.color_trc), int(context.colorspace), int(context.color_range)),
        video_start_s=_seconds(video, video.start_time),
        video_s=_seconds(video, video.duration),
        audio_codec=audio.codec_context.name if audio is not None else None,
        audio_rate_hz=audio.codec_context.sample_rate if audio is not None else 0,
        audio_channels=audio.codec_context.channels if audio is not None else 0,
        audio_start_s=_seconds(audio, audio.start_time) if audio is not None else 0.0,
        audio_s=_seconds(audio, audio.duration) if audio is not None else 0.0,
        streams=streams,
        index_first=index_first(path),
    )


def _seconds(stream: VideoStream | AudioStream, ticks: int | None) -> float:
    return float(ticks * stream.time_base) if ticks is not None and stream.time_base is not None else 0.0


def index_first(path: Path) -> bool | None:
    """Say whether an MP4's `moov` box comes before its `mdat` (ISO/IEC 14496-12); None when it is no MP4."""
    with path.open("rb") as file:
        end, at = path.stat().st_size, 0
        while at + 8 <= end:
            file.seek(at)
            size, kind = struct.unpack(">I4s", file.read(8))
            if size == 1:
                size = struct.unpack(">Q", file.read(8))[0]
            if kind in {b"moov", b"mdat"}:
                return bool(kind == b"moov")
            if size < 8 or not kind.isalnum():
                return None
            at += size
    return None
