"""Which scenes a changed script draws anew, told before anything is drawn: the illustrator's own plan of both scripts, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.thumbnail_designer import gather, naming, rhythm, storyboard, timing
from agents.thumbnail_designer.schemas import Candidate, IllustrateInput, NamedThing, Snapshot
from agents.thumbnail_designer.timing import Slot
from memory.artifacts import Script
from memory.personality import Personality
from tools.make_visual.schema import MakeVisualArgs

# Half a frame: lengths that differ by less are the same film.
_SAME_S = 1 / 60


@dataclass(frozen=True)
class Foreseen:
    """A scene as it is expected: `anew` when it is made again, otherwise it is taken from the store."""

    id: str
    start_s: float
    end_s: float
    sentences: tuple[str, ...]
    visual: str
    anew: bool


@dataclass(frozen=True)
class _Plan:
    slots: Sequence[Slot]
    calls: Sequence[MakeVisualArgs]


def foresee(before: IllustrateInput, after: IllustrateInput, snapshot: Snapshot, look: tuple[Personality, int]) -> tuple[Foreseen, ...]:
    """Return the scenes of `after` with what of them `before` has made already; `look` is the channel's personality and the run's seed."""
    made = _plan(before, snapshot, look)
    wanted = _plan(after, _known(before.script, after, snapshot), look)
    return tuple(
        Foreseen(
            id=f"shot{index + 1:02d}",
            start_s=round(slot.start_s, 3),
            end_s=round(slot.end_s, 3),
            sentences=tuple(one.id for one in slot.sentences),
            visual=wanted.calls[index].kind,
            anew=not _is_made(slot, wanted.calls[index], made, index),
        )
        for index, slot in enumerate(wanted.slots)
    )


def _plan(task: IllustrateInput, snapshot: Snapshot, look: tuple[Personality, int]) -> _Plan:
    personality, seed = look
    slots = timing.plan_slots(task.script, task.narration)
    things = naming.by_sentence(task.script.sentences, f"{task.script.title} {task.brief.topic}", snapshot.named)
    choices = rhythm.choose(slots, snapshot.candidates, things)
    return _Plan(slots, storyboard.draw_calls(slots, choices, task.script, task.brief, (personality, task.format, seed)))


def _known(before: Script, task: IllustrateInput, snapshot: Snapshot) -> Snapshot:
    """Return what is known of the changed script: pictures at hand are weighed anew for sentences that changed, which are understood by their plain words."""
    texts = {one.id: one.text for one in before.sentences}
    changed = [one for one in task.script.sentences if texts.get(one.id) != one.text]
    ids = {one.id for one in changed}
    at_hand = {one.picture.digest: one.picture for one in snapshot.candidates}.values()
    fresh = tuple(Candidate(sentence_id=one.id, picture=picture, fit=gather.fit_of(one, picture)) for one in changed for picture in at_hand)
    named = snapshot.named
    if named is not None:
        plain = [NamedThing(sentence_id=one.id, motif=motif, nearness=1.0) for one in changed for motif in naming.plainly_named(one.text)]
        named = (*(one for one in named if one.sentence_id not in ids), *plain)
    kept = tuple(one for one in snapshot.candidates if one.sentence_id not in ids)
    return snapshot.model_copy(update={"candidates": (*kept, *fresh), "named": named})


def _is_made(slot: Slot, call: MakeVisualArgs, made: _Plan, index: int) -> bool:
    """Say whether the shot of that number is there already: drawn alike, seen as long, with the same words under it, and entering alike."""
    if index >= len(made.slots) or call != made.calls[index]:
        return False
    old = made.slots[index]
    enters = (slot.words, slot.opens_beat or slot.card) == (old.words, old.opens_beat or old.card)
    return enters and abs(slot.seconds - old.seconds) < _SAME_S
