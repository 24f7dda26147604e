"""Incidents as clients see them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.http.fields import Body, FreeText

Status = Literal["open", "acknowledged", "resolved"]
Severity = Literal["info", "warning", "critical"]


class IncidentView(BaseModel):
    """One piece of trouble: where it was seen, and how sure that is."""

    id: str
    kind: str
    severity: Severity
    status: Status
    summary: str
    signal: str
    confidence: float | None
    channel: str | None
    run: str | None
    publication: str | None
    opened: datetime
    resolved: datetime | None


class IncidentPage(BaseModel):
    """Some incidents, newest first, and the cursor of the next page."""

    items: list[IncidentView]
    next: str | None


class TimelineEntry(BaseModel):
    """What happened in an incident, when and by whom."""

    at: datetime
    by: str
    what: str
    detail: str


class ActionView(BaseModel):
    """One thing done or wanted: `reversal` says how it is taken back."""

    id: str
    action: str
    target: str
    status: Literal["done", "wanted", "failed", "reversed"]
    by: str
    why: str
    reversible: bool
    reversal: str
    before: dict[str, Any]
    details: dict[str, Any]
    at: datetime
    reversed_by: str | None
    reversed_at: datetime | None


class IncidentDetail(IncidentView):
    """An incident with its timeline, what was done, and what waits for a person."""

    timeline: list[TimelineEntry]
    actions: list[ActionView]


class Note(Body):
    """What to write into the timeline."""

    note: Annotated[FreeText, Field(max_length=1000)] = ""
