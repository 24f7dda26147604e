"""Statements about changes of personalities: proposed once, decided by a person, in force from the next run on, and reversible."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.personality import Personality
from memory.personality_changes import effective_personality, merged, value_of, with_changes
from memory.records.channels import ChannelRecord
from memory.records.personality_changes import EFFECTIVE, PersonalityChangeRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(PersonalityChangeRecord.created_at, PersonalityChangeRecord.id)
# What each decision makes of a change, and from which states.
_FROM = {"approved": ("proposed",), "rejected": ("proposed",), "reverted": EFFECTIVE}


class ChangeMissing(NotFound):
    """There is no change of that id."""

    code = "change_missing"


class ChangeDecided(Conflict):
    """The change was decided before, or another of its field waits for its decision."""

    code = "change_decided"


class PersonalityChangeRepository:
    """Changes of channels' personalities, and what the approved ones make of them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def propose(self, channel_id: str, change: tuple[str, Any], why: str, by: str, evidence: Mapping[str, Any] | None = None) -> PersonalityChangeRecord:
        """Propose a field's new value; raises ChangeImpossible for what no personality may be, ChangeDecided while one of the field is open."""
        field, value = change
        now = self.personality(channel_id)
        before = value_of(now, field)
        after = value_of(with_changes(now, {field: value}), field)
        if after == before:
            raise ChangeDecided(f"{field}: it is {before!r} already", channel=channel_id, field=field)
        waiting = self.find_open(channel_id, field)
        if waiting is not None:
            raise ChangeDecided(f"{field}: change {waiting.id} of it waits for a decision; approve or reject that first", change=waiting.id)
        made = PersonalityChangeRecord(
            id=new_id("change"), channel_id=channel_id, field=field, value_from=before, value_to=after, why=why, evidence=dict(evidence or {}), proposed_by=by
        )
        self.session.add(made)
        self.session.flush()
        self._record(by, "proposed", made)
        return made

    def decide(self, change_id: str, status: str, by: str) -> PersonalityChangeRecord:
        """Approve or reject a proposed change, or revert one in force; raises ChangeMissing and ChangeDecided."""
        found = self.get(change_id)
        if found.status not in _FROM[status]:
            raise ChangeDecided(f"change {change_id} is {found.status}; only one that is {' or '.join(_FROM[status])} can be {status}", change=change_id)
        if status == "approved":
            with_changes(self.personality(found.channel_id), {found.field: found.value_to})
        values = {"status": status, "decided_by": by, "decided_at": func.clock_timestamp()}
        claimed = PersonalityChangeRecord.status == found.status
        done = self.session.execute(
            update(PersonalityChangeRecord).where(PersonalityChangeRecord.id == change_id, claimed).values(**values).returning(PersonalityChangeRecord.id)
        )
        if done.first() is None:
            raise ChangeDecided(f"change {change_id} was decided by somebody else just now", change=change_id)
        self._record(by, status, found)
        return self.get(change_id)

    def get(self, change_id: str) -> PersonalityChangeRecord:
        """Return the change; raises ChangeMissing."""
        found = self.session.get(PersonalityChangeRecord, change_id, populate_existing=True)
        if found is None:
            raise ChangeMissing(f"change: {change_id!r} does not exist", change=change_id)
        return found

    def find_open(self, channel_id: str, field: str) -> PersonalityChangeRecord | None:
        """Return the change of a field that waits for a decision, if there is one."""
        return self.session.scalar(select(PersonalityChangeRecord).filter_by(channel_id=channel_id, field=field, status="proposed"))

    def list_(self, channel_id: str | None = None, status: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[PersonalityChangeRecord]:
        """Return changes, newest first."""
        statement = select(PersonalityChangeRecord)
        for column, wanted in ((PersonalityChangeRecord.channel_id, channel_id), (PersonalityChangeRecord.status, status)):
            statement = statement if wanted is None else statement.where(column == wanted)
        return _KEYSET.page(self.session, statement, cursor, limit)

    def in_force(self, channel_id: str) -> dict[str, Any]:
        """Return what the approved changes of a channel amount to, by field."""
        return self._in_force([channel_id])[channel_id]

    def personality(self, channel_id: str) -> Personality:
        """Return a channel's personality as it is now: its file and the approved changes."""
        return effective_personality(channel_id, self.in_force(channel_id))

    def personalities(self, channel_ids: Sequence[str]) -> dict[str, Personality]:
        """Return the personalities of several channels as they are now, by channel, in one reading."""
        return {channel_id: effective_personality(channel_id, changes) for channel_id, changes in self._in_force(channel_ids).items()}

    def _in_force(self, channel_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        approved = PersonalityChangeRecord.status.in_(EFFECTIVE)
        order = (PersonalityChangeRecord.decided_at, PersonalityChangeRecord.id)
        rows = self.session.scalars(select(PersonalityChangeRecord).where(PersonalityChangeRecord.channel_id.in_(channel_ids), approved).order_by(*order))
        changes: dict[str, list[tuple[str, Any]]] = {channel_id: [] for channel_id in channel_ids}
        for one in rows:
            changes[one.channel_id].append((one.field, one.value_to))
        return {channel_id: merged(found) for channel_id, found in changes.items()}

    def apply(self, channel_id: str, run_id: str) -> dict[str, Any]:
        """Return what is in force for a new run, and write down on each change the first run that it was true for."""
        first = PersonalityChangeRecord.status == "approved"
        values = {"status": "applied", "applied_run_id": run_id, "applied_at": func.now()}
        self.session.execute(update(PersonalityChangeRecord).where(PersonalityChangeRecord.channel_id == channel_id, first).values(**values))
        return self.in_force(channel_id)

    def _record(self, by: str, what: str, change: PersonalityChangeRecord) -> None:
        tenant = self.session.scalar(select(ChannelRecord.tenant_id).where(ChannelRecord.id == change.channel_id))
        about = {"change": change.id, "field": change.field}
        AuditRepository(self.session).append(by, f"personality_change.{what}", change.channel_id, about, tenant=tenant)
