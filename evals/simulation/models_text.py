"""Models of the tools that read and write text: the real ones, remembered within the process, with a modelled provider behind the writer."""

from dataclasses import replace

import numpy as np

from evals.simulation.world_state import Weather
from infra.embedding import MODEL_VERSION
from infra.embedding_onnx import shared_embedder
from infra.ids import Json, seeded
from tools.base import ToolContext, ToolRetry
from tools.embed_text.schema import EmbedTextArgs, EmbedTextResult
from tools.gateway import Answer, CallTurnedAway, PaidCall, credential_tag, open_gateway
from tools.screen_content import tool as screening
from tools.screen_content.schema import ScreenContentArgs, ScreenContentResult
from tools.send_message.schema import SendMessageArgs, SendMessageResult
from tools.write_text import tool as writing
from tools.write_text.choice import chain_for
from tools.write_text.schema import WriteTextArgs, WriteTextResult

# One script costs one to three cents (evals of the shipped prices, `gpt-5-mini` and `claude-sonnet-5`); the worst case is what the limit of tokens allows.
_COST_MICROUSD = (9_000, 28_000)
_WORST_MICROUSD = 60_000
# Of the requests that an outage swallows, this share was taken in and never answered: nobody knows what they cost.
_SWALLOWED = 0.15
_TURNED_AWAY = 0.05
_DECIMALS = 6

Vector = tuple[float, ...]
_VECTORS: dict[str, Vector] = {}
_SCREENED: dict[str, ScreenContentResult] = {}


def forget() -> None:
    """Let go of what was remembered: the next simulation has other stories."""
    _VECTORS.clear()
    _SCREENED.clear()


def embed_text(args: EmbedTextArgs, ctx: ToolContext, weather: Weather) -> EmbedTextResult:  # noqa: ARG001 - the shape of a model
    """Embed each text by itself, so that its vector depends on nothing else, and remember it."""
    for text in dict.fromkeys(args.texts):
        if text not in _VECTORS:
            made = np.round(shared_embedder(ctx.settings.cache_root).embed([text]).astype(np.float64), _DECIMALS)
            _VECTORS[text] = tuple(made[0].tolist())
    return EmbedTextResult(vectors=tuple(_VECTORS[text] for text in args.texts), model_version=MODEL_VERSION)


def screen_content(args: ScreenContentArgs, ctx: ToolContext, weather: Weather) -> ScreenContentResult:  # noqa: ARG001 - the shape of a model
    """Screen with the real rules; what was screened before is remembered."""
    if args.readings:
        return screening.run(args, ctx)
    asked = args.model_dump_json()
    if asked not in _SCREENED:
        _SCREENED[asked] = screening.run(args, ctx)
    return _SCREENED[asked]


def write_text(args: WriteTextArgs, ctx: ToolContext, weather: Weather) -> WriteTextResult:
    """Write with the offline writer; where the settings name a model, its answer is bought through the real gateway.

    Raises what the gateway raises, and `CallTurnedAway` while the modelled provider is down or turns requests away.
    """
    link = chain_for(ctx.settings, args.role)[0]
    offline = ctx.settings.model_copy(update={"language": "offline", "models_writer": "", "models_critic": "", "models_fast": ""})
    written = writing.run(args, replace(ctx, settings=offline))
    if link.provider == "offline":
        return written
    request: Json = {"model": link.model, "task": args.task, "input": args.input, "limit": args.max_output_tokens}
    tag = credential_tag("simulated")
    paid = PaidCall(link.provider, f"write_text.{args.task}", request, _WORST_MICROUSD, endpoint=link.model, credential=tag)

    def make() -> Answer:
        draw = seeded(weather.seed, "answer", ctx.job_id, ctx.attempt)
        if link.provider in weather.down:
            if draw.random() < _SWALLOWED:
                raise ToolRetry(f"{link.provider} never answered")  # as the real clients do
            raise CallTurnedAway(f"{link.provider} answered 503: it is down")
        if link.provider in weather.storming:
            raise CallTurnedAway(f"{link.provider} answered 429: too many requests", after_s=float(draw.randint(5, 40)))
        cost = draw.randint(*_COST_MICROUSD)
        weather.record(f"{link.provider} write_text {cost}")
        return Answer({"output": written.output}, cost, {"output_tokens": 1500}, (written.output,))

    with open_gateway(ctx) as gateway:
        kept = gateway.call(paid, make)
    assert isinstance(kept, dict)
    return written.model_copy(update={"output": str(kept["output"]), "writer": link.name, "output_tokens": 1500})


def send_message(args: SendMessageArgs, ctx: ToolContext, weather: Weather) -> SendMessageResult:
    """Take a message for the operator, unless the mail server is down or, now and then, turns it away for a while."""
    if "mail" in weather.down or seeded(weather.seed, "mail", ctx.job_id).random() < _TURNED_AWAY:
        return SendMessageResult(outcome="later", said="451 try again later")
    weather.record(f"mail {args.address[:8]}")
    return SendMessageResult(outcome="sent", said="250 OK")
