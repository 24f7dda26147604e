"""The crisis monitor decides whether a video may be published as far as policy and brand are concerned."""

from agents.base import AgentContext
from agents.crisis_monitor.schemas import Screened, ScreenInput
from memory.artifacts import Decision, GateResult
from tools.screen_content.schema import SPEC as SCREEN_CONTENT
from tools.screen_content.schema import Finding, ScreenContentArgs, ScreenedText

AGENT = "crisis_monitor"


async def screen(task: ScreenInput, ctx: AgentContext) -> Screened:
    """Screen script, title and tags as ours and the passages as outside text; what blocks in ours stops the video."""
    script = task.script
    ours = [ScreenedText(id="title", text=script.title, origin="ours"), ScreenedText(id="tags", text=", ".join(script.tags), origin="ours")]
    ours += [ScreenedText(id=sentence.id, text=sentence.text, origin="ours") for sentence in script.sentences]
    outside = [ScreenedText(id=passage.id, text=passage.text, origin="outside") for passage in task.brief.passages]
    result = await ctx.call(SCREEN_CONTENT, ScreenContentArgs(texts=(*ours, *outside), taboos=ctx.personality.taboos))
    blocking = tuple(finding for finding in result.findings if finding.severity == "block")
    warning = tuple(finding for finding in result.findings if finding.severity == "warn")
    noted = tuple(finding for finding in result.findings if finding.severity == "note")
    reasons = tuple(_told(finding) for finding in blocking)
    gates = (
        GateResult(name="content policy", passed=not blocking, measured=f"{len(blocking)} findings", limit="0", stage="screen"),
        GateResult(name="content warnings", passed=not warning, measured=f"{len(warning)} findings", limit="0", severity="warn", stage="screen"),
    )
    decision = Decision(
        agent=AGENT,
        question="May it be published?",
        choice="yes" if not blocking else "no",
        reasons=reasons or (f"{len(ours)} texts of ours met none of the {result.rules} rules that block",),
        alternatives=tuple(_told(finding) for finding in (*warning, *noted))[:10],
    )
    return Screened(passed=not blocking, warned=bool(warning), reasons=reasons, gates=gates, decisions=(decision,))


def _told(finding: Finding) -> str:
    return f"{finding.category} ({finding.rule}) in {finding.text_id}: {finding.excerpt!r}, {finding.reason}"
