"""What is remembered, as clients see it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.http.fields import Body
from memory.artifacts import Provenance
from memory.recall import Remembered

MemoryKind = Literal["topic", "script", "lesson"]
ChangeStatus = Literal["proposed", "approved", "rejected", "applied", "reverted"]


class Found(BaseModel):
    """What is nearest in meaning, best first."""

    items: list[Remembered]


class LessonView(BaseModel):
    """What one video taught, and what that rests on."""

    id: str
    channel: str
    video: str | None
    run: str | None
    text: str
    evidence: dict[str, Any]
    provenance: Provenance
    created_at: datetime


class LessonPage(BaseModel):
    """Some lessons, newest first, and the cursor of the next page."""

    items: list[LessonView]
    next: str | None


class ForgottenView(BaseModel):
    """How much goes. Of a document or feed: the texts and lessons of every video that cites it (`videos`), with `sections` of `documents`.

    Of a feed also where it was seen (`sightings`) and the `topics` that no other source carried. `unread` videos could not be looked at, since what
    they cited is not kept any more.
    """

    source: str
    said: str
    texts: int
    lessons: int
    readings: int
    sightings: int
    topics: int
    videos: int
    documents: int
    sections: int
    unread: int


class ChangeView(BaseModel):
    """A change of a personality: proposed from what happened, true only once a person approved it."""

    id: str
    channel: str
    field: str
    value_from: Any
    value_to: Any
    why: str
    evidence: dict[str, Any]
    status: ChangeStatus
    proposed_by: str
    decided_by: str | None
    decided_at: datetime | None
    applied_run_id: str | None
    created_at: datetime


class ChangePage(BaseModel):
    """Some changes, newest first, and the cursor of the next page."""

    items: list[ChangeView]
    next: str | None


class ChangeDecision(Body):
    """What becomes of a change."""

    decision: Annotated[Literal["approved", "rejected", "reverted"], Field(description="`reverted` takes one back that is in force.")]
