"""Having a picture made: the worst case reserved, one call, the picture made safe and kept, the reported usage booked."""

from typing import Any

from memory.artifacts import Picture
from memory.rights import Rights
from tools.base import ToolContext
from tools.gateway import Answer, CallSpoiled, PaidCall, open_gateway
from tools.generate_picture.schema import GeneratePictureArgs, GeneratePictureResult
from tools.picture_bytes import PictureUnreadable, SafePicture, make_safe
from tools.vendors.language import Usage
from tools.vendors.language_prices import cost_micro_usd, worst_case_micro_usd
from tools.vendors.openai.images import OpenAIImages, Order

_ANSWER_S = 200.0
# Output tokens of a picture of 1536 by 1024 pixels, the largest asked for, by the models that use most; a quarter more for models to come.
# Source: https://platform.openai.com/docs/guides/image-generation#cost-and-latency
_MOST_TOKENS = {"low": 408, "medium": 1568, "high": 6208}
_SPARE = 1.25


def run(args: GeneratePictureArgs, ctx: ToolContext) -> GeneratePictureResult:
    """Return the picture that the configured model makes, from the store when the same was bought before.

    Raises errors of `tools.gateway`, PriceUnknown for a model that no price list knows, and `CallSpoiled` for a picture that is paid for but of
    no use (empty, undecodable, of another size).
    """
    images = OpenAIImages(ctx.settings)
    named, quality = f"{images.provider}:{images.model}", ctx.settings.images_quality
    worst = _worst(named, args.prompt, quality, ctx)
    request = {"model": images.model, "prompt": args.prompt, "size": args.size, "quality": quality}
    paid = PaidCall(images.provider, "image", request, worst, endpoint="images", credential=images.credential, reusable=True)

    def make() -> Answer:
        delivered = images.generate(Order(args.prompt, args.size, quality), _ANSWER_S)
        used = delivered.usage
        cost = worst if used is None else _cost(named, used, ctx)
        usage = {} if used is None else {"input_tokens": used.input_tokens, "output_tokens": used.output_tokens}
        safe = _checked(delivered.data, args.size, (images.model, cost, usage))
        digest = ctx.store.put_bytes(safe.data)
        return Answer({"digest": digest, "width": safe.width, "height": safe.height}, cost, usage, (digest,))

    with open_gateway(ctx) as gateway:
        kept: Any = gateway.call(paid, make)
    rights = Rights(licence="OWN", licence_name="generated for this channel", credit=f"generated picture ({images.model})")
    picture = Picture(digest=kept["digest"], width=kept["width"], height=kept["height"], caption=args.caption, rights=rights)
    return GeneratePictureResult(picture=picture, model=images.model)


def _worst(named: str, prompt: str, quality: str, ctx: ToolContext) -> int:
    most = round(_MOST_TOKENS[quality] * _SPARE)
    told = worst_case_micro_usd(named, (prompt,), 0, ctx.settings, ctx.clock.now())
    return told + _cost(named, Usage(output_tokens=most, output_image_tokens=most), ctx)


def _cost(named: str, usage: Usage, ctx: ToolContext) -> int:
    return cost_micro_usd(named, usage, ctx.settings, ctx.clock.now())


def _checked(data: bytes, size: str, bill: tuple[str, int, dict[str, Any]]) -> SafePicture:
    """Return the picture made safe; raise CallSpoiled for one that was paid for in vain."""
    model, cost, usage = bill
    try:
        if not data:
            raise PictureUnreadable("picture: 0 bytes came back")
        safe = make_safe(data)
    except PictureUnreadable as error:
        raise CallSpoiled(f"{model}: what came back is no picture ({error.message}); it is booked as billed", cost, usage) from error
    if f"{safe.width}x{safe.height}" != size:
        raise CallSpoiled(f"{model}: the picture is {safe.width}x{safe.height}, {size} was asked for; it is booked as billed", cost, usage)
    return safe
