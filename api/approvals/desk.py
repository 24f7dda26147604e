"""Deciding and proposing: bound to the manifest that was seen, once, by a person; everything in the caller's transaction."""

from api.approvals.schemas import Answer
from api.http.principal import Principal
from api.http.refusals import NotAllowed
from graphs.answers import AnswerDesk
from infra.database import UnitOfWork
from infra.errors import Conflict
from memory.records.approvals import ApprovalRecord
from memory.repositories.approvals import ApprovalRepository, decided_before
from memory.repositories.audit import AuditRepository
from memory.repositories.runs import RunRepository

PROPOSED = "approval.proposed"


class ManifestChanged(Conflict):
    """What is to be decided on is not what was seen."""

    code = "manifest_changed"


def decide(session: UnitOfWork, desk: AnswerDesk, who: Principal, approval_id: str, answer: Answer) -> None:
    """Record a person's decision and let the stack go on with the run; where the channel needs two people, the first acceptance only waits.

    Raises ApprovalDecided with who decided and when, ManifestChanged, and what `AnswerDesk.take` raises.
    """
    if who.via != "session":
        raise NotAllowed("a program's token may propose a decision, and a signed-in person decides; send it to .../proposals")
    approval = _open(session, approval_id, answer)
    if desk.take(approval_id, _raw(answer, who), "session") is not None:
        RunRepository(session).conduct(approval.run_id)


def propose(session: UnitOfWork, desk: AnswerDesk, who: Principal, approval_id: str, answer: Answer) -> None:
    """Record what somebody proposes, checked as a decision is; raises what `decide` raises."""
    approval = _open(session, approval_id, answer)
    raw = _raw(answer, who)
    desk.read(approval_id, raw)
    ApprovalRepository(session).say(approval_id, who.user_id, "proposal", approval.manifest_digest, raw)
    AuditRepository(session).append(who.user_id, PROPOSED, approval_id, {"run": approval.run_id, "via": who.via, "answer": answer.type})


def _open(session: UnitOfWork, approval_id: str, answer: Answer) -> ApprovalRecord:
    approval = ApprovalRepository(session).lock(approval_id)
    if approval.status != "pending":
        raise decided_before(approval)
    if answer.manifest != approval.manifest_digest:
        said = f"manifest: {answer.manifest[:12]}... is not what is asked about now ({approval.manifest_digest[:12]}...)"
        raise ManifestChanged(f"{said}; read the approval again and decide on what is there", approval=approval_id, manifest=approval.manifest_digest)
    return approval


def _raw(answer: Answer, who: Principal) -> dict[str, object]:
    return {"type": answer.type, "args": answer.args, "by": who.user_id}
