"""When a run is to be woken next: at the first thing that falls due, and now and then to look around."""

from datetime import datetime, timedelta

from graphs.fleet_flight import Flight
from graphs.fleet_launch import begins_at
from graphs.fleet_report import next_report
from graphs.timing import GRACE
from infra.database import Session
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.repositories.slots import SlotRepository

LOOK_WHILE_MAKING = timedelta(minutes=1)
LOOK_WHILE_HELD = timedelta(minutes=1)
LOOK_WHILE_ENDING = timedelta(seconds=10)
LOOK_AROUND = timedelta(minutes=15)
_SOONEST = timedelta(seconds=1)


def next_wake(flight: Flight, session: Session, run: AutonomousRunRecord) -> datetime:
    """Return the next moment at which there is something to do."""
    now = flight.clock.now()
    moments = [now + LOOK_AROUND, next_report(run), run.ends_at]
    if run.status == "stopping":
        moments.append(now + LOOK_WHILE_ENDING)
    if run.notes.get("held"):
        moments.append(now + LOOK_WHILE_HELD)
    for slot in SlotRepository(session).list_open(run.id):
        if slot.status == "planned":
            begin = begins_at(run, slot, session)
            begins = max(begin, slot.retry_at or begin)
            # One that joined after this wake-up had launched begins at the next; what is held back is looked at now and then.
            moments.append(begins if begins > now else now + (_SOONEST if run.status == "running" and not run.notes.get("held") else LOOK_WHILE_HELD))
        elif slot.status == "launched":
            moments += [now + LOOK_WHILE_MAKING, slot.publish_at + _SOONEST, slot.publish_at + GRACE + _SOONEST]
    return max(now + _SOONEST, min(moment for moment in moments if moment > now))
