"""Endpoints of webhooks as clients see and send them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.http.fields import Body, FreeText

Status = Literal["waiting", "sent", "failed"]
Url = Annotated[FreeText, Field(min_length=8, max_length=2000, description="A public https:// address, or an origin that YTEMPIRE_WEBHOOK_PRIVATE names.")]
Note = Annotated[FreeText, Field(max_length=200)]
Kind = Annotated[str, Field(pattern=r"^(\*|[a-z_]{1,40}(\.[a-z_]{1,40})?)$", description="A noun (`approval`), a kind (`approval.pending`), or `*` for all.")]
Kinds = Annotated[list[Kind], Field(min_length=1, max_length=50)]


class NewEndpoint(Body):
    """An address that wants to be told of events."""

    url: Url
    kinds: Kinds
    note: Note = ""


class EndpointChange(Body):
    """What is to be different; what is not named stays."""

    url: Url | None = None
    kinds: Kinds | None = None
    note: Note | None = None
    paused: bool | None = Field(default=None, description="While paused, no event is kept for it.")


class EndpointView(BaseModel):
    """One address. `failures` are those in a row; until `rests_until` nothing is tried there; until `two_secrets_until` the old secret signs as well."""

    id: str
    url: str
    note: str
    kinds: list[str]
    paused: bool
    failures: int
    rests_until: datetime | None
    two_secrets_until: datetime | None
    created_by: str
    created_at: datetime


class EndpointSecret(EndpointView):
    """The address with its new secret, which is told this once."""

    secret: str


class EndpointPage(BaseModel):
    """Some addresses, newest first, and the cursor of the next page."""

    items: list[EndpointView]
    next: str | None


class Rotation(Body):
    """For how long the old secret signs beside the new one."""

    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class Try(BaseModel):
    """What came of one attempt; `status` is null when the receiver gave none."""

    at: datetime
    status: int | None
    said: str
    ms: int


class DeliveryView(BaseModel):
    """One event for one address. Its id stays the same at every attempt and replay, so that receivers can take it once."""

    id: str
    endpoint: str
    kind: str
    status: Status
    attempts: int
    next_at: datetime
    give_up_at: datetime
    created_at: datetime
    ended_at: datetime | None
    tries: list[Try]
    body: dict[str, Any]


class DeliveryPage(BaseModel):
    """Some deliveries, newest first, and the cursor of the next page."""

    items: list[DeliveryView]
    next: str | None
