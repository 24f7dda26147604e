"""Renders a film: plan segments, encode what the cache lacks, mix the sound beside it, join without re-encoding."""

import atexit
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from infra.log import get_logger
from memory.artifacts import Narration, RenderedVideo, Storyboard
from memory.media import DiskFull
from tools.base import ToolContext, ToolError
from tools.caption_file import to_srt, to_vtt
from tools.render_video.caption_layout import CaptionLayout
from tools.render_video.film import Film
from tools.render_video.heap import trim
from tools.render_video.music import BED_LUFS, write_bed
from tools.render_video.pages import make_pages
from tools.render_video.schema import Args, Result
from tools.render_video.segment_pool import SegmentPool
from tools.render_video.sound import Bed, make_sound
from tools.render_video.subtitles import make_cues
from tools.render_video.timeline import Segment, check_film, plan_segments
from tools.sound_level import RATE_HZ, Level, Sound
from tools.vendors.ffmpeg.client import measure_loudness
from tools.vendors.ffmpeg.client import run as run_ffmpeg

FILM_RENDERED = "film.rendered"
RENDERER_VERSION = 5
_BYTES_PER_SECOND = 600_000
_SCRATCH_BYTES_PER_SECOND = 48_000 * 2 * 4
_log = get_logger("render_video")
M = TypeVar("M", bound=BaseModel)


@lru_cache(maxsize=1)
def segment_pool() -> SegmentPool:
    """Return this worker's warm segment process, which ends with the worker."""
    pool = SegmentPool()
    atexit.register(pool.close)
    return pool


def run(args: Args, ctx: ToolContext) -> Result:
    """Render the film that `args` names and return its digests, its measured loudness and what each part took in seconds."""
    work = Work(args, ctx)
    ctx.progress(0.01, f"{len(work.segments)} segments, {work.frames} frames")
    with ThreadPoolExecutor(1) as beside:
        sound = beside.submit(work.sound)
        pictures = work.pictures()
        track = sound.result()
    ctx.progress(0.94, "joining picture and sound")
    video = work.join(pictures, track)
    return work.publish(video, track)


class Work:
    """One film being made: its inputs, its plan and its clock."""

    def __init__(self, args: Args, ctx: ToolContext) -> None:
        self.args, self.ctx = args, ctx
        self.storyboard = _load(ctx, Storyboard, args.storyboard, "storyboard")
        self.narration = _load(ctx, Narration, args.narration, "narration")
        self.voice = ctx.store.path(self.narration.audio)
        planned = check_film(self.storyboard, self.narration, args.format)
        self.form = self.storyboard.format
        self.width, self.height = self.form.size
        self.pages = make_pages(self.narration.words, CaptionLayout(args.captions, self.form).fits)
        self.segments = plan_segments(self.storyboard, self.pages, args.fps)
        self.frames = sum(segment.frames for segment in self.segments)
        self.seconds = self.frames / args.fps
        self.encoded = 0
        self.timings: dict[str, float] = {}
        self._started = ctx.clock.monotonic()
        check_room(ctx, planned)

    def pictures(self) -> list[Path]:
        """Return the picture files in order, made by the composer that was asked for."""
        started = self.ctx.clock.monotonic()
        made = self._by_segments() if self.args.composer == "native" else [self._by_moviepy()]
        self.timings["pictures"] = self.ctx.clock.monotonic() - started
        return made

    def _by_segments(self) -> list[Path]:
        """Encode the segments that the store does not hold from an earlier render."""
        film, store = self.film(), self.ctx.store
        keys = [self._key(film, segment) for segment in self.segments]
        known = [store.remembered("render_segment", key) for key in keys]
        missing = [index for index, digest in enumerate(known) if digest is None]
        outputs = {index: self.ctx.scratch / f"segment-{index:04d}.mp4" for index in missing}
        waiting = [(index, self.segments[index], outputs[index]) for index in missing]

        def done(index: int) -> None:
            # Kept at once: a film that is interrupted goes on with the segments that were finished.
            store.remember("render_segment", keys[index], store.put_file(outputs[index]))

        # The segment process knows the store's folder only.
        store.bring(name for index in missing for shot in self.segments[index].shots for layer in shot.layers for name in layer.files)
        segment_pool().encode(film, waiting, self._report(sum(self.segments[index].frames for index in missing)), done)
        self.encoded = len(missing)
        return [outputs[index] if digest is None else store.path(digest) for index, digest in enumerate(known)]

    def _by_moviepy(self) -> Path:
        """Draw the whole film with MoviePy, which is loaded only when somebody asks for it."""
        effect = self.args.effect
        if effect is not None and effect not in self.ctx.settings.render_effects:
            raise ToolError(f"effect {effect!r} is not among the allowed ones; add it to YTEMPIRE_RENDER_EFFECTS")
        composer = import_module("tools.render_video.moviepy_composer")
        target = self.ctx.scratch / "composed.mp4"
        picture = composer.Picture(film=self.film(), storyboard=self.storyboard, pages=self.pages, store=self.ctx.store)
        composer.compose(picture, effect, target, self._report(self.frames))
        self.encoded = len(self.segments)
        return target

    def sound(self) -> Sound:
        """Return the encoded sound track, from the store when voice, music and length are unchanged."""
        started = self.ctx.clock.monotonic()
        args, store = self.args, self.ctx.store
        music = (args.music_file or [args.music, args.seed], args.music_gain_db)
        key = {"version": RENDERER_VERSION, "voice": self.narration.audio, "music": music, "samples": round(self.seconds * RATE_HZ), **self._afresh()}
        known = store.remembered("sound_track", key)
        if known is None:
            folder = self.ctx.scratch / "sound"
            folder.mkdir(exist_ok=True)
            level = Level(args.correction.gain_db, args.correction.ceiling_db)
            track = make_sound(self.voice, self._music(), self.seconds, folder, level)
            store.remember("sound_track", key, store.put_file(track.path))
        else:
            path = store.path(known)
            track = Sound(path, measure_loudness(path))
        self.timings["sound"] = self.ctx.clock.monotonic() - started
        return track

    def join(self, pictures: list[Path], track: Sound) -> Path:
        """Join segments and sound by copying streams, index first."""
        started = self.ctx.clock.monotonic()
        listing = self.ctx.scratch / "segments.txt"
        frames = [self.frames] if len(pictures) == 1 else [segment.frames for segment in self.segments]
        lines = [f"file '{_quoted(path)}'\nduration {count / self.args.fps:.9f}" for path, count in zip(pictures, frames, strict=True)]
        listing.write_text("ffconcat version 1.0\n" + "\n".join(lines) + "\n")
        target = self.ctx.scratch / "video.mp4"
        inputs = ["-f", "concat", "-safe", "0", "-i", str(listing), "-i", str(track.path)]
        container = ["-map", "0:v:0", "-map", "1:a:0", "-c", "copy", "-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", str(target)]
        run_ffmpeg([*inputs, *container], timeout_s=1800)
        self.timings["join"] = self.ctx.clock.monotonic() - started
        return target

    def publish(self, video: Path, track: Sound) -> Result:
        """Store the film and its side files."""
        store = self.ctx.store
        cues = make_cues(self.pages, self.seconds)
        self.ctx.ensure_live()
        digests = {
            "video": store.put_file(video),
            "captions_srt": store.put_bytes(to_srt(cues).encode()),
            "captions_vtt": store.put_bytes(to_vtt(cues).encode()),
        }
        self.timings["total"] = self.ctx.clock.monotonic() - self._started
        shape = {"duration_s": self.seconds, "width": self.width, "height": self.height, "fps": self.args.fps}
        timings = {name: round(value, 3) for name, value in self.timings.items()}
        rendered = RenderedVideo.model_validate({**digests, **shape})
        self.ctx.progress(1.0, "rendered")
        _log.info(FILM_RENDERED, job_id=self.ctx.job_id, frames=self.frames, segments=len(self.segments), encoded=self.encoded, **timings)
        return Result.model_validate(
            {
                "rendered": store.put_bytes(rendered.model_dump_json().encode()),
                **digests,
                **shape,
                "frames": self.frames,
                "segments": len(self.segments),
                "segments_encoded": self.encoded,
                "integrated_lufs": track.loudness.integrated_lufs,
                "true_peak_dbtp": track.loudness.true_peak_dbtp,
                "timings_s": timings,
            }
        )

    def film(self) -> Film:
        """Return what all segments of this film share."""
        settings = self.ctx.settings
        return Film(
            media_root=str(self.ctx.store.root),
            cache_root=str(settings.cache_root),
            width=self.width,
            height=self.height,
            fps=self.args.fps,
            ground=self.args.ground,
            format=self.form,
            captions=self.args.captions,
        )

    def _key(self, film: Film, segment: Segment) -> dict[str, object]:
        look = film.model_dump(mode="json", exclude={"media_root", "cache_root"})
        return {"version": RENDERER_VERSION, "film": look, "segment": segment.model_dump(mode="json"), **self._afresh()}

    def _afresh(self) -> dict[str, object]:
        """Return what sets the stored parts of a corrected film apart, so that a part the media gate turned down is never taken again."""
        correction = self.args.correction
        return {"correction": correction.model_dump(mode="json"), "film_of": self.args.storyboard} if correction.take else {}

    def _music(self) -> Bed | None:
        args, store = self.args, self.ctx.store
        if args.music_file is not None:
            return Bed(store.path(args.music_file), gain_db=args.music_gain_db)
        if args.music == "none":
            return None
        key = {"version": RENDERER_VERSION, "mood": args.music, "seed": args.seed}
        digest = store.remembered("music_bed", key)
        if digest is None:
            bed = self.ctx.scratch / "bed.wav"
            write_bed(args.music, args.seed, bed)
            trim()
            digest = store.put_file(bed)
            store.remember("music_bed", key, digest)
        return Bed(store.path(digest), BED_LUFS, args.music_gain_db)

    def _report(self, total: int) -> "_Reporter":
        return _Reporter(self.ctx, total)


class _Reporter:
    """Turns composed frames into progress and notices a lost lease."""

    def __init__(self, ctx: ToolContext, total: int) -> None:
        self._ctx, self._total, self._last = ctx, max(total, 1), -1

    def __call__(self, frames: int) -> None:
        self._ctx.ensure_live()
        if frames != self._last:
            self._last = frames
            self._ctx.progress(0.02 + 0.9 * min(frames / self._total, 1.0), f"{frames} of {self._total} frames")


def check_room(ctx: ToolContext, seconds: float) -> None:
    """Refuse to start when the disk could not hold three times what the film is expected to take."""
    needed = round(3 * seconds * (_BYTES_PER_SECOND + _SCRATCH_BYTES_PER_SECOND))
    free = shutil.disk_usage(ctx.scratch).free
    if free < needed:
        raise DiskFull(
            f"rendering {seconds:.0f} s asks for {needed // 1_000_000} MB of free disk, {free // 1_000_000} MB are left; free some and resume", bytes=needed
        )


def _load(ctx: ToolContext, kind: type[M], digest: str, field: str) -> M:
    try:
        return kind.model_validate_json(ctx.store.read(digest))
    except ValidationError as error:
        raise ToolError(f"{field} {digest} is not a {kind.__name__}: {error.errors()[0]['msg']}", digest=digest) from error


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "'\\''")
