"""What people do to videos: edit the script, move the time, pull back. Each by the verb that the graph knows for it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from api.http.principal import Principal
from api.http.refusals import NotAllowed
from api.http.state import ServiceState
from api.http.versions import IfMatch
from api.videos import moving
from api.videos.standing import no_room, told
from graphs.answers import AnswerDesk
from graphs.edit_preview import EditPreview, preview
from graphs.script_edits import ScriptEdits
from infra.database import UnitOfWork
from infra.errors import Conflict
from memory.artifacts import Provenance
from memory.reads.videos import video_json
from memory.records.publications import PublicationRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.jobs import TERMINAL, JobRepository, JobView
from memory.repositories.publications import PublicationRepository
from memory.repositories.runs import RunRepository
from tools.call import HIGH, JobKey, RunScope
from tools.change_visibility.schema import SPEC as CHANGE_VISIBILITY
from tools.change_visibility.schema import ChangeVisibilityArgs

HAND = "publisher"
NODE = "pull_back"
SHOWN = ("released", "verified")


class NoRoom(Conflict):
    """The video stands where this cannot be changed any more, or not yet."""

    code = "no_room_for_edit"


class NotPublished(Conflict):
    """There is nothing outside to pull back."""

    code = "not_published"


@dataclass(frozen=True)
class Outside:
    """What is to be pulled back."""

    publication: PublicationRecord
    jobs: tuple[JobView, ...]


def standing(session: UnitOfWork, video_id: str, now: datetime) -> dict[str, Any]:
    """Return a video with its status in words and its publication; raises VideoMissing."""
    found = orjson.loads(video_json(session, video_id))
    publication = PublicationRepository(session).find_by_key(found["run"]) if found["run"] else None
    view = {**told(found), "publication": publication.id if publication is not None else None, "moving": None}
    if publication is not None and found["status"] == "scheduled":
        view |= {"why_fixed": moving.why_fixed(session, publication, now), "moving": moving.moving(session, publication.run_id)}
    return view


async def reschedule(state: ServiceState, who: Principal, video_id: str, version: IfMatch, to: datetime) -> bytes:
    """Move the time at which a video is shown: by a new listing that is asked about anew, or, once it is approved and handed over, where it was published."""
    move = await asyncio.to_thread(_wanted, state, who, video_id, (version, to))
    if move is not None:
        await moving.carry_out(state, move)
    return await asyncio.to_thread(_told, state, who, video_id)


def _wanted(state: ServiceState, who: Principal, video_id: str, asked: tuple[IfMatch, datetime]) -> moving.Move | None:
    version, to = asked
    with state.work(who) as session:
        found = standing(session, video_id, state.clock.now())
        version.check(orjson.dumps(found))
        publication = PublicationRepository(session).find_by_key(found["run"]) if found["status"] == "scheduled" else None
        if publication is not None:
            return moving.prepare(session, who, publication, to, state.clock.now())
        edit(session, state, who, video_id, {"publish_at": to.isoformat()})
        return None


def _told(state: ServiceState, who: Principal, video_id: str) -> bytes:
    with state.work(who) as session:
        return orjson.dumps(standing(session, video_id, state.clock.now()))


def edit(session: UnitOfWork, state: ServiceState, who: Principal, video_id: str, args: dict[str, Any]) -> None:
    """Answer the question that waits with an edit: what it changes is made anew, and asked about again.

    Raises NoRoom while nothing waits for a person, and Invalid for an edit that the gate does not take.
    """
    (what,) = args
    found = _with_room(session, who, video_id, what)
    RunRepository(session).conduct(found["run"])
    AnswerDesk(session, state.media, state.clock).take(found["approval"], {"type": "edit", "args": args, "by": who.user_id}, "session")
    AuditRepository(session).append(who.user_id, f"video.{what}_edited", video_id, {"run": found["run"], "approval": found["approval"]})


def foresee(session: UnitOfWork, state: ServiceState, who: Principal, video_id: str, script: dict[str, Any]) -> EditPreview:
    """Return what an edit of the script would make again; raises what the edit itself would, and has no effect."""
    found = _with_room(session, who, video_id, "script")
    answer = {"type": "edit", "args": {"script": script}, "by": who.user_id}
    approval, _, edits = AnswerDesk(session, state.media, state.clock).read(found["approval"], answer)
    assert isinstance(edits, ScriptEdits)
    return preview(session, state.media, RunRepository(session).get(approval.run_id), edits)


def _with_room(session: UnitOfWork, who: Principal, video_id: str, what: str) -> dict[str, Any]:
    """Return a video that has a question open which an edit would answer; raises NotAllowed and NoRoom."""
    if who.via != "session":
        raise NotAllowed("a program's token may propose an edit, and a signed-in person makes it; send it to the approval's .../proposals")
    found: dict[str, Any] = orjson.loads(video_json(session, video_id))
    if (reason := no_room(found["status"], what)) or found["approval"] is None:
        raise NoRoom(f"video {video_id}: {reason or 'nothing waits for a person'}", video=video_id, status=found["status"])
    return found


async def pull_back(state: ServiceState, who: Principal, video_id: str, reason: str) -> bytes:
    """Let nobody see a published or scheduled video any more; returns the video and the job that does it. Raises NotPublished."""
    outside = await asyncio.to_thread(_outside, state, who, video_id)
    job = outside.jobs[-1] if outside.jobs and outside.jobs[-1].state not in TERMINAL else await _submit(state, outside, f"{who.user_id}: {reason}")
    return await asyncio.to_thread(_pulling, state, who, (video_id, reason), job)


def _outside(state: ServiceState, who: Principal, video_id: str) -> Outside:
    with state.work(who) as session:
        found = standing(session, video_id, state.clock.now())
        publication = PublicationRepository(session).find_by_key(found["run"]) if found["run"] else None
        if publication is None or publication.state not in SHOWN or found["status"] == "pulled_back":
            instead = "it is private already" if found["status"] == "pulled_back" else "ignore its approval or stop its run instead"
            raise NotPublished(f"video {video_id}: {found['words']}, so there is nothing to pull back; {instead}", video=video_id, status=found["status"])
        return Outside(publication, tuple(job for job in JobRepository(session).list_of_run(publication.run_id) if job.node == NODE))


async def _submit(state: ServiceState, outside: Outside, reason: str) -> JobView:
    one = outside.publication
    args = ChangeVisibilityArgs(key=one.key, privacy="private", reason=reason, place="youtube" if one.publisher == "youtube" else "library")
    scope = RunScope(one.run_id, one.channel_id, Provenance(one.provenance), priority=HIGH)
    key = JobKey(run_id=one.run_id, node=NODE, iteration=0, ordinal=len(outside.jobs))
    return await state.caller.submit(CHANGE_VISIBILITY, args, key=key, agent=HAND, run=scope)


def _pulling(state: ServiceState, who: Principal, what: tuple[str, str], job: JobView) -> bytes:
    video_id, reason = what
    with state.work(who) as session:
        AuditRepository(session).append(who.user_id, "video.pulled_back", video_id, {"reason": reason, "job": job.id})
        return orjson.dumps({"video": standing(session, video_id, state.clock.now()), "job": job.id, "state": job.state, "error": job.error})
