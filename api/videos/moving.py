"""Moving when an approved video is shown: one job of the publish queue tells YouTube or the library. What was approved of the video itself stays bound."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from api.http.principal import Principal
from api.http.refusals import NotAllowed
from api.http.state import ServiceState
from graphs import timing
from graphs.request import ProductionRequest
from graphs.two_people import is_guarded
from infra.database import UnitOfWork
from infra.errors import Conflict, Invalid
from memory.artifacts import Provenance
from memory.records.publications import PublicationRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.jobs import TERMINAL, JobRepository, JobView
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.runs import RunRepository
from tools.call import HIGH, JobFailed, JobKey, RunScope
from tools.reschedule_video.schema import SPEC as RESCHEDULE_VIDEO
from tools.reschedule_video.schema import RescheduleVideoArgs

HAND = "publisher"
NODE = "reschedule"
YOUTUBE = "youtube"
# For so long the answer waits, so that most people are told at once how it went; after that the job goes on without them.
PATIENCE_S = 3.0


class NotMoved(Conflict):
    """The time of the video stays as it is."""

    code = "not_moved"


@dataclass(frozen=True)
class Move:
    """One move that may be tried: of what, to when, by whose word, and the how-manieth it is."""

    publication: PublicationRecord
    to: datetime
    reason: str
    ordinal: int


def why_fixed(session: UnitOfWork, one: PublicationRecord, now: datetime) -> str:
    """Return why an approved video that waits to be shown cannot be moved as things stand; empty where it can."""
    if one.state != "verified" or one.published_at is None:
        return "it is being read back at its platform; try again in a minute"
    if one.published_at <= now + timing.SOONEST:
        return f"it is shown at {one.published_at:%Y-%m-%d %H:%M} UTC, less than {timing.SOONEST.seconds // 60} minutes from now; pull it back instead"
    if is_guarded(session, one.channel_id):
        return "two people accepted it for its time, and one alone cannot move it; pull it back and make another"
    connection = PlatformChannelRepository(session).find(one.channel_id) if one.publisher == YOUTUBE else None
    if one.publisher == YOUTUBE and (connection is None or connection.state != "active"):
        return f"channel {one.channel_id} is not connected to YouTube any more; connect its account again, then move it"
    pending = last_move(session, one.run_id)
    return "it is being moved already; wait until that is through" if pending is not None and pending.state not in TERMINAL else ""


def last_move(session: UnitOfWork, run_id: str) -> JobView | None:
    """Return the newest move of a run's video, if there was one."""
    return max(_moves(session, run_id), key=lambda job: job.ordinal, default=None)


def moving(session: UnitOfWork, run_id: str) -> dict[str, Any] | None:
    """Return the newest move while it is under way or after it came to nothing."""
    job = last_move(session, run_id)
    if job is None or job.state == "done":
        return None
    state: Literal["waiting", "failed"] = "failed" if job.state in TERMINAL else "waiting"
    return {"job": job.id, "state": state, "error": (job.error or {}).get("message")}


def prepare(session: UnitOfWork, who: Principal, one: PublicationRecord, to: datetime, now: datetime) -> Move:
    """Write down that a person wants it moved, and return the move; raises NotAllowed, NotMoved, and Invalid for a time that cannot be had."""
    if who.via != "session":
        raise NotAllowed("an approved video is moved by a person who signed in; a program's token may read when it is shown")
    if reason := why_fixed(session, one, now):
        raise NotMoved(f"publish_at: {reason}", publication=one.id)
    run = RunRepository(session).get(one.run_id)
    request = ProductionRequest.model_validate(run.request)
    # A fleet that is over keeps nothing within its hours.
    over = run.autonomous_run_id is not None and AutonomousRunRepository(session).get(run.autonomous_run_id).status == "ended"
    timing.check_time(request.model_copy(update={"publish_until": None}) if over else request, to, now)
    if to.replace(microsecond=0) == one.published_at:
        raise Invalid("publish_at: it is shown at that time already; give another")
    was = one.published_at.isoformat() if one.published_at else None
    AuditRepository(session).append(who.user_id, "video.rescheduled", str(run.video_id), {"run": run.id, "from": was, "to": to.isoformat()})
    return Move(one, to, who.user_id, len(_moves(session, one.run_id)))


async def carry_out(state: ServiceState, move: Move) -> None:
    """Have it moved and wait a moment for how that goes; raises NotMoved with what the platform or the library says against it."""
    one = move.publication
    args = RescheduleVideoArgs(key=one.key, publish_at=move.to, reason=move.reason, place="youtube" if one.publisher == YOUTUBE else "library")
    scope = RunScope(one.run_id, one.channel_id, Provenance(one.provenance), priority=HIGH)
    key = JobKey(run_id=one.run_id, node=NODE, iteration=0, ordinal=move.ordinal)
    await state.caller.submit(RESCHEDULE_VIDEO, args, key=key, agent=HAND, run=scope)
    try:
        await asyncio.wait_for(state.caller.call(RESCHEDULE_VIDEO, args, key=key, agent=HAND, run=scope), PATIENCE_S)
    except TimeoutError:
        return
    except JobFailed as error:
        raise NotMoved(f"publish_at: {error.message}", publication=one.id, job=error.job_id) from error


def _moves(session: UnitOfWork, run_id: str) -> list[JobView]:
    return [job for job in JobRepository(session).list_of_run(run_id) if job.node == NODE]
