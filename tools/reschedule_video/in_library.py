"""Moving the time of an entry in the local library: its record says when it is shown; the approved listing beside it stays as it was."""

from datetime import datetime

from tools.base import ToolContext, ToolError
from tools.library.entries import find_entry, one_writer, read_record, write_record
from tools.reschedule_video.schedule import Scheduled


def move_in_library(one: Scheduled, ctx: ToolContext) -> datetime:
    """Return the time that it had; raises ToolError where there is no such entry, or it cannot be moved any more."""
    root = ctx.settings.library_root
    entry = find_entry(root, one.row.key)
    if entry is None:
        raise ToolError(f"key {one.row.key}: the library at {root} has no such publication", key=one.row.key)
    with one_writer(root):
        record = read_record(entry)
        found = record.get("publish_at")
        due = one.ensure_waits(record["privacy"], datetime.fromisoformat(found) if found else None, ctx.clock.now())
        if due != one.to:
            told = one.to.isoformat()
            change = {"at": ctx.clock.now().isoformat(), "from": due.isoformat(), "to": told, "reason": one.reason, "job": ctx.job_id}
            ctx.ensure_live()
            write_record(entry, {**record, "publish_at": told, "published": told, "moved": [*record.get("moved", []), change]})
    return due
