"""What a model call costs, in millionths of a US dollar; a model without a known price is refused, never free by accident."""

from datetime import datetime

from genai_prices import Usage as PricedUsage
from genai_prices import calc_price

from infra.settings import Settings
from tools.base import ToolError
from tools.vendors.language import Usage


class PriceUnknown(ToolError):
    """No price list knows the model, and the settings name none."""

    code = "price_unknown"


def cost_micro_usd(named: str, usage: Usage, settings: Settings, at: datetime) -> int:
    """Return the price of `usage` by the model `<provider>:<model>` at that time, rounded up to whole micro-dollars.

    Prices come from genai-prices, whose entries hold from the day they took effect. A price in the settings under the model's own name stands
    over it; a bare one is for models that no list knows. Cached input is part of `input_tokens` and priced at its own rate. Raises `PriceUnknown`.
    """
    provider, _, model = named.partition(":")
    own = _own_prices(settings.language_price)
    if model in own:
        return _own_cost(own[model], usage)
    priced = PricedUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_image_tokens=usage.output_image_tokens or None,
    )
    try:
        price = calc_price(priced, model_ref=model, provider_id=provider, genai_request_timestamp=at)
    except LookupError as error:
        if "" in own:
            return _own_cost(own[""], usage)
        raise PriceUnknown(
            f"model: no price is known for {model!r} of {provider}; set YTEMPIRE_LANGUAGE_PRICE to {model}=INPUT,OUTPUT in dollars per million "
            "tokens, 0,0 for a server of your own",
            model=model,
        ) from error
    return _up(float(price.total_price) * 1_000_000)


def is_sold(provider: str, model: str) -> bool:
    """Say whether the price list knows the model: what a stand-in of the provider offers."""
    try:
        calc_price(PricedUsage(), model_ref=model, provider_id=provider)
    except LookupError:
        return False
    return True


def worst_case_micro_usd(named: str, texts: tuple[str, ...], max_output_tokens: int, settings: Settings, at: datetime) -> int:
    """Return an upper bound of a call's price before it is made.

    Plain text has at most a token for every two characters; outside ASCII a byte-level tokenizer may need one for every byte. All of it may be
    written to the provider's cache, which can cost more than reading it, and every allowed token may come back.
    """
    together = "".join(texts)
    plain = sum(character < "\x80" for character in together)
    tokens = plain // 2 + len(together.encode("utf-8", "replace")) - plain + 64
    written = Usage(input_tokens=tokens, output_tokens=max_output_tokens, cache_write_tokens=tokens)
    fresh = Usage(input_tokens=tokens, output_tokens=max_output_tokens)
    return max(cost_micro_usd(named, usage, settings, at) for usage in (written, fresh))


def _own_prices(text: str) -> dict[str, tuple[float, float]]:
    """Return dollars per million input and output tokens by model name; the empty name is any model that no list knows."""
    found = {}
    for entry in filter(None, text.split(";")):
        name, _, numbers = entry.rpartition("=")
        per_input, per_output = (float(part) for part in numbers.split(","))
        found[name.strip()] = (per_input, per_output)
    return found


def _own_cost(price: tuple[float, float], usage: Usage) -> int:
    return _up(usage.input_tokens * price[0] + usage.output_tokens * price[1])


def _up(value: float) -> int:
    return int(value) + (value > int(value))
