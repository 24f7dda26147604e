"""Taking in a finished film: encoded anew in one shape for every film, so that nothing of a stranger's file but its pictures and sound goes on."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from memory.artifacts import Picture, RenderedVideo
from memory.media import DiskFull
from memory.passages import split_sentences
from tools.base import ToolContext, ToolError
from tools.caption_file import broken, fitting, read_captions, to_srt, to_vtt
from tools.clip_facts import BOUNDS, TAGS_709, Facts, colour_filters, probe
from tools.film_file import FilmUnreadable, facts_of
from tools.picture_bytes import make_safe
from tools.sound_level import RATE_HZ, SILENT_LUFS, Sound, bring_to_level
from tools.take_film.schema import TakeFilmArgs, TakeFilmResult
from tools.vendors.ffmpeg.client import FfmpegFailed, parse_lufs
from tools.vendors.ffmpeg.client import run as run_ffmpeg

_RATES = (24, 25, 30, 50, 60)
_PICTURES = 3
_LOOKED_AT = 40
# What decoding and encoding may take at most, for each second of film and beside that; a file that needs longer was made to.
_EACH_S, _BESIDE_S = 8.0, 120.0
_BYTES_A_SECOND = 2_500_000
_LONGEST_PIECE = 400


@dataclass(frozen=True)
class _Taken:
    """The picture and the sound in files of their own, and how long both are."""

    pictures: Path
    sound: Sound
    frames: int
    fps: int

    @property
    def seconds(self) -> float:
        return self.frames / self.fps


def run(args: TakeFilmArgs, ctx: ToolContext) -> TakeFilmResult:
    """Return a film in the studio's shape: H.264 in the frame's own size with bars where it is of another, BT.709, AAC at -14 LUFS.

    Raises `ToolError` for a film that cannot be decoded whole, one that says nothing, and captions that are not this film's.
    """
    try:
        facts = facts_of(args.film, ctx.store)
    except FilmUnreadable as error:
        raise ToolError(f"film: {error.message}") from error
    _check_room(ctx, facts.seconds)
    source = ctx.store.path(args.film)
    try:
        taken = _taken(source, facts, args, ctx)
        video = _joined(taken, ctx.scratch)
        ctx.progress(0.85, "joined")
        frames = _pictures(video, taken.seconds, args, ctx)
    except FfmpegFailed as error:
        raise ToolError(f"film: it cannot be decoded ({error.message[:200]}); encode it again as MP4 (H.264, AAC)") from error
    return _kept(video, taken, frames, args, ctx)


def _taken(source: Path, facts: Facts, args: TakeFilmArgs, ctx: ToolContext) -> _Taken:
    fps = min(_RATES, key=lambda rate: abs(rate - facts.rate[0] / max(facts.rate[1], 1)))
    limit_s = _BESIDE_S + _EACH_S * facts.seconds
    pictures, mixed = ctx.scratch / "pictures.mp4", ctx.scratch / "mix.wav"
    filters = ",".join(["bwdif=deint=interlaced", f"fps={fps}:start_time=0", *colour_filters(facts), _fitted(facts, args.format.size), TAGS_709])
    run_ffmpeg([*BOUNDS, "-i", str(source), "-map", "0:v:0", "-vf", filters, *_encoded(fps), str(pictures)], timeout_s=limit_s)
    ctx.ensure_live()
    ctx.progress(0.6, "pictures encoded")
    made = probe(pictures)
    seconds = made.frames / fps
    if seconds < facts.seconds - max(0.5, 0.1 * facts.seconds):
        raise ToolError(f"film: its pictures end after {seconds:.1f} s of {facts.seconds:.1f} s, so it was cut short; copy it again")
    # Sound that begins late, or has holes, keeps its place beside the pictures.
    even = f"aresample={RATE_HZ}:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo"
    graph = f"{even},apad,atrim=end_sample={round(seconds * RATE_HZ)},asetpts=N/SR/TB,ebur128=framelog=quiet"
    decoded = ["-map", "0:a:0", "-af", graph, "-c:a", "pcm_f32le", "-fflags", "+bitexact", "-rf64", "auto", str(mixed)]
    before = parse_lufs(run_ffmpeg([*BOUNDS, "-i", str(source), *decoded], timeout_s=limit_s, loglevel="info"))
    if before <= SILENT_LUFS:
        raise ToolError(f"film: its sound is silent ({before:.0f} LUFS); add what is to be heard")
    return _Taken(pictures, bring_to_level(mixed, before, seconds, ctx.scratch), made.frames, fps)


def _fitted(facts: Facts, size: tuple[int, int]) -> str:
    """Return the filters that show a picture whole in a frame of `size`, with bars beside or above it where it is of another shape."""
    share = min(size[0] / facts.width, size[1] / facts.height)
    wide, high = (min(most, round(side * share / 2) * 2) for side, most in zip((facts.width, facts.height), size, strict=True))
    scaled = f"scale={wide}:{high}:flags=bicubic:out_color_matrix=bt709:out_range=tv,setsar=1,format=yuv420p"
    return f"{scaled},pad={size[0]}:{size[1]}:{(size[0] - wide) // 4 * 2}:{(size[1] - high) // 4 * 2}"


def _encoded(fps: int) -> list[str]:
    return [
        *("-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-profile:v", "high"),
        *("-pix_fmt", "yuv420p", "-g", str(2 * fps), "-flags", "+cgop+bitexact", "-fflags", "+bitexact", "-threads", "2"),
        *("-video_track_timescale", str(fps * 512), "-f", "mp4"),
    ]


def _joined(taken: _Taken, folder: Path) -> Path:
    target = folder / "video.mp4"
    inputs = ["-i", str(taken.pictures), "-i", str(taken.sound.path), "-map", "0:v:0", "-map", "1:a:0", "-c", "copy"]
    run_ffmpeg([*inputs, "-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", str(target)], timeout_s=1800)
    return target


def _pictures(video: Path, seconds: float, args: TakeFilmArgs, ctx: ToolContext) -> tuple[Picture, ...]:
    """Return the most typical frame of each third of the film: a thumbnail shows what the film shows."""
    third, found = seconds / _PICTURES, []
    rate = min(2.0, _LOOKED_AT / third)
    for number in range(_PICTURES):
        still = ctx.scratch / f"still-{number}.png"
        window = ["-ss", f"{number * third:.3f}", "-t", f"{third:.3f}", "-i", str(video), "-map", "0:v:0"]
        run_ffmpeg([*window, "-vf", f"fps={rate:.4f},thumbnail=n={_LOOKED_AT}", "-frames:v", "1", "-update", "1", str(still)], timeout_s=_BESIDE_S)
        safe = make_safe(still.read_bytes())
        digest = ctx.store.put_bytes(safe.data)
        found.append(Picture(digest=digest, width=safe.width, height=safe.height, caption=args.title, rights=args.rights))
    return tuple(found)


def _kept(video: Path, taken: _Taken, frames: tuple[Picture, ...], args: TakeFilmArgs, ctx: ToolContext) -> TakeFilmResult:
    store = ctx.store
    cues = fitting(read_captions(store.read(args.captions)), taken.seconds) if args.captions is not None else ()
    written = broken(cues)
    ctx.ensure_live()
    digests = {
        "video": store.put_file(video),
        "captions_srt": store.put_bytes(to_srt(written).encode()),
        "captions_vtt": store.put_bytes(to_vtt(written).encode()),
    }
    width, height = args.format.size
    rendered = RenderedVideo(**digests, duration_s=taken.seconds, width=width, height=height, fps=taken.fps)
    ctx.progress(1.0, "taken in")
    return TakeFilmResult(
        rendered=store.put_bytes(rendered.model_dump_json().encode()),
        **digests,
        words=_sentences(" ".join(cue.text for cue in cues)),
        pictures=frames,
        duration_s=taken.seconds,
        fps=taken.fps,
        integrated_lufs=taken.sound.loudness.integrated_lufs,
        true_peak_dbtp=taken.sound.loudness.true_peak_dbtp,
    )


def _sentences(text: str) -> tuple[str, ...]:
    """Return what is said, sentence by sentence; captions without full stops are cut by length, so that each piece can be read."""
    return tuple(one[at : at + _LONGEST_PIECE] for one in split_sentences(text) for at in range(0, len(one), _LONGEST_PIECE))


def _check_room(ctx: ToolContext, seconds: float) -> None:
    needed, free = round(3 * seconds * _BYTES_A_SECOND), shutil.disk_usage(ctx.scratch).free
    if free < needed:
        raise DiskFull(f"taking in {seconds:.0f} s of film asks for {needed // 1_000_000} MB of free disk, {free // 1_000_000} MB are left", bytes=needed)
