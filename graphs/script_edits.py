"""A script that a person changed: what may be changed, what is measured before it is taken, and how it takes the writer's place."""

from typing import Annotated, Literal

from pydantic import Field, ValidationError

from agents import scriptwriter
from graphs.context import Studio
from graphs.revisions import cited, script, taken_edits
from graphs.routes import MAX_REVISIONS
from graphs.state import ProductionState, Written
from infra.errors import Invalid
from memory.artifacts import Beat, Brief, Decision, Frozen, Script, Sentence, VisualDirection
from memory.personality import Personality

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Role = Literal["hook", "fact", "quote", "transition", "call_to_action", "closing"]
_TOLD = 5


class EditedSentence(Frozen):
    """A sentence as it is to be said: `citations` are passages that the script cites already."""

    id: Id
    text: Annotated[str, Field(min_length=1, max_length=600)]
    role: Role
    citations: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=10)] = ()


class EditedBeat(Frozen):
    """A stretch of the script, which is a chapter of the video."""

    id: Id
    heading: Annotated[str, Field(min_length=1, max_length=120)]
    sentences: Annotated[tuple[EditedSentence, ...], Field(min_length=1, max_length=60)]


class ScriptEdits(Frozen):
    """The whole script as a person wants it; a sentence that keeps its id keeps what is seen with it. `approval` is the question that it answers."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    beats: Annotated[tuple[EditedBeat, ...], Field(min_length=1, max_length=20)]
    approval: str = ""


def read_edits(raw: object, approval_id: str) -> ScriptEdits:
    """Return what a person sent, checked; raises Invalid naming the field."""
    if not isinstance(raw, dict):
        raise Invalid("edit: script: give an object with title and beats")
    try:
        return ScriptEdits.model_validate({**raw, "approval": approval_id})
    except ValidationError as error:
        problem = error.errors()[0]
        raise Invalid(f"edit: script.{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}") from error


def applied(before: Script, edits: ScriptEdits) -> Script:
    """Return the script after the edit; raises Invalid for ids that occur twice, passages that it does not cite, and an edit that changes nothing."""
    known = {sentence.id: sentence for sentence in before.sentences}
    passages = {citation for sentence in before.sentences for citation in sentence.citations}
    wanted = [sentence for beat in edits.beats for sentence in beat.sentences]
    for kind, ids in (("beats", [beat.id for beat in edits.beats]), ("sentences", [sentence.id for sentence in wanted])):
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise Invalid(f"edit: {kind}: id {twice[0]!r} occurs twice; give each its own")
    for sentence in wanted:
        if unknown := [citation for citation in sentence.citations if citation not in passages]:
            raise Invalid(
                f"edit: sentence {sentence.id}: cites {unknown[0]!r}, which the script does not cite; cite one of {', '.join(sorted(passages)) or 'none'}"
            )
    beats = tuple(Beat(id=beat.id, heading=beat.heading, sentences=tuple(_sentence(one, known) for one in beat.sentences)) for beat in edits.beats)
    after = before.model_copy(update={"title": edits.title, "beats": beats})
    if after == before:
        raise Invalid("edit: it changes nothing; change the title, a heading or a sentence, or accept it")
    return after


def check(after: Script, about: Brief, personality: Personality, seconds: int) -> None:
    """Raise Invalid for a script that no review would let go on, such as a fact without a passage that supports it."""
    blocking = scriptwriter.review(after, about, personality, seconds).blocking
    if blocking:
        told = "; ".join(f"{one.criterion}: {one.text}" for one in blocking[:_TOLD])
        raise Invalid(f"edit: {told}")


async def take(studio: Studio, state: ProductionState, revision: int) -> Written | None:
    """Return the writer's slice when a person's edit has not been taken over yet: their words stand in for the writer's; None when there is none."""
    taken = taken_edits(state)
    digest = next((one for one in _answers(state) if one not in taken), None)
    if digest is None:
        return None
    edits = studio.load(digest, ScriptEdits)
    after = applied(studio.load(script(state), Script), edits)
    kept = await studio.keep(after, "script", state["scout"]["provenance"])
    decision = Decision(agent="scriptwriter", question="Which words are said?", choice="those that a person gave", reasons=(f"the answer to {edits.approval}",))
    await studio.decide("write", revision, (decision,))
    # The writer does not revise a person's words: they pass unless something blocks them.
    return {"script": kept, "cited": cited(state), "revision": revision, "attempt": MAX_REVISIONS, "refusal": None, "edits": [*taken, digest]}


def _answers(state: ProductionState) -> list[str]:
    gates = (state.get("script_gate"), state.get("video_gate"))
    return [gate["artifact"] for gate in gates if gate and gate["verdict"] == "edit" and gate.get("changes") == "script" and gate["artifact"]]


def _sentence(one: EditedSentence, known: dict[str, Sentence]) -> Sentence:
    before = known.get(one.id)
    visual = before.visual if before is not None else VisualDirection()
    return Sentence(id=one.id, text=" ".join(one.text.split()), role=one.role, citations=one.citations, visual=visual)
