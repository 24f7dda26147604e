"""Tasks as the verbs take and tell them."""

from datetime import datetime
from typing import Any

from infra.clock import SYSTEM_CLOCK
from infra.errors import Invalid
from memory.records.tasks import PRIORITIES, TaskRecord


def line_of(body: dict[str, Any]) -> str:
    """Return what became of a new task, for a person."""
    where = f"{body['runs']} run(s) look at it now" if body["runs"] else "no run is going on; it waits for one"
    return f"task {body['task']} is {body['status']}; {where}"


def due_time(text: str | None) -> datetime | None:
    """Return when a video is to be shown; raises Invalid for what is no time to come."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"--due: {text!r} is no time; give one such as 2026-12-01T18:00+01:00") from error
    if found.tzinfo is None:
        raise Invalid(f"--due: {text!r} names no offset from UTC; add one, such as {text}+01:00, or Z for UTC")
    if found <= SYSTEM_CLOCK.now():
        raise Invalid(f"--due: {text} has passed; give a time to come, or leave it out")
    return found


def shown(task: TaskRecord) -> dict[str, Any]:
    """Return a task as the verbs tell it."""
    names = {value: name for name, value in PRIORITIES.items()}
    return {
        "task": task.id,
        "kind": task.kind,
        "status": task.status,
        "priority": names[task.priority],
        "channel": task.channel_id,
        "what": task.payload.get("topic") or ", ".join(task.payload.get("sources", ())),
        "due_at": task.due_at.isoformat() if task.due_at else None,
        "run": task.autonomous_run_id,
        "reason": task.reason,
        "created_at": task.created_at.isoformat(),
    }
