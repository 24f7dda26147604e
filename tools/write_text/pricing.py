"""What a model call costs, in millionths of a US dollar; a model without a known price is refused, never free by accident."""

from genai_prices import Usage as PricedUsage
from genai_prices import calc_price

from infra.settings import Settings
from tools.base import ToolError
from tools.vendors.language import Usage


def cost_micro_usd(provider: str, model: str, usage: Usage, settings: Settings) -> int:
    """Return the price of `usage` rounded up to whole micro-dollars, from genai-prices or the configured price.

    Cached input is part of `input_tokens` and priced at its own rate. Raises `ToolError` for a model without a price.
    """
    if settings.language_price:
        per_input, per_output = (float(part) for part in settings.language_price.split(","))
        return _up(usage.input_tokens * per_input + usage.output_tokens * per_output)
    priced = PricedUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    try:
        price = calc_price(priced, model_ref=model, provider_id=provider)
    except LookupError as error:
        raise ToolError(
            f"model: no price is known for {model!r} of {provider}; set YTEMPIRE_LANGUAGE_PRICE to its dollars per million "
            "input and output tokens, such as 0,0 for a server of your own",
            model=model,
        ) from error
    return _up(float(price.total_price) * 1_000_000)


def worst_case_micro_usd(provider: str, model: str, prompt_chars: int, max_output_tokens: int, settings: Settings) -> int:
    """Return an upper bound of a call's price before it is made: a token for every two characters in, all allowed tokens out."""
    return cost_micro_usd(provider, model, Usage(input_tokens=prompt_chars // 2 + 64, output_tokens=max_output_tokens), settings)


def _up(value: float) -> int:
    return int(value) + (value > int(value))
