"""Moving when a publication is shown: everything that counts from that time moves with it."""

from datetime import datetime

from sqlalchemy.orm import Session

from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.checks import CheckRepository
from memory.repositories.publications import PublicationRepository
from memory.repositories.runs import RunRepository
from memory.repositories.slots import SlotRepository


def move_showing(session: Session, publication_id: str, to: datetime, why: str) -> None:
    """Write down the time that a publication was moved to: its looks are due later or sooner by as much, and its slot in a fleet is kept for then.

    Doing it again changes nothing. Raises TransitionRefused for one that is not scheduled.
    """
    publication = PublicationRepository(session).reschedule(publication_id, to, why)
    CheckRepository(session).move(publication)
    SlotRepository(session).rebind(publication.run_id, to, f"moved to {to:%Y-%m-%d %H:%M} UTC by {why}")
    fleet = RunRepository(session).get(publication.run_id).autonomous_run_id
    if fleet is not None:
        AutonomousRunRepository(session).hasten(fleet)
