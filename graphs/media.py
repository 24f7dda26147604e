"""Rendering and inspecting: the two stages that belong to no agent, and what the second sends back."""

from collections.abc import Container, Iterable, Sequence
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
from tools.render_video.schema import Correction

HAND = "production"
Stage = Literal["narrate", "illustrate", "render"]
# In the order in which they run: a stage that is sent back takes those after it along.
STAGES: tuple[Stage, ...] = ("narrate", "illustrate", "render")
_MOST_GAIN_DB, _MOST_CEILING_DB, _CEILING_SPARE_DB = 6.0, 3.0, 0.3
_WIDE = frozenset({"captions_in_safe_area", "caption_lines"})


def caption_style(personality: Personality) -> CaptionStyle:
    """Return the captions' look: the channel's headline face and accent on its ground."""
    look = personality.look
    return CaptionStyle(family=look.head, accent=look.accent, uppercase=look.caption_uppercase)


def own_folder(studio: Studio) -> str | None:
    """Return the folder of the channel's own pictures and clips, where there is one."""
    folder = studio.settings.own_media_of(studio.request.channel)
    return str(folder) if folder.is_dir() else None


async def render(studio: Studio, state: ProductionState) -> str:
    """Render the video and return the digest of its `RenderedVideo`."""
    ctx = studio.node("render", revisions.iteration(state), HAND, state["scout"]["provenance"])
    found = findings(studio, state, "render")
    args = RenderArgs(
        storyboard=state["storyboard"],
        narration=state["narration"],
        format=studio.request.format,
        captions=plainer(caption_style(studio.personality), found),
        ground=studio.personality.look.ground,
        music=studio.personality.music,
        seed=studio.request.seed,
        correction=correction(found, revisions.rounds(state)),
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
    before = revisions.turned_down(state)
    had_its_chance = {stage for digest in before for stage in named(studio.load(digest, GateReport).failing)}
    return {
        "report": report,
        "passed": result.passed,
        "warned": any(not gate.passed for gate in result.gates),
        "revision": state["write"]["revision"],
        "send_back": None if result.passed else sent_back(named(result.gates), had_its_chance),
        "rounds": rounds + (0 if result.passed else 1),
        "turned_down": before if result.passed else [*before, report],
    }


def findings(studio: Studio, state: ProductionState, stage: Stage) -> tuple[GateResult, ...]:
    """Return every check that turned a film of this series down and names that stage, oldest first."""
    reports = [studio.load(digest, GateReport) for digest in revisions.turned_down(state)]
    return tuple(gate for report in reports for gate in report.failing if _stage_of(gate) == stage)


def named(gates: Iterable[GateResult]) -> list[Stage]:
    """Return the stages that blocking checks name, in the order in which they run."""
    blamed = {_stage_of(gate) for gate in gates if not gate.passed and gate.severity == "block"}
    return [stage for stage in STAGES if stage in blamed]


def sent_back(blamed: Sequence[Stage], had_its_chance: Container[Stage]) -> Stage | None:
    """Return the earliest stage that is blamed; None once that one has been sent back before."""
    return None if not blamed or blamed[0] in had_its_chance else blamed[0]


def correction(found: Sequence[GateResult], take: int) -> Correction:
    """Return what another render does about its findings: every part afresh, and the level moved by what it was off."""
    if not found:
        return Correction()
    gain, ceiling = 0.0, 0.0
    for gate in found:
        off = gate.bound - gate.value if gate.bound is not None and gate.value is not None else 0.0
        if gate.name == "loudness":
            gain = max(-_MOST_GAIN_DB, min(_MOST_GAIN_DB, off))
        elif gate.name in {"true_peak", "clipping"}:
            ceiling = max(-_MOST_CEILING_DB, min(ceiling, off - _CEILING_SPARE_DB))
    return Correction(take=take, gain_db=round(gain, 2), ceiling_db=round(ceiling, 2))


def plainer(style: CaptionStyle, found: Sequence[GateResult]) -> CaptionStyle:
    """Return the captions' look after its findings: capitals take more room than they have, and what was not seen gets a plate beneath it."""
    names = {gate.name for gate in found}
    changes: dict[str, object] = {"uppercase": False} if names & _WIDE else {}
    return style.model_copy(update=changes | ({"treatment": "plate"} if "captions_burned_in" in names else {}))


def told(gate: GateResult) -> str:
    """Say a failing check in words: the stage it names, what was measured against which limit, and where in the film."""
    where = f" at {gate.at_s:.1f} s" if gate.at_s is not None and " at " not in gate.measured else ""
    return f"{_stage_of(gate)}: {gate.name} measured {gate.measured}{where}, limit {gate.limit}"


def _stage_of(gate: GateResult) -> Stage:
    return next((stage for stage in STAGES if stage == gate.stage), "render")
