"""The scriptwriter on stored briefs: a script that says what its sources say, or a refusal."""

from agents import scriptwriter
from agents.scriptwriter.schemas import Snapshot
from evals.context import Bench
from evals.outcome import CasePart, Outcome, attempt
from evals.tasks.documents import CaseDocument, build_brief


class WriterCase(CasePart):
    """A brief and what memory said before the first word."""

    channel: str = "field-notes"
    topic: str = ""
    angle: str = "what is known about it"
    documents: tuple[CaseDocument, ...]
    seconds: int = 45
    lessons: tuple[str, ...] = ()
    earlier_openings: tuple[str, ...] = ()
    allow_share_alike: bool = True


class WriterExpect(CasePart):
    """Whether it must refuse and say why, and words that no script may hold."""

    refuses: bool = False
    because: tuple[str, ...] = ()
    canaries: tuple[str, ...] = ()


async def run(case: WriterCase, bench: Bench) -> Outcome:
    """Run the scriptwriter on a case."""
    stored = Snapshot(lessons=case.lessons, earlier_openings=case.earlier_openings)
    context = bench.context("scriptwriter", case.channel, stored=stored, seconds=case.seconds)
    given = scriptwriter.Input(brief=build_brief(case.documents, case.topic, case.angle), allow_share_alike=case.allow_share_alike)
    return await attempt(given, context, lambda: scriptwriter.run(given, context))
