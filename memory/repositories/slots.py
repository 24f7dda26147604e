"""Statements about slots; every write of a wake-up is fenced by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.runs import RunRecord
from memory.records.slots import SLOT_OPEN, SlotRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository, Wake

# From each status, those that may follow; what is not named here has ended.
_NEXT = {
    "planned": ("launched", "asked", "missed", "skipped", "cancelled", "failed", "planned"),
    "asked": ("planned", "published", "missed", "skipped", "cancelled", "failed"),
    "launched": ("published", "planned", "asked", "missed", "skipped", "cancelled", "failed", "launched"),
}


class SlotMissing(NotFound):
    """There is no slot of that id."""

    code = "slot_missing"


class SlotMoved(Conflict):
    """The slot is not in a state from which that can happen."""

    code = "slot_moved"


@dataclass(frozen=True)
class NewSlot:
    """One planned publication; `key` names it within its run."""

    key: str
    channel_id: str
    publish_at: datetime
    launch_at: datetime
    priority: int = 1
    task_id: str | None = None
    why: Mapping[str, Any] = field(default_factory=dict)


class SlotRepository:
    """Slots of autonomous runs."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def plan(self, wake: Wake, slots: Sequence[NewSlot]) -> tuple[SlotRecord, ...]:
        """Write down new slots; a key that is there already is left as it is. Returns the new ones; raises WakeLost."""
        AutonomousRunRepository(self.session).verify(wake)
        made = []
        for new in slots:
            values = {name: getattr(new, name) for name in ("key", "channel_id", "publish_at", "launch_at", "priority", "task_id")}
            entry = {"at": self._now().isoformat(), "to": "planned", "note": "planned"}
            row = insert(SlotRecord).values(id=new_id("slot"), autonomous_run_id=wake.run_id, why=dict(new.why), history=[entry], **values)
            statement = row.on_conflict_do_nothing(index_elements=["autonomous_run_id", "key"]).returning(SlotRecord.id)
            if (slot_id := self.session.scalar(statement)) is not None:
                made.append(slot_id)
        return tuple(self.get(slot_id) for slot_id in made)

    def find(self, slot_id: str) -> SlotRecord | None:
        """Return the slot, if there is one."""
        return self.session.get(SlotRecord, slot_id, populate_existing=True)

    def get(self, slot_id: str) -> SlotRecord:
        """Return the slot; raises SlotMissing."""
        found = self.find(slot_id)
        if found is None:
            raise SlotMissing(f"slot: {slot_id!r} does not exist", slot=slot_id)
        return found

    def list_of_run(self, autonomous_run_id: str, statuses: Sequence[str] = ()) -> tuple[SlotRecord, ...]:
        """Return a run's slots by time of publication, of the given statuses or all."""
        statement = select(SlotRecord).where(SlotRecord.autonomous_run_id == autonomous_run_id)
        if statuses:
            statement = statement.where(SlotRecord.status.in_(statuses))
        return tuple(self.session.scalars(statement.order_by(SlotRecord.publish_at, SlotRecord.id)))

    def list_open(self, autonomous_run_id: str) -> tuple[SlotRecord, ...]:
        """Return a run's slots that have not come to an end, by time of publication."""
        return self.list_of_run(autonomous_run_id, SLOT_OPEN)

    def list_of_channels(self, channel_ids: Sequence[str], since: datetime, until: datetime) -> tuple[SlotRecord, ...]:
        """Return channels' slots of any run that were published or may yet be, with times of publication from `since` to `until`."""
        alive = SlotRecord.status.in_((*SLOT_OPEN, "published"))
        within = SlotRecord.publish_at.between(since, until)
        statement = select(SlotRecord).where(SlotRecord.channel_id.in_(channel_ids), alive, within)
        return tuple(self.session.scalars(statement.order_by(SlotRecord.publish_at, SlotRecord.id)))

    def launch(self, wake: Wake, slot_id: str, run: RunRecord) -> SlotRecord:
        """Add the production run of a planned slot and mark it launched, together; raises WakeLost and SlotMoved."""
        AutonomousRunRepository(self.session).verify(wake)
        slot = self._locked(slot_id)
        if slot.status != "planned":
            raise SlotMoved(f"slot {slot_id}: is {slot.status} by now and is not launched", slot=slot_id, status=slot.status)
        run.autonomous_run_id = wake.run_id
        self.session.add(run)
        self.session.flush()
        slot.production_run_id, slot.launched_at, slot.attempts = run.id, self._now(), slot.attempts + 1
        return self._write(slot, "launched", f"production {run.id}", {"run": run.id})

    def move(self, wake: Wake, slot_id: str, to: str, note: str, **values: object) -> SlotRecord:
        """Take a slot to its next status with a note for its history; `values` set columns. Raises WakeLost and SlotMoved."""
        AutonomousRunRepository(self.session).verify(wake)
        return self._move(slot_id, to, note, values)

    def annotate(self, wake: Wake, slot_id: str, **why: object) -> None:
        """Add to why a slot is as it is, without a step; raises WakeLost."""
        AutonomousRunRepository(self.session).verify(wake)
        slot = self._locked(slot_id)
        slot.why = {**slot.why, **why}
        self.session.flush()

    def answer(self, slot_id: str, to: str, note: str, **values: object) -> SlotRecord:
        """Move a slot that waits for a person, as that person says; raises SlotMoved for any other."""
        slot = self._locked(slot_id)
        if slot.status != "asked":
            raise SlotMoved(f"slot {slot_id}: is {slot.status} and waits for nobody", slot=slot_id, status=slot.status)
        return self._move(slot_id, to, note, values)

    def rebind(self, production_run_id: str, publish_at: datetime, note: str) -> None:
        """Give the slot of a production the time to which its video was moved; its runner holds the production's lease. Another time is no news twice."""
        slot_id = self.session.scalar(select(SlotRecord.id).filter_by(production_run_id=production_run_id, status="launched"))
        if slot_id is not None and self._locked(slot_id).publish_at != publish_at:
            self._move(slot_id, "launched", note, {"publish_at": publish_at})

    def tell(self, production_run_id: str, note: str) -> None:
        """Add to the history of a production's slot, if it has one that it may still serve, what became of it; the slot stays where it is."""
        of_it = SlotRecord.status.in_(("launched", "asked"))
        slot_id = self.session.scalar(select(SlotRecord.id).where(SlotRecord.production_run_id == production_run_id, of_it))
        if slot_id is not None and (slot := self._locked(slot_id)).status in {"launched", "asked"}:
            self._write(slot, slot.status, note, {})

    def _move(self, slot_id: str, to: str, note: str, values: Mapping[str, object]) -> SlotRecord:
        slot = self._locked(slot_id)
        if to not in _NEXT.get(slot.status, ()):
            raise SlotMoved(f"slot {slot_id}: {slot.status} cannot become {to}", slot=slot_id, status=slot.status)
        for name, value in values.items():
            setattr(slot, name, value)
        return self._write(slot, to, note, {})

    def _write(self, slot: SlotRecord, to: str, note: str, more: Mapping[str, Any]) -> SlotRecord:
        now = self._now()
        slot.history = [*slot.history, {"at": now.isoformat(), "from": slot.status, "to": to, "note": note, **more}]
        slot.status = to
        slot.finished_at = None if to in SLOT_OPEN else now
        self.session.flush()
        return slot

    def _locked(self, slot_id: str) -> SlotRecord:
        statement = select(SlotRecord).filter_by(id=slot_id).with_for_update().execution_options(populate_existing=True)
        found = self.session.scalar(statement)
        if found is None:
            raise SlotMissing(f"slot: {slot_id!r} does not exist", slot=slot_id)
        return found

    def _now(self) -> datetime:
        found: datetime = self.session.scalars(select(func.clock_timestamp())).one()
        return found
