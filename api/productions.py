"""What an operator does with productions that are under way, as functions over a stack's database: stop, pause, resume, look."""

from typing import Any

from infra.database import Session
from infra.errors import Conflict
from memory.records.runs import RunRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.fleet import PAUSED, RESUMED
from memory.repositories.jobs import JobRepository
from memory.repositories.publications import PublicationRepository
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunRepository
from memory.repositories.slots import SlotRepository


class PublicationBegun(Conflict):
    """The video is on its way to its audience: to stop or pause its run would leave half of it there."""

    code = "publication_begun"


def stop(session: Session, run_id: str, reason: str, by: str) -> None:
    """Let the stack end a production; what it made stays. Raises RunFinished and PublicationBegun."""
    run = RunRepository(session).get(run_id)
    publication = PublicationRepository(session).find_by_key(run_id)
    if run.finished_at is None and publication is not None and publication.state != "intent":
        raise PublicationBegun(f"run {run_id}: its publication has begun ({publication.state}); let it end and pull the video back", run=run_id)
    RunRepository(session).ask_to_stop(run_id, reason, by)
    RunEventRepository(session).append(run_id, "run.stop_wanted", {"reason": reason, "by": by})
    AuditRepository(session).append(by, "run.stopped", run_id, {"reason": reason})


def pause(session: Session, run_id: str, reason: str, by: str) -> None:
    """Let a production rest until it is resumed: jobs that run end and their results are kept, no other begins, and nobody drives it.

    Pausing it again changes nothing. Raises RunFinished, RunNotConducted, and PublicationBegun from the moment on at which it is decided to publish:
    an upload that rests half-way would be neither out nor back.
    """
    if not RunRepository(session).pause(run_id):
        return
    # Looked at once the run's row is ours: whoever opens a publication locks it first.
    publication = PublicationRepository(session).find_by_key(run_id)
    if publication is not None:
        raise PublicationBegun(f"run {run_id}: its publication has begun ({publication.state}) and is not paused half-way; let it end", run=run_id)
    JobRepository(session).hold(run_id)
    RunEventRepository(session).append(run_id, PAUSED, {"reason": reason, "by": by})
    SlotRepository(session).tell(run_id, f"its production is paused by {by}: {reason}")
    AuditRepository(session).append(by, "run.paused", run_id, {"reason": reason})


def resume(session: Session, run_id: str, by: str) -> None:
    """Let the stack drive a production again that is paused, was left to a person, or that a command left unfinished; raises RunFinished."""
    runs = RunRepository(session)
    run = runs.get(run_id)
    if run.stop_reason is not None:
        raise Conflict(f"run {run_id}: somebody wants it to end; start another one", run=run_id)
    if run.status == "paused":
        SlotRepository(session).tell(run_id, f"its production goes on, resumed by {by}")
    runs.conduct(run_id)
    RunEventRepository(session).append(run_id, RESUMED, {"by": by})
    AuditRepository(session).append(by, "run.resumed", run_id, {})


def describe(run: RunRecord) -> dict[str, Any]:
    """Return how a production stands, as JSON values."""
    return {
        "run_id": run.id,
        "kind": run.kind,
        "channel": run.channel_id,
        "status": run.status,
        "stop_reason": run.stop_reason,
        "topic": run.request.get("topic"),
    }
