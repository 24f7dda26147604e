"""Clip files made safe: looked at in a process with limits, then one stretch encoded anew without sound, metadata or surprises."""

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.ids import canonical_json
from memory.artifacts import Clip
from memory.media import MediaStore
from tools.clip_facts import BOUNDS, CODECS, MAX_SIDE, MIN_SIDE, TAGS_709, ClipUnreadable, Facts, colour_filters, probe
from tools.picture_bytes import make_safe
from tools.vendors.ffmpeg.client import FfmpegFailed
from tools.vendors.ffmpeg.client import run as run_ffmpeg

MAX_CLIP_BYTES = 500_000_000
MAX_SECONDS = 600.0
MIN_SECONDS = 1.0
KEPT_S = 12.0
_VERSION = 1
_SHORT_SIDE, _LONG_SIDE = 1080, 2560
_MOST_FPS = 60
_LEAST_FPS = 10
# A shot rarely begins where a recording does: in a long one, the first tenth is left out.
_LEAD = 0.1
_ENCODE_S = 110.0


@dataclass(frozen=True)
class KeptClip:
    """A stored clip and the digest of one of its frames as a JPEG."""

    clip: Clip
    still: str


def keep_clip(path: Path, store: MediaStore, scratch: Path) -> KeptClip:
    """Store at most twelve seconds of a file as a safe clip, and its middle frame; a file that was stored before is not encoded again.

    The result has square pixels, stands upright, is at most 1080 pixels on its shorter side, BT.709 in limited range, at the file's own average
    rate (at most 60). Raises `ClipUnreadable` naming the limit and the fix.
    """
    _check_size(path)
    with path.open("rb") as file:
        key = {"version": _VERSION, "source": hashlib.file_digest(file, "sha256").hexdigest()}
    known = store.remembered("clip", key)
    if known is not None:
        note = json.loads(store.read(known))
        if store.has(note["still"]) and store.has(note["clip"]["digest"]):
            return KeptClip(Clip.model_validate(note["clip"]), note["still"])
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        kept = _kept(path, store, Path(folder))
    store.remember("clip", key, store.put_bytes(canonical_json({"clip": kept.clip.model_dump(mode="json"), "still": kept.still})))
    return kept


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise ClipUnreadable("clip: the file is empty (0 bytes); copy it again")
    if size > MAX_CLIP_BYTES:
        raise ClipUnreadable(f"clip: {size / 1e6:.0f} MB, the limit is {MAX_CLIP_BYTES / 1e6:.0f} MB; cut the part you want out of it")


def _check_facts(facts: Facts) -> None:
    if max(facts.width, facts.height) > MAX_SIDE:
        raise ClipUnreadable(f"clip: {facts.width}x{facts.height} pixels, the limit is {MAX_SIDE} a side; scale it down")
    if facts.codec not in CODECS:
        raise ClipUnreadable(f"clip: codec {facts.codec} is not read; encode it as H.264, HEVC, VP9 or AV1")
    if facts.seconds > MAX_SECONDS:
        raise ClipUnreadable(f"clip: it lasts {facts.seconds / 60:.0f} minutes, the limit is {MAX_SECONDS / 60:.0f}; cut the part you want out of it")
    if facts.seconds < MIN_SECONDS:
        raise ClipUnreadable(f"clip: it lasts {facts.seconds:.2f} s, at least {MIN_SECONDS:.0f} s is needed; give a longer one, or its frame as a picture")
    if min(facts.width, facts.height) < MIN_SIDE:
        raise ClipUnreadable(f"clip: {facts.width}x{facts.height} pixels, at least {MIN_SIDE} a side are needed; give a larger one")
    if not facts.rate[1] or facts.rate[0] / facts.rate[1] < _LEAST_FPS:
        rate = facts.rate[0] / facts.rate[1] if facts.rate[1] else 0
        raise ClipUnreadable(f"clip: {rate:.1f} frames a second, at least {_LEAST_FPS} are needed to look like motion; give it as pictures")


def _kept(path: Path, store: MediaStore, folder: Path) -> KeptClip:
    facts = probe(path)
    _check_facts(facts)
    encoded, still = folder / "clip.mp4", folder / "still.png"
    length = min(facts.seconds, KEPT_S)
    start = min(facts.seconds - length, _LEAD * facts.seconds) if facts.seconds > KEPT_S else 0.0
    try:
        run_ffmpeg([*_source(path, start, length), "-vf", _filters(facts), *_ENCODED, str(encoded)], timeout_s=_ENCODE_S)
        made = probe(encoded)
        middle = made.frames / 2 / (made.rate[0] / made.rate[1])
        run_ffmpeg(["-ss", f"{middle:.4f}", "-i", str(encoded), "-frames:v", "1", "-update", "1", str(still)], timeout_s=_ENCODE_S)
    except FfmpegFailed as error:
        raise ClipUnreadable(f"clip: it cannot be decoded ({error.message[:200]}); encode it again as MP4 (H.264)") from error
    _check_whole(made, length)
    safe = make_safe(still.read_bytes())
    clip = Clip(digest=store.put_file(encoded), width=made.width, height=made.height, frames=made.frames, fps=made.rate[0] / made.rate[1])
    return KeptClip(clip, store.put_bytes(safe.data))


def _check_whole(made: Facts, length: float) -> None:
    """Refuse a file whose index promises more than its pictures keep: it was cut short while it was copied."""
    shown = made.frames / (made.rate[0] / made.rate[1])
    if shown < length - max(0.5, 0.1 * length):
        raise ClipUnreadable(f"clip: its pictures end after {shown:.1f} s of {length:.1f} s, so it was cut short; copy it again")


def _source(path: Path, start: float, length: float) -> list[str]:
    return [*BOUNDS, "-ss", f"{start:.3f}", "-t", f"{length:.3f}", "-i", str(path), "-map", "0:v:0"]


def _filters(facts: Facts) -> str:
    """Return the filters that make every clip alike: progressive, a constant rate, square and upright, even sides, BT.709 in limited range."""
    least, most = sorted((facts.width, facts.height))
    scale = min(1.0, _SHORT_SIDE / least, _LONG_SIDE / most)
    width, height = (round(side * scale / 2) * 2 for side in (facts.width, facts.height))
    rate = facts.rate if facts.rate[0] <= _MOST_FPS * facts.rate[1] else (_MOST_FPS, 1)
    sized = f"scale={width}:{height}:flags=bicubic:out_color_matrix=bt709:out_range=tv,setsar=1,format=yuv420p"
    return ",".join(["bwdif=deint=interlaced", f"fps={rate[0]}/{rate[1]}", *colour_filters(facts), sized, TAGS_709])


# Nearly without loss, since the film encodes it again; a keyframe every half second, since shots begin anywhere in it.
_ENCODED = [
    *("-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-g", "15"),
    *("-profile:v", "high", "-flags", "+bitexact", "-fflags", "+bitexact", "-threads", "2", "-video_track_timescale", "90000"),
    *("-movflags", "+faststart", "-f", "mp4"),
]
