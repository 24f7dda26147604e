"""A script that a person handed in: its words stay as they are, each sentence is bound to what supports it, and the review judges it like any other."""

from collections.abc import Sequence

from agents.base import AgentContext
from agents.scriptwriter import policy
from agents.scriptwriter.evidence import AGENT, full_passages, require_evidence
from agents.scriptwriter.gather import gather
from agents.scriptwriter.schemas import Input, Output, Snapshot
from agents.scriptwriter.suspects import suspect_decisions, withheld, without_suspects
from memory.artifacts import Decision, Passage
from memory.claims import meaningful
from memory.operator_script import OperatorScript, read_script
from tools.write_text.tasks import DraftBeat, DraftSentence, ScriptDraft

WRITER = "operator"
# A passage that shares less of a sentence's words than this is about something else.
_LEAST_SHARED = 0.4


async def adopt(text: str, task: Input, ctx: AgentContext) -> Output:
    """Return the operator's script with the passages behind its sentences; raises `NoEvidence`. What nothing supports is left for the review to block."""
    snapshot = await ctx.snapshot(Snapshot, lambda: gather(task, ctx))
    read = full_passages(task.brief)
    passages = without_suspects(read, snapshot.suspects)
    require_evidence(task.brief, passages)
    given = read_script(text)
    template, choice = policy.choose_template(task.brief, ctx.personality, ctx.seconds)
    script = policy.build_script(_draft(given, task, passages), task.brief, passages, template, WRITER)
    review = policy.review(script, task.brief, ctx.personality, ctx.seconds)
    script = script.model_copy(update={"scores": review.scores, "quality": review.score, "withheld": withheld(read, snapshot.suspects)})
    cited = {one for sentence in script.sentences for one in sentence.citations}
    bound = sum(1 for sentence in script.sentences if sentence.citations)
    who = Decision(
        agent=AGENT,
        question="Who writes?",
        choice=WRITER,
        reasons=("the task holds a finished script; not a word of it is changed", f"{bound} of {len(script.sentences)} sentences are bound to sources"),
    )
    kept = tuple(passage for passage in passages if passage.id in cited)
    return Output(script=script, review=review, passages=kept, decisions=(choice, who, *suspect_decisions(snapshot.suspects)))


def _draft(given: OperatorScript, task: Input, passages: Sequence[Passage]) -> ScriptDraft:
    stems = {passage.id: frozenset(meaningful(passage.text)) for passage in passages}
    exact = {_plain(passage.text): passage.id for passage in passages}
    said = [[_sentence(sentence, exact, stems) for sentence in part.sentences] for part in given.parts]
    said[0][0] = said[0][0].model_copy(update={"role": "hook"})
    beats = [DraftBeat(heading=part.heading, sentences=tuple(sentences)) for part, sentences in zip(given.parts, said, strict=True)]
    return ScriptDraft(beats=tuple(beats), titles=(given.title,), tags=task.brief.keywords[:12])


def _sentence(text: str, exact: dict[str, str], stems: dict[str, frozenset[str]]) -> DraftSentence:
    cited = _source_of(text, exact, stems)
    return DraftSentence(text=text, role="fact" if cited else "transition", citations=(cited,) if cited else ())


def _source_of(text: str, exact: dict[str, str], stems: dict[str, frozenset[str]]) -> str | None:
    """Return the passage that says the same, or shares most of the sentence's words."""
    if (same := exact.get(_plain(text))) is not None:
        return same
    own = frozenset(meaningful(text))
    shares = {passage_id: len(own & theirs) / len(own) for passage_id, theirs in stems.items()} if own else {}
    best = max(shares, key=lambda passage_id: (shares[passage_id], passage_id), default=None)
    return best if best is not None and shares[best] >= _LEAST_SHARED else None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
