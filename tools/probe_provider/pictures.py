"""Asking a stock library for one photograph."""

from tools.base import ToolContext, ToolError
from tools.fetch import Fetcher, FetchLimits
from tools.probe_provider.asking import probed
from tools.probe_provider.schema import ANSWER_S, ProbeArgs, ProbeResult
from tools.vendors.pexels import client as pexels
from tools.vendors.pixabay import client as pixabay

_QUERY = "moon"


def run(args: ProbeArgs, ctx: ToolContext) -> ProbeResult:
    """Search `pexels` or `pixabay` once for one result, which counts as one request of the hour or minute; free of charge."""

    def ask() -> str:
        with Fetcher(ctx.settings, FetchLimits(total_s=ANSWER_S), ctx.clock) as fetcher:
            _client(args.provider, ctx, fetcher).search(_QUERY, 1, ANSWER_S)
        return "the search answers"

    return probed(ctx, ask)


def _client(provider: str, ctx: ToolContext, fetcher: Fetcher) -> pexels.PexelsClient | pixabay.PixabayClient:
    settings = ctx.settings
    if provider == "pexels" and settings.pexels_api_key is not None:
        return pexels.PexelsClient(fetcher, settings.pexels_api_key.get_secret_value(), settings.pexels_base_url or pexels.BASE_URL)
    if provider == "pixabay" and settings.pixabay_api_key is not None:
        return pixabay.PixabayClient(fetcher, settings.pixabay_api_key.get_secret_value(), settings.pixabay_base_url or pixabay.BASE_URL)
    raise ToolError(f"provider: {provider!r} is no stock library with a key; set PEXELS_API_KEY or PIXABAY_API_KEY")
