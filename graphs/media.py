"""Rendering and inspecting: the two stages that belong to no agent."""

from typing import Literal

from graphs import revisions
from graphs.bodies import GateReport
from graphs.context import Studio
from graphs.state import Inspected, ProductionState
from memory.artifacts import CaptionStyle, GateResult, RenderedVideo
from memory.personality import Personality
from tools.inspect_media.schema import SPEC as INSPECT_MEDIA
from tools.inspect_media.schema import Args as InspectArgs
from tools.render_video.schema import SPEC as RENDER_VIDEO
from tools.render_video.schema import Args as RenderArgs

HAND = "production"
_STAGES: dict[str, Literal["narrate", "illustrate", "render"]] = {"narrate": "narrate", "illustrate": "illustrate", "render": "render"}


def caption_style(personality: Personality) -> CaptionStyle:
    """Return the captions' look: the channel's headline face and accent on its ground."""
    look = personality.look
    return CaptionStyle(family=look.head, accent=look.accent, uppercase=look.caption_uppercase)


async def render(studio: Studio, state: ProductionState) -> str:
    """Render the video and return the digest of its `RenderedVideo`."""
    ctx = studio.node("render", revisions.iteration(state), HAND, state["scout"]["provenance"])
    args = RenderArgs(
        storyboard=state["storyboard"],
        narration=state["narration"],
        format=studio.request.format,
        captions=caption_style(studio.personality),
        ground=studio.personality.look.ground,
        music=studio.personality.music,
        seed=studio.request.seed,
    )
    return (await ctx.call(RENDER_VIDEO, args)).rendered


async def inspect(studio: Studio, state: ProductionState) -> Inspected:
    """Measure the rendered file against the media gate."""
    rounds = revisions.rounds(state)
    ctx = studio.node("inspect", revisions.iteration(state), HAND, state["scout"]["provenance"])
    video = studio.load(state["video"], RenderedVideo)
    args = InspectArgs(
        video=video.video,
        captions=video.captions_srt,
        narration=state["narration"],
        storyboard=state["storyboard"],
        format=studio.request.format,
        fps=video.fps,
    )
    result = await ctx.call(INSPECT_MEDIA, args)
    report = await studio.keep(GateReport(gates=result.gates), "inspection", ctx.provenance)
    send_back = None if result.passed or rounds else blamed(result.gates)
    return {
        "report": report,
        "passed": result.passed,
        "warned": any(not gate.passed for gate in result.gates),
        "revision": state["write"]["revision"],
        "send_back": send_back,
        "rounds": rounds + (0 if result.passed else 1),
    }


def blamed(gates: tuple[GateResult, ...]) -> Literal["narrate", "illustrate", "render"]:
    """Return the earliest stage that a failing check names; rendering when none does."""
    named = {gate.stage for gate in gates if not gate.passed and gate.severity == "block"}
    return next((stage for name, stage in _STAGES.items() if name in named), "render")
