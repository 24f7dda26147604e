"""Statements about approvals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from infra.errors import Conflict, Forbidden, NotFound
from infra.ids import new_id
from memory.records.approval_voices import ApprovalVoiceRecord
from memory.records.approvals import VERDICTS, ApprovalRecord
from memory.records.runs import RunRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.keyset import Keyset, Page

DECIDED = "approval.decided"
EXPIRED = "approval.expired"
# Who answers when nobody does: the rule that silence publishes nothing.
POLICY = "policy"
_KEYSET = Keyset(ApprovalRecord.created_at, ApprovalRecord.id)
_STATUS = dict(zip(VERDICTS, ("accepted", "edited", "responded", "ignored"), strict=True))


class ApprovalMissing(NotFound):
    """There is no approval of that id or interrupt."""

    code = "approval_missing"


class ApprovalDecided(Conflict):
    """The approval was decided before; a decision is never changed."""

    code = "approval_decided"


class NotApproved(Forbidden):
    """No accepted approval names exactly this manifest."""

    code = "not_approved"


def decided_before(approval: ApprovalRecord) -> ApprovalDecided:
    """Return the refusal of a second decision, which says who made the first one and when."""
    about = {"status": approval.status, "decided_by": approval.decided_by, "decided_at": approval.decided_at and approval.decided_at.isoformat()}
    when = f" at {approval.decided_at:%Y-%m-%d %H:%M:%S} UTC" if approval.decided_at else ""
    return ApprovalDecided(f"approval {approval.id} was {approval.status} by {approval.decided_by}{when}", approval=approval.id, **about)


@dataclass(frozen=True)
class NewApproval:
    """What a person is asked: the gate, the interrupt that waits, the digest that the answer binds, how many risks there are and when the video is shown."""

    run_id: str
    gate: str
    interrupt_id: str
    manifest_digest: str
    request: Mapping[str, Any]
    risks: int | None = None
    due_at: datetime | None = None


class ApprovalRepository:
    """Requests for decisions, and the one decision each may have."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def request(self, new: NewApproval) -> ApprovalRecord:
        """Ask for a decision; asking again for the same interrupt returns the first request."""
        values: dict[str, Any] = {"id": new_id("approval"), "run_id": new.run_id, "gate": new.gate, "interrupt_id": new.interrupt_id}
        values |= {"risks": new.risks, "due_at": new.due_at}
        statement = insert(ApprovalRecord).values(**values, manifest_digest=new.manifest_digest, request=dict(new.request))
        self.session.execute(statement.on_conflict_do_nothing(index_elements=["run_id", "interrupt_id"]))
        return self.session.scalars(select(ApprovalRecord).filter_by(run_id=new.run_id, interrupt_id=new.interrupt_id)).one()

    def get(self, approval_id: str) -> ApprovalRecord:
        """Return the approval; raises ApprovalMissing."""
        found = self.session.get(ApprovalRecord, approval_id, populate_existing=True)
        if found is None:
            raise ApprovalMissing(f"approval: {approval_id!r} does not exist", approval=approval_id)
        return found

    def lock(self, approval_id: str) -> ApprovalRecord:
        """Return the approval with its row locked until this transaction ends; raises ApprovalMissing."""
        self.session.execute(select(ApprovalRecord.id).where(ApprovalRecord.id == approval_id).with_for_update())
        return self.get(approval_id)

    def say(self, approval_id: str, principal: str, kind: str, manifest_digest: str, decision: Mapping[str, Any]) -> ApprovalVoiceRecord:
        """Write down a `proposal`, or an `acceptance` that needs a second one."""
        about = {"approval_id": approval_id, "principal": principal, "kind": kind, "manifest_digest": manifest_digest}
        voice = ApprovalVoiceRecord(id=new_id("voice"), **about, decision=dict(decision))
        self.session.add(voice)
        self.session.flush()
        return voice

    def voices(self, approval_id: str) -> tuple[ApprovalVoiceRecord, ...]:
        """Return what was said on an approval, oldest first."""
        order = (ApprovalVoiceRecord.created_at, ApprovalVoiceRecord.id)
        return tuple(self.session.scalars(select(ApprovalVoiceRecord).filter_by(approval_id=approval_id).order_by(*order)))

    def find_pending(self, run_id: str) -> ApprovalRecord | None:
        """Return the run's newest undecided approval, if one waits."""
        statement = select(ApprovalRecord).filter_by(run_id=run_id, status="pending")
        return self.session.scalar(statement.order_by(ApprovalRecord.created_at.desc(), ApprovalRecord.id.desc()).limit(1))

    def find_before(self, approval: ApprovalRecord) -> ApprovalRecord | None:
        """Return the question that the same run asked before this one, if it did."""
        earlier = (ApprovalRecord.run_id == approval.run_id, ApprovalRecord.created_at < approval.created_at, ApprovalRecord.id != approval.id)
        return self.session.scalar(select(ApprovalRecord).where(*earlier).order_by(ApprovalRecord.created_at.desc(), ApprovalRecord.id.desc()).limit(1))

    def list_(self, status: str | None = "pending", cursor: str | None = None, limit: int = 50) -> Page[ApprovalRecord]:
        """Return approvals of a status (None: of any), newest first."""
        statement = select(ApprovalRecord)
        if status is not None:
            statement = statement.where(ApprovalRecord.status == status)
        return _KEYSET.page(self.session, statement, cursor, limit)

    def decide(self, approval_id: str, verdict: str, decided_by: str, decision: Mapping[str, Any], *, via: str = "command") -> ApprovalRecord:
        """Record the one decision (accept, edit, respond or ignore) and put it in the trail; raises ApprovalDecided for a second one.

        `via` says by what it came: a person's session, the command line, or the channel's policy.
        """
        if verdict not in _STATUS:
            raise Conflict(f"verdict: {verdict!r} is unknown; one of {', '.join(_STATUS)}", verdict=verdict)
        values = {"status": _STATUS[verdict], "decided_by": decided_by, "decision": dict(decision), "decided_at": func.now()}
        statement = update(ApprovalRecord).where(ApprovalRecord.id == approval_id, ApprovalRecord.status == "pending").values(**values)
        changed = self.session.execute(statement.returning(ApprovalRecord.id)).one_or_none()
        approval = self.get(approval_id)
        if changed is None:
            raise decided_before(approval)
        self._note(approval, decided_by, DECIDED, {"answer": verdict, "via": via})
        return approval

    def expire(self, older_than_s: float) -> tuple[ApprovalRecord, ...]:
        """Decide questions that nobody answered for so long as if they had been ignored, and put that in the trail: silence never publishes anything."""
        limit = func.now() - timedelta(seconds=older_than_s)
        why = f"nobody answered within {older_than_s / 3600:g} h"
        statement = update(ApprovalRecord).where(ApprovalRecord.status == "pending", ApprovalRecord.created_at < limit)
        decision = {"type": "ignore", "by": "expiry", "args": why}
        changed = statement.values(status="expired", decided_by="expiry", decision=decision, decided_at=func.now()).returning(ApprovalRecord)
        return self._expired(changed, POLICY, why)

    def close(self, run_id: str, by: str) -> int:
        """Expire what a run asks people, since it ends without an answer; returns how many requests that were."""
        statement = update(ApprovalRecord).where(ApprovalRecord.run_id == run_id, ApprovalRecord.status == "pending")
        closed = statement.values(status="expired", decided_by=by, decided_at=func.now()).returning(ApprovalRecord)
        return len(self._expired(closed, by, "its run ended without an answer"))

    def verify(self, run_id: str, gate: str, manifest_digest: str) -> ApprovalRecord:
        """Return the accepted approval of exactly this manifest; raises NotApproved when there is none."""
        key = {"run_id": run_id, "gate": gate, "manifest_digest": manifest_digest, "status": "accepted"}
        found = self.session.scalar(select(ApprovalRecord).filter_by(**key).limit(1))
        if found is None:
            raise NotApproved(f"run {run_id}: no accepted {gate} approval of manifest {manifest_digest}", run=run_id, manifest=manifest_digest)
        return found

    def _expired(self, changing: ReturningUpdate[ApprovalRecord], actor: str, why: str) -> tuple[ApprovalRecord, ...]:
        expired = tuple(self.session.scalars(changing))
        for one in expired:
            self._note(one, actor, EXPIRED, {"default": "ignore", "why": why, "via": POLICY})
        return expired

    def _note(self, approval: ApprovalRecord, actor: str, action: str, what: Mapping[str, str]) -> None:
        """Put what became of a question in the trail of the tenant that it was asked of."""
        about = {"run": approval.run_id, "gate": approval.gate, "manifest": approval.manifest_digest}
        tenant = self.session.scalar(select(RunRecord.tenant_id).filter_by(id=approval.run_id))
        AuditRepository(self.session).append(actor, action, approval.id, {**about, **what}, tenant=tenant)
