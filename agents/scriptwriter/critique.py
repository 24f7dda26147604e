"""The critic: a model of the critic's chain reads a model's draft as a viewer would, and what it finds sends the draft back once."""

from collections.abc import Sequence
from importlib.resources import files

from agents.base import AgentContext
from agents.scriptwriter.evidence import AGENT
from infra.ids import canonical_json
from memory.artifacts import Decision, Script
from tools.base import ToolError
from tools.call import JobFailed
from tools.write_text.choice import has_model
from tools.write_text.schema import SPEC, WriteTextArgs
from tools.write_text.tasks import Critique, CritiqueRequest

_QUESTION = "What does the critic say?"
_MAX_TOKENS = 2000


async def ask_critic(script: Script, ctx: AgentContext) -> tuple[tuple[str, ...], Decision | None]:
    """Return the critic's faults as lines that a writer can act on, and the decision about them; nothing for a draft that took its
    sentences over, and where no model is configured for the critic.

    The rubric judges, the critic advises: when it cannot be heard, the script stands on the rubric alone and the decision says why.
    """
    if script.writer == "offline" or not has_model(ctx.settings, "critic"):
        return (), None
    request = CritiqueRequest(personality=ctx.personality, seconds=ctx.seconds, sentences=tuple(one.text for one in script.sentences))
    digest = ctx.store.put_bytes(canonical_json(request.model_dump(mode="json")))
    prompt = (files("agents.scriptwriter") / "prompts" / "critique_script.md").read_text("utf-8")
    asked = WriteTextArgs(task="critique_script", input=digest, role="critic", instructions=prompt, max_output_tokens=_MAX_TOKENS, degrade="model")
    try:
        result = await ctx.call(SPEC, asked)
    except (JobFailed, ToolError) as failed:
        return (), Decision(agent=AGENT, question=_QUESTION, choice="it could not be heard", reasons=(failed.message[:400], "the rubric judges alone"))
    faults = Critique.model_validate_json(ctx.store.read(result.output)).faults
    lines = tuple(f"{fault.kind.replace('_', ' ')}, sentence {fault.sentence}: {fault.why}" for fault in faults)
    return lines, _decision(lines, result.writer, result.cost_micro_usd)


def _decision(lines: Sequence[str], writer: str, cost_micro_usd: int) -> Decision:
    choice = f"{len(lines)} fault{'s' if len(lines) > 1 else ''}: the draft goes back once" if lines else "nothing to mend"
    scores = {"cost_usd": cost_micro_usd / 1e6} if cost_micro_usd else {}
    return Decision(agent=AGENT, question=_QUESTION, choice=choice, reasons=(f"read by {writer}", *lines), scores=scores)
