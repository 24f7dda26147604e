"""The thumbnail designer on small scripts: what is seen when, and three thumbnails."""

from agents import thumbnail_designer
from agents.thumbnail_designer.schemas import Snapshot
from evals.context import Bench
from evals.outcome import CasePart, Outcome, attempt
from evals.tasks.documents import CaseDocument, build_brief
from evals.tasks.scripts import CaseScript, time_script


class DesignerCase(CasePart):
    """A small script to illustrate, or (`designs`) to make thumbnails for."""

    channel: str = "field-notes"
    script: CaseScript
    documents: tuple[CaseDocument, ...]
    designs: bool = False


class DesignerExpect(CasePart):
    """Kinds of visual that must serve some sentence."""

    kinds: tuple[str, ...] = ()


async def run(case: DesignerCase, bench: Bench) -> Outcome:
    """Run the designer on a case."""
    script = case.script.build()
    brief = build_brief(case.documents)
    if case.designs:
        context = bench.context("thumbnail_designer", case.channel)
        design = thumbnail_designer.DesignInput(script=script, brief=brief)
        return await attempt(design, context, lambda: thumbnail_designer.design(design, context))
    context = bench.context("thumbnail_designer", case.channel, stored=Snapshot(candidates=(), looked_at=("stored case: no pictures",)))
    given = thumbnail_designer.IllustrateInput(script=script, narration=time_script(script), brief=brief)
    return await attempt(given, context, lambda: thumbnail_designer.illustrate(given, context))
