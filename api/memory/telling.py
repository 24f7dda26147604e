"""Changes of personalities as the command and the service both tell them."""

from typing import Any

from memory.records.personality_changes import PersonalityChangeRecord


def change_told(one: PersonalityChangeRecord) -> dict[str, Any]:
    """Return a change as the command and the service both tell it."""
    names = ("id", "field", "value_from", "value_to", "why", "evidence", "status", "proposed_by", "decided_by", "decided_at", "applied_run_id", "created_at")
    return {"channel": one.channel_id, **{name: getattr(one, name) for name in names}}
