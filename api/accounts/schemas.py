"""Accounts of platforms as clients see them, connect them and revoke them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.http.fields import Body, FreeText
from memory.artifacts import Provenance


class AccountView(BaseModel):
    """One channel of the platform, and how the consent of its owner stands. The consent itself is never told."""

    channel: str
    platform: str
    external_id: str
    title: str
    project: str
    provenance: Provenance
    scopes: list[str]
    state: str
    reason: str = Field(description="Why it cannot be used, where it cannot.")
    healthy: bool = Field(description="Whether the studio may publish through it now.")
    connected_at: datetime
    verified_at: datetime | None = Field(description="When the platform last honoured the consent.")
    consent_ends_at: datetime | None = Field(description="Known where consents of the project end by themselves (YOUTUBE_CONSENT_DAYS).")


class AccountList(BaseModel):
    """All that are connected, by channel."""

    items: list[AccountView]


class ConnectOrder(Body):
    """The Google account to propose to the owner, where it is known."""

    account: Annotated[str | None, Field(min_length=3, max_length=254, pattern=r"^[\x21-\x7e]+$")] = None


class ConsentView(BaseModel):
    """A request for an owner's consent: `asked` until the owner answers, `answered` while that is exchanged, then `connected` or `failed` with the reason."""

    id: str
    channel: str
    status: Literal["asked", "answered", "connected", "failed"]
    reason: str
    expires_at: datetime
    finished_at: datetime | None


class ConsentBegun(ConsentView):
    """The same, with the address to open in the browser that asked: no other may bring the answer back."""

    url: str


class AccountHealth(BaseModel):
    """What the platform said when it was asked just now; `trouble` says of what kind it is."""

    ok: bool
    said: str
    trouble: str
    ms: int
    account: AccountView


class Revoking(Body):
    """Why the consent is withdrawn, for whoever reads it next."""

    reason: Annotated[FreeText, Field(min_length=1, max_length=500)]


class Revoked(BaseModel):
    """What is gone, and the runs of the channel that were under way, which were told."""

    channel: str
    title: str
    readings_deleted: int
    runs_told: list[str]
