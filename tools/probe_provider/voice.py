"""Asking a voice provider for the configured model or voice, and what is left of the plan."""

from collections.abc import Callable
from contextlib import closing

from tools.base import ToolContext, ToolError
from tools.probe_provider.asking import ask_through_gateway, probed
from tools.probe_provider.schema import ANSWER_S, ProbeArgs, ProbeResult
from tools.vendors.elevenlabs.client import ElevenLabsVoice
from tools.vendors.google_tts.client import GoogleVoice


def run(args: ProbeArgs, ctx: ToolContext) -> ProbeResult:
    """Read the models and the plan of `elevenlabs`, or the list of voices of `google_tts` for the voice `subject`; free of charge."""
    makers: dict[str, Callable[[ProbeArgs, ToolContext], str]] = {"elevenlabs": _elevenlabs, "google_tts": _google}
    if args.provider not in makers:
        raise ToolError(f"provider: {args.provider!r} is no voice provider; there are {', '.join(makers)}")
    return probed(ctx, lambda: makers[args.provider](args, ctx))


def _elevenlabs(args: ProbeArgs, ctx: ToolContext) -> str:
    with closing(ElevenLabsVoice(ctx.settings, ctx.settings.elevenlabs_voice, ANSWER_S)) as voice:
        return ask_through_gateway(args, ctx, voice.credential, {"models": voice.check_model, "subscription": voice.check_credit})


def _google(args: ProbeArgs, ctx: ToolContext) -> str:
    language = args.subject.split("-")[0]
    with closing(GoogleVoice(ctx.settings, args.subject, ANSWER_S)) as voice:
        return ask_through_gateway(args, ctx, voice.credential, {"voices": lambda: f"the voice {voice.describe(language).voice_id} is there"})
