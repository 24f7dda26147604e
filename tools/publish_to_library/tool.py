"""The local library: an entry is built aside and renamed into place, so it is there as a whole or not at all."""

import re
import shutil
from pathlib import Path

from infra.ids import canonical_json
from memory.artifacts import Provenance
from tools.base import ToolContext, ToolError
from tools.library.entries import RECORD, compare_file, find_entry, read_record
from tools.library.pages import write_pages
from tools.publish_to_library.schema import PublishToLibraryArgs, PublishToLibraryResult

_NAMES = {"video.mp4": "video", "thumbnail.jpg": "thumbnail", "captions.srt": "captions_srt", "captions.vtt": "captions_vtt", "sources.json": "sources"}


def run(args: PublishToLibraryArgs, ctx: ToolContext) -> PublishToLibraryResult:
    """Publish one video to the library under `ctx.settings.library_root`, exactly once per key.

    Raises `ToolError` when the key was used for another manifest, or when the entry read back differs from what was approved.
    """
    root = ctx.settings.library_root
    entry = find_entry(root, args.key)
    created = entry is None
    if entry is None:
        entry = _create(root, args, ctx)
    record = read_record(entry)
    if record["manifest"] != args.manifest:
        raise ToolError(f"key {args.key} already published another manifest ({record['manifest'][:12]}); a publication never changes", key=args.key)
    _verify(entry, args)
    ctx.progress(0.9, "writing pages")
    write_pages(root)
    return PublishToLibraryResult(location=str(entry), page=str(entry / "index.html"), external_id=args.key, created=created, verified=True)


def _create(root: Path, args: PublishToLibraryArgs, ctx: ToolContext) -> Path:
    target = root / args.channel_id / f"{_slug(args.listing.title)}--{args.key}"
    aside = root / ".making" / args.key
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, field in _NAMES.items():
        shutil.copyfile(ctx.store.path(getattr(args, field)), aside / name)
    (aside / "metadata.json").write_bytes(canonical_json(args.listing.model_dump(mode="json")))
    now = ctx.clock.now()
    shown_at = args.listing.publish_at if args.listing.publish_at and args.listing.publish_at > now else None
    record = {
        "key": args.key,
        "manifest": args.manifest,
        "channel": args.channel_id,
        "channel_name": args.channel_name,
        "title": args.listing.title,
        "provenance": ctx.provenance.value,
        "published": (shown_at or now).isoformat(),
        "duration_s": args.duration_s,
        # A time that passed while the video waited means at once, as it does at platforms.
        "privacy": "public" if args.listing.publish_at and not shown_at else args.listing.privacy,
        "publish_at": shown_at.isoformat() if shown_at else None,
        "language": args.listing.language,
        "description": args.listing.description,
        "label": "" if ctx.provenance is Provenance.REAL else ctx.provenance.value,
    }
    (aside / RECORD).write_bytes(canonical_json(record))
    ctx.ensure_live()
    target.parent.mkdir(parents=True, exist_ok=True)
    aside.rename(target)
    return target


def _verify(entry: Path, args: PublishToLibraryArgs) -> None:
    for name, field in _NAMES.items():
        if compare_file(entry / name, getattr(args, field)) != "ok":
            raise ToolError(f"{entry / name} differs from what was approved; remove the entry and publish again", file=name)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "video"
