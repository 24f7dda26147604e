"""Asking a language provider for the configured model."""

from tools.base import ToolContext, ToolError
from tools.probe_provider.asking import ask_through_gateway, probed
from tools.probe_provider.schema import ANSWER_S, ProbeArgs, ProbeResult
from tools.vendors.anthropic import client as anthropic
from tools.vendors.openai import client as openai


def run(args: ProbeArgs, ctx: ToolContext) -> ProbeResult:
    """Look the model `subject` up at `openai` (or the compatible server) or `anthropic`; free of charge."""

    def ask() -> str:
        model = _model(args, ctx)
        return ask_through_gateway(args, ctx, model.credential, {"model": lambda: model.check(ANSWER_S)})

    return probed(ctx, ask)


def _model(args: ProbeArgs, ctx: ToolContext) -> openai.OpenAIModel | anthropic.AnthropicModel:
    if args.provider == "openai":
        return openai.connect(ctx.settings, args.subject)
    if args.provider == "anthropic":
        return anthropic.connect(ctx.settings, args.subject)
    raise ToolError(f"provider: {args.provider!r} is no language provider; there are openai and anthropic")
