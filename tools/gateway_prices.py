"""What outside services other than language models cost: prices as data with the day from which each holds; what has no price is refused."""

import math
import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.errors import Invalid
from infra.settings import Settings
from memory.ledger import MICROUSD_PER_USD
from tools.base import ToolError


class PriceUnknown(ToolError):
    """No price is known for this service on this day; it is refused, never free by accident."""

    code = "price_unknown"


class Price(BaseModel):
    """One line of a price list: `usd` dollars for every `per` units, from a day on; `variant` is a model, voice family or size."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    provider: str = Field(min_length=1)
    operation: str = Field(min_length=1)
    variant: str = ""
    unit: str
    usd: float = Field(ge=0)
    per: int = Field(default=1, ge=1)
    since: date
    source: str


def price_of(provider: str, operation: str, variant: str, on: date, settings: Settings) -> Price:
    """Return the price that holds on a day: the newest of the operator's own list, else of the list that ships; raises PriceUnknown.

    A price that begins later does not hold yet, so the cost of an old call never changes.
    """
    for known in (_read(settings.prices) if settings.prices else (), _shipped()):
        held = [one for one in known if (one.provider, one.operation, one.variant) == (provider, operation, variant) and one.since <= on]
        if held:
            return max(held, key=lambda one: one.since)
    named = f"{provider} {operation}" + (f" {variant}" if variant else "")
    raise PriceUnknown(
        f"no price is known for {named} on {on.isoformat()}; add it to a TOML file and name that in YTEMPIRE_PRICES",
        provider=provider,
        operation=operation,
        variant=variant,
    )


def cost_microusd(price: Price, quantity: float) -> int:
    """Return what `quantity` units cost in micro-dollars, rounded up."""
    # Rounded first: 0.3 units of a price that binary fractions cannot hold must not cost one micro-dollar more.
    return math.ceil(round(quantity * price.usd * MICROUSD_PER_USD / price.per, 6))


@cache
def _shipped() -> tuple[Price, ...]:
    return tuple(_parse((files("tools") / "prices.toml").read_text("utf-8"), "the shipped price list"))


@cache
def _read(path: Path) -> tuple[Price, ...]:
    try:
        return tuple(_parse(path.read_text("utf-8"), str(path)))
    except OSError as error:
        raise Invalid(f"YTEMPIRE_PRICES: {path} cannot be read ({error.strerror})") from error


def _parse(text: str, name: str) -> Iterable[Price]:
    try:
        rows: list[dict[str, Any]] = tomllib.loads(text).get("price", [])
        return [Price.model_validate(row) for row in rows]
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise Invalid(f"{name} is not a list of prices: {error}") from error
