"""Reading own media: each file of a folder made safe and stored, or set aside with the reason."""

from pathlib import Path
from socket import gethostname

from memory.rights import Rights
from tools.base import ToolContext, ToolError
from tools.own_pictures import SUFFIXES, Shelf, pictures_in, store_pictures
from tools.read_media.schema import ReadMediaArgs, ReadMediaResult

MAX_FILES = 200


def run(args: ReadMediaArgs, ctx: ToolContext) -> ReadMediaResult:
    """Return the pictures and clips of a folder; those that were stored before are not read again.

    Raises `ToolError` when there is no such folder or it holds too many files.
    """
    folder = Path(args.folder).expanduser()
    if not folder.is_dir():
        kinds = ", ".join(sorted(SUFFIXES))
        raise ToolError(f"read_media: folder {args.folder}: there is no such folder on {gethostname()}; give one of {kinds} files that every worker sees")
    paths = pictures_in(folder)
    if len(paths) > MAX_FILES:
        raise ToolError(f"read_media: folder {folder.name} holds {len(paths)} pictures and clips, the limit is {MAX_FILES}; leave some out")
    found, refused = store_pictures(paths, Shelf(ctx.store, ctx.scratch, ctx.ensure_live), Rights(licence="OWN"), {})
    ctx.progress(1.0, f"{len(found)} pictures and clips")
    return ReadMediaResult(pictures=tuple(item.picture for item in found), skipped=tuple(f"{name}: {reason}" for name, reason in refused))
