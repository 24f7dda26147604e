"""The thumbnail designer: gathers pictures, decides what is seen when, has each shot drawn, and designs the thumbnails."""

import asyncio
from collections.abc import Sequence

from agents.base import AgentContext
from agents.thumbnail_designer import concepts, findings, gather, naming, rhythm, storyboard, timing
from agents.thumbnail_designer.schemas import Designed, DesignInput, Illustrated, IllustrateInput, Snapshot
from infra.errors import Invalid
from memory.artifacts import Decision, Storyboard
from tools.base import ToolError
from tools.call import JobFailed
from tools.compose_thumbnail.schema import SPEC as COMPOSE_THUMBNAIL
from tools.make_visual.schema import SPEC as MAKE_VISUAL
from tools.make_visual.schema import MakeVisualArgs, MakeVisualResult


async def illustrate(task: IllustrateInput, ctx: AgentContext) -> Illustrated:
    """Decide which visual serves each sentence, have every shot drawn, and return the storyboard.

    A shot whose words cannot be set as wished is drawn again as a plain headline, and its decision says so.
    """
    if not task.narration.sentences:
        raise Invalid("narration: it holds no timed sentence; narrate the script first")
    snapshot = await ctx.snapshot(Snapshot, lambda: gather.gather(task, ctx))
    slots = timing.plan_slots(task.script, task.narration, findings.tight_stretches(task.findings))
    things = naming.by_sentence(task.script.sentences, f"{task.script.title} {task.brief.topic}", snapshot.named)
    choices = rhythm.choose(slots, snapshot.candidates, things)
    look = (ctx.personality, task.format, findings.view_seed(task.findings, ctx.seed))
    calls = findings.plainer(task.findings, slots, storyboard.draw_calls(slots, choices, task.script, task.brief, look))
    drawn, calls, fallen = await _draw(calls, ctx)
    shots, decisions = [], []
    for index, (slot, choice, call) in enumerate(zip(slots, choices, calls, strict=True)):
        shot = storyboard.shot_of(index, slot, choice, call, drawn[index])
        shots.append(shot)
        decision = storyboard.decision_of(shot, slot, choice)
        decisions.append(decision.model_copy(update={"reasons": (*decision.reasons, *fallen.get(index, ()))}))
    searched = Decision(
        agent=storyboard.AGENT, question="Where were pictures looked for?", choice=f"{len(snapshot.candidates)} fits weighed", reasons=snapshot.looked_at
    )
    answered = findings.decision_of(task.findings)
    return Illustrated(storyboard=Storyboard(shots=tuple(shots), format=task.format, decisions=tuple(decisions)), decisions=(searched, *answered, *decisions))


async def design(task: DesignInput, ctx: AgentContext) -> Designed:
    """Choose three concepts from the hook, have them composed, and rank them by named heuristics."""
    wanted = concepts.plan(task.script, task.brief, task.pictures)
    try:
        result = await ctx.call(COMPOSE_THUMBNAIL, concepts.compose_args(wanted, ctx.personality, ctx.seed))
    except (JobFailed, ToolError) as error:
        wanted = concepts.plain(task.script, task.brief, error.message)
        result = await ctx.call(COMPOSE_THUMBNAIL, concepts.compose_args(wanted, ctx.personality, ctx.seed))
    best = result.thumbnails.variants[result.thumbnails.chosen]
    decision = Decision(
        agent=storyboard.AGENT,
        question="Which thumbnail goes with the video?",
        choice=f"{best.concept}: “{best.text}”",
        reasons=(*result.thumbnails.reasons, "scores are heuristics measured on the image, not a prediction learned from clicks"),
        alternatives=tuple(f"{one.concept}: “{one.text}” ({one.score:.2f})" for one in result.thumbnails.variants if one is not best),
        scores=dict(best.scores),
    )
    return Designed(thumbnails=result.thumbnails, decisions=(*(one.decision for one in wanted), decision))


async def _draw(calls: Sequence[MakeVisualArgs], ctx: AgentContext) -> tuple[list[MakeVisualResult], list[MakeVisualArgs], dict[int, tuple[str, ...]]]:
    """Draw all shots at once in stable order; then, one by one, the plain form of those that could not be set."""
    answers = await asyncio.gather(*(ctx.call(MAKE_VISUAL, call) for call in calls), return_exceptions=True)
    drawn: list[MakeVisualResult] = []
    used = list(calls)
    fallen: dict[int, tuple[str, ...]] = {}
    for index, answer in enumerate(answers):
        if isinstance(answer, JobFailed | ToolError):
            used[index] = storyboard.plain_call(calls[index])
            fallen[index] = (f"drawn as a plain headline because: {answer.message}",)
            drawn.append(await ctx.call(MAKE_VISUAL, used[index]))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            drawn.append(answer)
    return drawn, used, fallen
