"""Costs as clients see them."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.http.fields import Body

Grouping = Literal["video", "channel", "provider", "run", "kind", "day"]
Usd = Annotated[float, Field(ge=0, le=100_000)]
Limit = Literal["call", "video", "run", "day", "tenant", "provider"]


class CostRowView(BaseModel):
    """What one group comes to: `booked` was paid, `reserved` may be paid by calls in flight, `unknown` by calls whose answer was lost."""

    key: str | None
    booked_usd: float
    reserved_usd: float
    unknown_usd: float
    calls: int
    unknown_calls: int
    failed_calls: int


class Costs(BaseModel):
    """A span of UTC days by one grouping, dearest first, days in their order."""

    by: Grouping
    since: date | None
    until: date | None
    rehearsed: bool
    total: CostRowView
    rows: list[CostRowView]


class VideoCostView(BaseModel):
    """What one video came to, and whom that went to, dearest first; `usd` counts what is booked, reserved and unknown."""

    video: str
    channel: str
    title: str
    created_at: datetime
    usd: float
    providers: list[CostRowView]


class VideoCosts(BaseModel):
    """The newest videos, newest first; those that cost nothing too."""

    rehearsed: bool
    items: list[VideoCostView]


class AlertView(BaseModel):
    """An account that passed 50, 80 or 100 percent of a limit."""

    scope: str
    key: str
    percent: int
    limit_usd: float
    counted_usd: float
    hard: bool
    raised_at: datetime


class HeldBack(BaseModel):
    """A provider that is left alone for a while."""

    provider: str
    endpoint: str
    credential: str
    state: str
    failures: int
    last_error: str
    until: datetime | None


class CostAlerts(BaseModel):
    """Alerts, newest first, the cursor of those before them, and the providers that are held back."""

    alerts: list[AlertView]
    next: str | None
    held_back: list[HeldBack]


class LimitView(BaseModel):
    """One limit: null is none. `source` says whether it was set here or in the environment."""

    limit: Limit
    usd: float | None
    source: Literal["set", "environment"]
    changed_by: str | None
    changed_at: datetime | None


class Limits(BaseModel):
    """The studio's limits, each a hard stop; those of a channel's day are the channel's."""

    items: list[LimitView]


class LimitChange(Body):
    """Limits to set from now on; null lets the environment's hold again. A field that is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    call: Usd | None = Field(default=None, description="Of one call.")
    video: Usd | None = Field(default=None, description="Of one video.")
    run: Usd | None = Field(default=None, description="Of one run.")
    day: Usd | None = Field(default=None, description="Of one UTC day.")
    tenant: Usd | None = Field(default=None, description="Of all time.")
    provider: Usd | None = Field(default=None, description="Of one provider in one UTC day.")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"nothing to change; give at least one of {', '.join(type(self).model_fields)}")
        return self
