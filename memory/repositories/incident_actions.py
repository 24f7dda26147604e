"""Statements about what was done in incidents, what waits for a person, and how each is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.incidents import IncidentActionRecord, IncidentRecord

_ACTION = IncidentActionRecord


class ActionMissing(NotFound):
    """There is no action of that id."""

    code = "action_missing"


class ActionClosed(Conflict):
    """The action cannot be taken back, or was already."""

    code = "action_closed"


@dataclass(frozen=True)
class NewAction:
    """One thing done or wanted: `target` is whom it is done to, `before` what reversal needs, `reversal` how that is done, in words."""

    action: str
    target: str
    status: str
    by: str
    why: str
    reversal: str
    reversible: bool = True
    before: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


def tries_of(action: IncidentActionRecord) -> int:
    """Return how often doing an action, or taking it back, has failed since it was recorded."""
    return int(action.details.get("tries", 0))


class IncidentActionRepository:
    """Actions of incidents; one of a kind on one target is one row, however often it is called for."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def record(self, incident_id: str, new: NewAction) -> tuple[IncidentActionRecord, bool]:
        """Record an action; one that waited becomes done, and one that was done or taken back stays as it is. Returns it and whether that is news."""
        told = {"status": new.status, "by": new.by, "why": new.why[:2000], "reversible": new.reversible, "reversal": new.reversal}
        values = {**told, "before": dict(new.before), "details": dict(new.details)}
        statement = insert(_ACTION).values(id=new_id("action"), incident_id=incident_id, action=new.action, target=new.target, **values)
        changed = statement.on_conflict_do_update(
            index_elements=["incident_id", "action", "target"],
            set_={**values, "at": func.now()},
            where=_ACTION.status.in_(("wanted", "failed")) & (_ACTION.status != new.status),
        )
        news = self.session.execute(changed.returning(_ACTION.id)).one_or_none() is not None
        found = select(_ACTION).filter_by(incident_id=incident_id, action=new.action, target=new.target).execution_options(populate_existing=True)
        return self.session.scalars(found).one(), news

    def get(self, action_id: str) -> IncidentActionRecord:
        """Return the action; raises ActionMissing."""
        found = self.session.get(_ACTION, action_id, populate_existing=True)
        if found is None:
            raise ActionMissing(f"action: {action_id!r} does not exist; `ytempire incidents show INCIDENT` lists them", action=action_id)
        return found

    def list_(self, incident_id: str) -> tuple[IncidentActionRecord, ...]:
        """Return the actions of an incident, oldest first."""
        return tuple(self.session.scalars(select(_ACTION).filter_by(incident_id=incident_id).order_by(_ACTION.at, _ACTION.id)))

    def spared(self, key: str) -> frozenset[str]:
        """Return the actions that a person took back in the unresolved incident of `key`: they are not done again."""
        unresolved = (IncidentRecord.key == key, IncidentRecord.status != "resolved", _ACTION.status == "reversed")
        return frozenset(self.session.scalars(select(_ACTION.action).join(IncidentRecord, IncidentRecord.id == _ACTION.incident_id).where(*unresolved)))

    def list_failed(self, rest: timedelta) -> tuple[IncidentActionRecord, ...]:
        """Return the actions of unresolved incidents that were decided and could not be done, and have rested for so long; the longest ago first."""
        unresolved = select(IncidentRecord.id).where(IncidentRecord.status != "resolved")
        due = (_ACTION.status == "failed", _ACTION.at < func.now() - rest, _ACTION.incident_id.in_(unresolved))
        return tuple(self.session.scalars(select(_ACTION).where(*due).order_by(_ACTION.at, _ACTION.id)))

    def mark_failed(self, action_id: str, why: str) -> None:
        """Record that doing an action failed once more, and why; whoever tries again does so under another key."""
        action = self.get(action_id)
        action.details = {**action.details, "tries": tries_of(action) + 1, "failed": why[:500]}
        action.at = self.session.scalars(select(func.clock_timestamp())).one()
        self.session.flush()

    def mark_reversed(self, action_id: str, by: str) -> IncidentActionRecord:
        """Record that an action was taken back; raises ActionClosed for one that was not done, or cannot be."""
        action = self.ensure_reversible(action_id)
        now = self.session.scalars(select(func.clock_timestamp())).one()
        action.status, action.reversed_by, action.reversed_at = "reversed", by, now
        self.session.flush()
        return action

    def ensure_reversible(self, action_id: str) -> IncidentActionRecord:
        """Return the action; raises ActionClosed for one that was not done, or cannot be taken back."""
        action = self.get(action_id)
        if action.status != "done" or not action.reversible:
            state = action.status if action.status != "done" else "irreversible"
            raise ActionClosed(f"action {action_id} ({action.action}) is {state}, so there is nothing to take back", action=action_id)
        return action
