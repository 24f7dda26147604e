"""Incidents and their actions as the command and the service both tell them."""

from typing import Any

from infra.database import UnitOfWork
from memory.records.incidents import IncidentActionRecord, IncidentRecord
from memory.repositories.incident_actions import IncidentActionRepository


def told(one: IncidentRecord) -> dict[str, Any]:
    """Return an incident in a few words."""
    names = ("id", "kind", "severity", "status", "summary", "signal", "confidence")
    about = {"channel": one.channel_id, "run": one.run_id, "publication": one.publication_id}
    times = {"opened": one.opened_at.isoformat(), "resolved": one.resolved_at.isoformat() if one.resolved_at else None}
    return {**{name: getattr(one, name) for name in names}, **about, **times}


def whole(session: UnitOfWork, one: IncidentRecord) -> dict[str, Any]:
    """Return an incident with its timeline, what was done, and what waits."""
    return {**told(one), "timeline": list(one.timeline), "actions": [acted(action) for action in IncidentActionRepository(session).list_(one.id)]}


def acted(one: IncidentActionRecord) -> dict[str, Any]:
    """Return an action: what was done to whom, by whom, and how it is taken back."""
    names = ("id", "action", "target", "status", "by", "why", "reversible", "reversal", "before", "details", "reversed_by")
    return {**{name: getattr(one, name) for name in names}, "at": one.at.isoformat(), "reversed_at": one.reversed_at.isoformat() if one.reversed_at else None}
