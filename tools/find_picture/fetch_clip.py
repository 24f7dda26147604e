"""Fetching a found clip: within a size limit, as a video and nothing else, made safe before it is kept."""

import json
import tempfile
from pathlib import Path

from infra.ids import canonical_json
from memory.artifacts import Clip, Picture
from tools.base import ToolContext
from tools.clip_facts import ClipUnreadable
from tools.clip_file import keep_clip
from tools.fetch import Fetcher, FetchRequest
from tools.picture_search import FoundPicture

MAX_FETCHED_BYTES = 60_000_000
_TYPES = frozenset({"video/mp4", "video/quicktime", "video/webm", "application/octet-stream", ""})


def fetch_clip(candidate: FoundPicture, ctx: ToolContext, fetcher: Fetcher) -> Picture:
    """Return the stored clip of a candidate with its rights, from the cache where it was fetched before; raises `ClipUnreadable` or errors of the fetcher."""
    key = {"vendor": candidate.vendor, "url": candidate.url}
    known = ctx.store.remembered("fetched_clip", key)
    note = json.loads(ctx.store.read(known)) if known is not None else None
    if note is None or not (ctx.store.has(note["still"]) and ctx.store.has(note["clip"]["digest"])):
        note = _fetched(candidate, ctx, fetcher)
        ctx.store.remember("fetched_clip", key, ctx.store.put_bytes(canonical_json(note)))
    clip = Clip.model_validate(note["clip"])
    return Picture(digest=note["still"], width=clip.width, height=clip.height, caption=candidate.caption, rights=candidate.rights, clip=clip)


def _fetched(candidate: FoundPicture, ctx: ToolContext, fetcher: Fetcher) -> dict[str, object]:
    answer = fetcher.get(FetchRequest(candidate.url, accept="video/mp4, video/*;q=0.5", max_bytes=MAX_FETCHED_BYTES), ctx.ensure_live)
    if answer.content_type not in _TYPES:
        raise ClipUnreadable(f"clip: the address answered {answer.content_type}, which is no clip")
    with tempfile.TemporaryDirectory(dir=ctx.scratch) as folder:
        path = Path(folder) / "fetched"
        path.write_bytes(answer.body)
        kept = keep_clip(path, ctx.store, Path(folder))
    return {"clip": kept.clip.model_dump(mode="json"), "still": kept.still}
