"""How pictures are encoded: one place for the settings that segments, the second composer and the benchmark share."""

from pathlib import Path

KEYFRAME_EVERY_S = 2
COLOUR_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def x264_options(fps: int, threads: int) -> list[str]:
    """Return the options of the picture codec: H.264 High, 8-bit 4:2:0, constant quality, a closed GOP of two seconds.

    `threads` 0 lets the encoder choose; one thread per segment costs the least CPU when segments run side by side.
    """
    return [
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-profile:v", "high", "-pix_fmt", "yuv420p"),
        *("-g", str(KEYFRAME_EVERY_S * fps), "-flags", "+cgop+bitexact", "-threads", str(threads)),
    ]


def segment_arguments(size: tuple[int, int], fps: int, output: Path, threads: int = 1) -> list[str]:
    """Return the arguments that encode raw yuv420p frames from standard input into one segment file."""
    # A frame that waits is three megabytes: the demuxer's queue of eight would be filled for nothing.
    raw = ["-thread_queue_size", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s:v", f"{size[0]}x{size[1]}", "-r", str(fps), "-i", "pipe:0"]
    container = ["-fflags", "+bitexact", "-video_track_timescale", str(fps * 512), "-f", "mp4", str(output)]
    return [*raw, "-an", "-vf", COLOUR_TAGS, *x264_options(fps, threads), *container]
