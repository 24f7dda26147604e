"""The rule of two: on a channel that wants it, two people accept a video, and neither is who asked for it."""

from typing import Literal

from infra.database import Session
from infra.errors import Conflict, Forbidden
from memory.records.approvals import ApprovalRecord
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.runs import RunRepository

# By what an answer comes: a person who signed in, or the command line of the machine.
Via = Literal["session", "command"]
# Whatever name it gives, the command line counts as this one person: nobody has to show who they are there.
COMMAND = "operator"


class SecondPersonNeeded(Conflict):
    """One person has accepted; the rule of the channel needs another one."""

    code = "second_person_needed"


class OwnRequest(Forbidden):
    """Whoever asked for a video is not one of the two who accept it."""

    code = "own_request"


def person_of(by: str, via: Via) -> str:
    """Return who counts as having answered."""
    return by if via == "session" else COMMAND


def is_guarded(session: Session, channel_id: str) -> bool:
    """Whether two people must accept what this channel publishes."""
    return ChannelRepository(session).get(channel_id).two_person


def waits_for_another(session: Session, approval: ApprovalRecord, person: str) -> bool:
    """Whether this person's acceptance is the first of two.

    Raises SecondPersonNeeded for a second one by the same person, and OwnRequest for one by who asked for the video, where that is known: with the
    task, or with the run itself. What a fleet plans by itself nobody asked for.
    """
    run = RunRepository(session).get(approval.run_id)
    if approval.gate != "video" or not is_guarded(session, run.channel_id):
        return False
    where = f"approval {approval.id}: the channel {run.channel_id} needs two people to accept a video"
    if run.request.get("asked_by") == person:
        fix = "let two others who may decide accept it, in the console or with their own sign-in; you may still send it back or ignore it"
        raise OwnRequest(f"{where}, and you asked for this one; {fix}", approval=approval.id, channel=run.channel_id, asked_by=person)
    said = [one.principal for one in ApprovalRepository(session).voices(approval.id) if one.kind == "acceptance"]
    if any(one != person for one in said):
        return False
    if said:
        raise SecondPersonNeeded(f"{where}, and you have accepted it; another person has to sign in and accept it too", approval=approval.id)
    return True
