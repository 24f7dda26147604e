"""Which of several drafts is handed on: the best by the rubric, and never one worse than the script that was to be improved."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.scriptwriter.evidence import AGENT, Conflict
from agents.scriptwriter.schemas import Input, Review
from memory.artifacts import Decision, Passage, Script
from memory.lessons import WANT_SOURCES, taught_by
from tools.write_text.tasks import ComposeRequest

# A draft this good is taken at once: another one would cost a job and gain little.
GOOD = 0.9
MOST_DRAFTS = 4
# A settled conflict that the viewer hears about is worth this much of the rubric's scale, the second publisher less.
_TOLD_CONFLICT, _SECOND_PUBLISHER, _ASKED_PUBLISHER = 0.04, 0.02, 0.06
# A source's own first sentence says what the story is: another opening has to be that much better.
_FIRST_SENTENCE = 0.03


@dataclass(frozen=True)
class Draft:
    """A script and how it measures."""

    script: Script
    review: Review


def good_enough(draft: Draft, conflicts: Sequence[Conflict]) -> bool:
    """Say whether no further draft is needed: nothing blocks, the score is high, and the believed side of a conflict is cited."""
    return not draft.review.blocking and draft.review.score >= GOOD and (not conflicts or _cites_winner(draft.script, conflicts))


def another(request: ComposeRequest, draft: Draft) -> ComposeRequest:
    """Return the request for a draft that opens differently: another opening leads to other stretches of the sources."""
    return request.model_copy(update={"seed": request.seed + 1, "avoid_hooks": (*request.avoid_hooks, draft.script.sentences[0].text)})


def mended(request: ComposeRequest, draft: Draft, faults: Sequence[str]) -> ComposeRequest:
    """Return the request for a draft without the faults that a critic named, beside the draft that has them."""
    told = tuple(sentence.text for sentence in draft.script.sentences)
    return request.model_copy(update={"feedback": (*request.feedback, *faults), "previous": told})


def earlier(task: Input) -> tuple[Draft, ...]:
    """Return the script that is revised as a draft among the others, unless a person asked for a change of it."""
    if task.previous is None or task.review is None or task.notes or task.review.blocking:
        return ()
    return (Draft(task.previous, task.review),)


def choose(drafts: Sequence[Draft], conflicts: Sequence[Conflict], passages: Sequence[Passage], lessons: Sequence[str] = ()) -> tuple[Draft, Decision]:
    """Return the draft that measures best and the decision about it; the earliest of equals. A lesson may ask for a second source."""
    asked = any(taught_by(lesson) & WANT_SOURCES for lesson in lessons)
    worth = [_worth(draft, conflicts, passages, _ASKED_PUBLISHER if asked else _SECOND_PUBLISHER) for draft in drafts]
    best = max(range(len(drafts)), key=lambda at: (worth[at], -at))
    reasons = [f"scores {drafts[best].review.score:.3f} on the rubric"]
    if conflicts:
        told = "cites" if _cites_winner(drafts[best].script, conflicts) else "does not cite"
        reasons.append(f"{told} the source that is believed where sources disagree")
    if asked:
        reasons.append("a lesson asks for a second source, so a draft that has one counts more")
    return drafts[best], Decision(
        agent=AGENT,
        question="Which draft?",
        choice=f"draft {best + 1} of {len(drafts)}",
        reasons=tuple(reasons),
        alternatives=tuple(f"draft {at + 1}: {draft.script.sentences[0].text}" for at, draft in enumerate(drafts) if at != best),
        scores={f"draft {at + 1}": draft.review.score for at, draft in enumerate(drafts)},
    )


def _worth(draft: Draft, conflicts: Sequence[Conflict], passages: Sequence[Passage], second: float) -> tuple[bool, float]:
    publishers = {passage.id: passage.publisher for passage in passages}
    heard = {publishers.get(cited) for sentence in draft.script.sentences for cited in sentence.citations}
    opens = any(cited.endswith("#1") for cited in draft.script.sentences[0].citations)
    bonus = _FIRST_SENTENCE * opens + _TOLD_CONFLICT * (bool(conflicts) and _cites_winner(draft.script, conflicts)) + second * (len(heard) > 1)
    return not draft.review.blocking, round(draft.review.score + bonus, 6)


def _cites_winner(script: Script, conflicts: Sequence[Conflict]) -> bool:
    believed = {conflict.kept.document_id for conflict in conflicts}
    return any(cited.rpartition("#")[0] in believed for sentence in script.sentences for cited in sentence.citations)
