"""The record decides who sees an entry; the index and the feed are made from it and read back."""

from datetime import datetime
from pathlib import Path

from tools.base import ToolContext, ToolError, ToolPaused
from tools.change_visibility.at_youtube import change_at_youtube
from tools.change_visibility.schema import ChangeVisibilityArgs, ChangeVisibilityResult, Privacy
from tools.library.entries import find_entry, one_writer, read_record, write_record
from tools.library.pages import listed_keys, write_pages

_NOT_YET_S = 2.0


def run(args: ChangeVisibilityArgs, ctx: ToolContext) -> ChangeVisibilityResult:
    """Set an entry's privacy in the library under `ctx.settings.library_root`, or a video's at YouTube; doing it again changes nothing.

    Only `public` entries stand in the index and the feed. The approved listing beside the record stays as it was approved.
    Raises ToolError when the library has no such entry, its record cannot be read, or the pages still say otherwise.
    """
    if args.place == "youtube":
        return change_at_youtube(args, ctx)
    root = ctx.settings.library_root
    entry = find_entry(root, args.key)
    if entry is None:
        raise ToolError(f"key {args.key}: the library at {root} has no such publication", key=args.key)
    with one_writer(root):
        previous, changed = _set(entry, args, ctx)
    ctx.progress(0.7, "writing pages")
    # Also when nothing changed: an earlier attempt may have died between the record and the pages.
    write_pages(root)
    _verify(root, entry, args)
    privacy = args.privacy if changed else previous
    return ChangeVisibilityResult(location=str(entry), previous=previous, privacy=privacy, changed=changed, verified=True)


def _set(entry: Path, args: ChangeVisibilityArgs, ctx: ToolContext) -> tuple[Privacy, bool]:
    record = read_record(entry)
    previous: Privacy = record["privacy"]
    due = record.get("publish_at")
    if args.scheduled and due is None:
        return previous, False
    if args.scheduled and datetime.fromisoformat(str(due)) > ctx.clock.now():
        raise ToolPaused(f"{entry.name}: is shown from {due} on, which is not yet on this machine's clock", after_s=_NOT_YET_S)
    # What is set to private while it waits to be shown is taken off the schedule, so that its time does not show it after all.
    if previous == args.privacy and due is None:
        return previous, False
    change = {"at": ctx.clock.now().isoformat(), "from": previous, "to": args.privacy, "reason": args.reason, "job": ctx.job_id}
    ctx.ensure_live()
    write_record(entry, {**record, "privacy": args.privacy, "publish_at": None, "visibility": [*record.get("visibility", []), change]})
    return previous, True


def _verify(root: Path, entry: Path, args: ChangeVisibilityArgs) -> None:
    found = read_record(entry)["privacy"]
    listed = args.key in listed_keys(root)
    wanted = found if args.scheduled else args.privacy
    if found != wanted or listed != (wanted == "public"):
        raise ToolError(f"{entry.name}: is {found} and {'' if listed else 'not '}listed after it was set to {args.privacy}; set it again", key=args.key)
