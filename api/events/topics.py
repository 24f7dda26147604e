"""What a watcher may ask to be told of, and which permission each kind of event asks for."""

import re
from dataclasses import dataclass
from typing import Self

from infra.errors import Invalid
from memory.reads.events import EventLine

TENANT, ALERTS = "tenant", "system:alerts"
PERMISSION = "live:read"
MOST_TOPICS = 50
_ABOUT = re.compile(r"(run|channel):([A-Za-z0-9_-]{1,80})")
# By the noun that an event's kind begins with; what is not named is told to whoever may watch at all.
_NOUNS = {
    "channel": "channels:read",
    "video": "videos:read",
    "publication": "videos:read",
    "run": "runs:read",
    "run_event": "runs:read",
    "autonomous_run": "runs:read",
    "approval": "approvals:read",
    "task": "tasks:read",
    "incident": "incidents:read",
    "message": "incidents:read",
    "switch": "costs:read",
}
_OF_TOPIC = {"run": "runs:read", "channel": "channels:read", ALERTS: "incidents:read"}


@dataclass(frozen=True)
class Topic:
    """`tenant`, `system:alerts`, `run:ID` or `channel:ID`."""

    noun: str
    id: str = ""

    @classmethod
    def of(cls, name: object) -> Self:
        """Return the topic of a name; raises Invalid."""
        if name in {TENANT, ALERTS}:
            return cls(str(name))
        found = _ABOUT.fullmatch(name) if isinstance(name, str) else None
        if found is None:
            raise Invalid(f"topics: {str(name)[:100]!r} is none; give tenant, system:alerts, run:ID or channel:ID")
        return cls(found[1], found[2])

    @property
    def name(self) -> str:
        """The name as it is asked for."""
        return f"{self.noun}:{self.id}" if self.id else self.noun

    @property
    def permission(self) -> str:
        """What whoever asks for it must be allowed."""
        return _OF_TOPIC.get(self.noun, PERMISSION)

    def covers(self, line: EventLine) -> bool:
        """Say whether an event belongs to it."""
        match self.noun:
            case "run":
                return line.run == self.id
            case "channel":
                return line.channel == self.id
            case "system:alerts":
                return line.alert
            case _:
                return True


def permission_of(line: EventLine) -> str:
    """Return what whoever is told of an event must be allowed."""
    return _NOUNS.get(line.kind.partition(".")[0], PERMISSION)
