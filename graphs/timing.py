"""The time a video is meant to be shown, and what is done with one that comes too late for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from graphs.request import ProductionRequest
from infra.errors import Invalid
from memory.records.approvals import ApprovalRecord

# A publication counts as on time up to here; what is later follows the request's word on lateness.
GRACE = timedelta(minutes=5)
POLICY = "policy"
# To when a person may move a publication: it must still be prepared and accepted anew.
SOONEST, FARTHEST = timedelta(minutes=5), timedelta(days=366)


@dataclass(frozen=True)
class Showing:
    """When a video is to be shown (None: at once), whether a person decides about its lateness, and why it is refused for it."""

    at: datetime | None = None
    asks: bool = False
    refused: str = ""


def asked_for(request: ProductionRequest, publish_at: datetime | None) -> ProductionRequest:
    """Return the request with the time that a person moved it to, where one did."""
    return request if publish_at is None else request.model_copy(update={"publish_at": publish_at})


def check_time(request: ProductionRequest, publish_at: datetime, now: datetime) -> None:
    """Raise Invalid for a time that a video cannot be moved to: one that has passed, lies too far ahead, or is of a video that is not to be public."""
    if request.privacy != "public":
        raise Invalid(f"publish_at: the video is to be {request.privacy}, and only a public one is shown at a time; leave it out")
    if not now + SOONEST <= publish_at <= now + FARTHEST:
        told = f"between {SOONEST.total_seconds() / 60:.0f} minutes and {FARTHEST.days} days from now ({now:%Y-%m-%d %H:%M} UTC)"
        raise Invalid(f"publish_at: {publish_at:%Y-%m-%d %H:%M %Z} is not taken; give a time {told}")
    if request.publish_until is not None and publish_at > request.publish_until:
        raise Invalid(f"publish_at: its run ends at {request.publish_until:%Y-%m-%d %H:%M} UTC; give an earlier time, or lengthen the run")


def showing_of(request: ProductionRequest, now: datetime, moved: datetime | None = None) -> Showing:
    """Decide, as a video is about to be listed, when it is shown; only what is public can wait for its time.

    `moved` is when the platform takes it at last, where its quota was spent: a time of its own, which follows the request's word on lateness.
    """
    due = request.publish_at
    if due is None or request.privacy != "public":
        return Showing()
    if moved is not None and moved > due:
        if request.late == "refuse" or (request.publish_until is not None and moved > request.publish_until):
            return Showing(refused=_no_quota(due, moved, request.publish_until))
        if moved > now:
            return Showing(at=moved, asks=request.late == "ask")
        due = moved
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


def _no_quota(due: datetime, moved: datetime, until: datetime | None) -> str:
    told = f"missed its time: YouTube takes no more uploads before {due:%Y-%m-%d %H:%M} UTC; the first it would take is {moved:%Y-%m-%d %H:%M} UTC"
    return f"{told}, and its run ends at {until:%Y-%m-%d %H:%M} UTC" if until is not None and moved > until else told
