"""The time a video is meant to be shown, and what is done with one that comes too late for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from graphs.request import ProductionRequest
from memory.records.approvals import ApprovalRecord

# A publication counts as on time up to here; what is later follows the request's word on lateness.
GRACE = timedelta(minutes=5)
POLICY = "policy"


@dataclass(frozen=True)
class Showing:
    """When a video is to be shown (None: at once), whether a person decides about its lateness, and why it is refused for it."""

    at: datetime | None = None
    asks: bool = False
    refused: str = ""


def showing_of(request: ProductionRequest, now: datetime) -> Showing:
    """Decide, as a video is about to be listed, when it is shown; only what is public can wait for its time."""
    due = request.publish_at
    if due is None or request.privacy != "public":
        return Showing()
    if due > now:
        return Showing(at=due)
    if now - due <= GRACE or request.late == "publish":
        return Showing()
    return Showing(refused=too_late(due, now)) if request.late == "refuse" else Showing(asks=True)


def is_late(due: datetime | None, approval: ApprovalRecord, now: datetime) -> bool:
    """Whether what was approved for a time has missed it; a person who accepted it after that time has decided about it."""
    if due is None or now - due <= GRACE:
        return False
    decided_by_person = approval.decided_by != POLICY and approval.decided_at is not None
    return not (decided_by_person and approval.decided_at is not None and approval.decided_at >= due)


def too_late(due: datetime, now: datetime) -> str:
    """Return in words how late it is."""
    minutes = int((now - due).total_seconds() // 60)
    return f"missed its time: {minutes} min after {due:%Y-%m-%d %H:%M} UTC"
