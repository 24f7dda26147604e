"""Quotas as clients see them."""

from datetime import date, datetime

from pydantic import BaseModel, Field


class BucketView(BaseModel):
    """One bucket of the platform's daily quota: what is `left` is neither spent nor set aside."""

    bucket: str
    limit: int
    spent: int
    reserved: int = Field(description="Set aside for publications that are under way.")
    left: int
    closed_until: datetime | None = Field(description="Until when the platform itself called it used up.")
    reason: str


class AccountQuota(BaseModel):
    """What one connected channel has taken today, and what its publications under way have set aside, by bucket."""

    channel: str
    external_id: str
    title: str
    spent: dict[str, int]
    reserved: dict[str, int]
    uploads_closed_until: datetime | None = Field(description="Until when the platform takes no more uploads of this channel.")
    reason: str


class ProjectQuota(BaseModel):
    """What a project of the platform holds on `day`, which ends at `resets_at`: the next midnight of `zone`. Every channel of the studio shares it."""

    platform: str
    project: str
    day: date
    zone: str
    resets_at: datetime
    buckets: list[BucketView]
    accounts: list[AccountQuota]


class QuotaList(BaseModel):
    """By project."""

    items: list[ProjectQuota]
