"""Payments as clients see and send them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api.http.fields import Body

Limit = Annotated[int | None, Field(description="Null: none but the machine's.")]


class PlanView(BaseModel):
    """One plan and what it allows; months are those of UTC."""

    id: str
    name: str
    channels: Limit
    videos_per_month: Limit
    autonomy_hours_per_month: Limit
    for_sale: bool = Field(description="Whether it can be paid for here.")


class UsageView(BaseModel):
    """How much of the plan is used."""

    channels: int
    videos: int = Field(description="Videos begun this month, without those that came to nothing.")
    autonomy_hours: float = Field(description="Hours of this month that autonomous runs were asked for.")


class PaymentsView(BaseModel):
    """The plan that counts, what is used of it, and which others there are."""

    plan: PlanView
    usage: UsageView
    status: str | None = Field(description="The subscription's status at Stripe; null where none counts.")
    grace_until: datetime | None = Field(description="A payment failed: until then the plan counts, afterwards the least one's limits do.")
    period_ends_at: datetime | None
    ends: bool = Field(description="Whether the subscription ends with its period.")
    plans: list[PlanView]


class CheckoutOrder(Body):
    """The plan to pay for."""

    plan: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", description="One of `plans` that is for sale.")]


class PageView(BaseModel):
    """A page of Stripe's to send the person to."""

    url: str


class TakenStripeEvent(BaseModel):
    """The event, and whether it was taken now or before."""

    id: str
    new: bool
