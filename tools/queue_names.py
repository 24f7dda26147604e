"""The queues and how a tool is sent to a part of one: `gpu:a100` is served by workers that have what the tool wants."""

import re
from typing import Any

from infra.errors import Invalid
from infra.settings import Settings
from tools.base import ToolSpec

QUEUES = ("gpu", "cpu", "io", "publish")
_NAME = re.compile(r"^(gpu|cpu|io|publish|(gpu|cpu|io):[a-z0-9][a-z0-9-]{0,30})$")


def checked_queue(name: str) -> str:
    """Return the name of a queue or of a part of one; raises Invalid naming what may be written."""
    if not _NAME.fullmatch(name):
        raise Invalid(f"--queue {name!r}: there is no such queue; give {', '.join(QUEUES)}, or a part of one of the first three such as gpu:a100")
    return name


def queue_of(spec: ToolSpec[Any, Any], settings: Settings) -> str:
    """Return the queue that serves a tool here: its own, or the part of it that YTEMPIRE_TOOL_QUEUES names; raises Invalid for a part of another."""
    named = dict(part.split("=", 1) for part in settings.tool_queues.split(",") if part).get(spec.name)
    if named is None:
        return spec.queue
    if named.partition(":")[0] != spec.queue:
        raise Invalid(f"YTEMPIRE_TOOL_QUEUES: {spec.name} runs on {spec.queue}, and {named} is no part of that; write {spec.name}={spec.queue}:NAME")
    return named
