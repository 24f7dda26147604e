"""The voice director: voice, pace, pauses, emphasis and readings, and one more pass when the slot is missed."""

from agents.base import AgentContext
from agents.voice_director import policy
from agents.voice_director.casting import cast_voice
from agents.voice_director.gather import gather
from agents.voice_director.schemas import Input, Output, Snapshot
from tools.synthesize_speech.schema import SPEC


async def run(input: Input, ctx: AgentContext) -> Output:
    """Have a script read aloud in the channel's manner, as near to its slot as a natural pace allows."""
    snapshot = await ctx.snapshot(Snapshot, lambda: gather(input, ctx))
    casting = cast_voice(snapshot, ctx.personality)
    plan = policy.plan_reading(snapshot, ctx.personality, casting.voice)
    result = await ctx.call(SPEC, policy.speech_args(plan, snapshot.pronunciations, ctx.personality, casting.fallback))
    better = policy.refit(plan, result.duration_s, snapshot.seconds)
    if better is not None and casting.affords_again(snapshot.budget_usd):
        plan = better
        result = await ctx.call(SPEC, policy.speech_args(plan, snapshot.pronunciations, ctx.personality, casting.fallback))
    return Output(
        narration=result.narration,
        audio=result.audio,
        duration_s=result.duration_s,
        longest_silence_s=result.longest_silence_s,
        loudness_lufs=result.loudness_lufs,
        decisions=policy.decisions(snapshot, ctx.personality, plan, casting, result),
    )
