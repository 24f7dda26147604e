"""What became of an answer in words: how whoever wrote took it, and what the new script says that the old one did not."""

from typing import Any

from agents.scriptwriter import HOW_TAKEN, WHO_WRITES
from infra.database import UnitOfWork
from infra.errors import StudioError
from memory.artifacts import Script
from memory.media import MediaStore
from memory.records.approvals import ApprovalRecord
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.decisions import DecisionRepository


def understood_of(session: UnitOfWork, store: MediaStore, approval: ApprovalRecord) -> dict[str, Any] | None:
    """Return it for a question that follows an answer in words; None for every other."""
    before = ApprovalRepository(session).find_before(approval)
    if before is None or before.status != "responded" or before.decided_at is None or before.decision is None:
        return None
    decisions, period = DecisionRepository(session), (before.decided_at, approval.created_at)
    taken = decisions.find(approval.run_id, HOW_TAKEN, *period)
    writer = decisions.find(approval.run_id, WHO_WRITES, *period)
    old, new = (_sentences(store, one) for one in (before, approval))
    return {
        "words": before.decision["args"],
        "by": before.decided_by,
        "at": before.decided_at,
        "taken": taken.choice if taken else None,
        "writer": writer.choice if writer else None,
        "added": [one for one in new if one not in old] if old is not None and new is not None else None,
        "dropped": [one for one in old if one not in new] if old is not None and new is not None else None,
    }


def _sentences(store: MediaStore, approval: ApprovalRecord) -> list[str] | None:
    try:
        script = Script.model_validate_json(store.read(approval.request["action_request"]["args"]["script"]))
    except (StudioError, KeyError):
        return None
    return [sentence.text for sentence in script.sentences]
