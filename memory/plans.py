"""The plans: how many channels, videos and hours of autonomy each allows in a month, read from `plans.toml`."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ENTRY, SELF_HOSTED = "entry", "self_hosted"


class Plan(BaseModel):
    """One plan. A limit that is None is none; `price` is None where it is not for sale. Months are those of UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    price: str | None = Field(default=None, pattern=r"^[a-z0-9_]{1,200}$")
    channels: int | None = Field(default=None, ge=1)
    videos_per_month: int | None = Field(default=None, ge=1)
    autonomy_hours_per_month: int | None = Field(default=None, ge=1)


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((files("memory") / "plans.toml").read_text("utf-8"))


@cache
def load_plans() -> Mapping[str, Plan]:
    """Return every plan by its id, from the least to the most."""
    return {name: Plan(id=name, **fields) for name, fields in _table()["plans"].items()}


def plan_of_price(lookup_key: str | None) -> str | None:
    """Return the plan that a price pays for, None for a price that is no plan's."""
    return next((one.id for one in load_plans().values() if one.price and one.price == lookup_key), None)


def grace() -> timedelta:
    """Return how long a plan stays after a payment failed."""
    return timedelta(days=_table()["grace_days"])
