"""The trend scout on stored snapshots: which story, or why none."""

from agents import trend_scout
from agents.trend_scout.schemas import Candidate, Evidence, Mode, MomentumFrom, Snapshot
from evals.context import Bench, CaseMemory
from evals.outcome import CasePart, Outcome, attempt
from evals.tasks.documents import CaseDocument, keep
from memory.artifacts import Provenance
from memory.attention import Outlook


class Story(CasePart):
    """One candidate of a snapshot, as the scout scored it, and the evidence that was found for it (None: nobody looked)."""

    topic: str
    summary: str = ""
    category: str = "science"
    sources: tuple[str, ...] = ("Case Wire",)
    momentum: float = 0.6
    breadth: float = 0.4
    fit: float = 0.6
    novelty: float = 0.9
    nearest: str = ""
    topic_id: str = ""
    momentum_from: MomentumFrom = "recency"
    recency: float | None = None
    outlook: Outlook | None = None
    unforeseen: str = ""
    lesson: str = ""
    evidence: tuple[CaseDocument, ...] | None = None
    looked_at: tuple[str, ...] = ("demo corpus: searched, 1 of 1 kept",)


class ScoutCase(CasePart):
    """A frozen look at the world; `gathers` leaves the snapshot out, so that the scout looks for itself at what is on this machine."""

    channel: str = "field-notes"
    topic: str | None = None
    mode: Mode = "demo"
    stories: tuple[Story, ...] = ()
    gathers: bool = False
    earlier_topics: tuple[str, ...] = ()
    failed_sources: tuple[str, ...] = ()
    refused_inputs: tuple[str, ...] = ()


class ScoutExpect(CasePart):
    """What the right answer is: a refusal that says why, or a story, and whether a forecast has to be what chose it."""

    refuses: bool = False
    because: tuple[str, ...] = ()
    chooses: str = ""
    foreseen: bool = False
    provenance: Provenance = Provenance.DEMO
    canaries: tuple[str, ...] = ()


async def run(case: ScoutCase, bench: Bench) -> Outcome:
    """Run the scout on a case."""
    provenance = Provenance.DEMO if case.mode == "demo" else Provenance.REAL
    context = bench.context(
        "trend_scout",
        case.channel,
        stored=None if case.gathers else snapshot_of(case, bench, provenance),
        memory=CaseMemory(topics=case.earlier_topics),
        provenance=Provenance.REAL,
    )
    given = trend_scout.Input(topic=case.topic)
    return await attempt(given, context, lambda: trend_scout.run(given, context))


def snapshot_of(case: ScoutCase, bench: Bench, provenance: Provenance) -> Snapshot:
    """Return the snapshot a case stores, with its documents put into the bench's store."""
    scored = set(Candidate.model_fields) - {"urls"}
    looked = [(story, story.evidence) for story in case.stories if story.evidence is not None]
    return Snapshot(
        mode=case.mode,
        provenance=provenance,
        network=case.mode == "trends",
        candidates=tuple(Candidate.model_validate({**story.model_dump(include=scored), "urls": ()}) for story in case.stories),
        evidence=tuple(
            Evidence(topic=story.topic, documents=tuple(keep(one.build(), bench.store) for one in found), looked_at=story.looked_at) for story, found in looked
        ),
        failed_sources=case.failed_sources,
        refused_inputs=case.refused_inputs,
    )
