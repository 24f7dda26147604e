"""What kind each shot is: the writer's wish, held to the rhythm of a watchable video."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.thumbnail_designer.schemas import Candidate
from agents.thumbnail_designer.timing import Slot
from agents.thumbnail_designer.wording import data_kind
from memory.artifacts import Picture
from tools.make_visual.schema import Kind

PICTURED = frozenset({"picture", "opener"})
LEAST_FIT = 0.12
PICTURE_EVERY = 3
SAME_IN_A_ROW = 2


@dataclass(frozen=True)
class Choice:
    """The kind and picture of one shot, and why."""

    kind: Kind
    picture: Picture | None
    reasons: tuple[str, ...]
    alternatives: tuple[str, ...] = ()
    fit: float = 0.0


def choose(slots: Sequence[Slot], candidates: Sequence[Candidate]) -> tuple[Choice, ...]:
    """Return one choice per slot: never the same kind three times in a row, a picture at least every third shot, none twice."""
    chosen: list[Choice] = []
    pictures = _assign(slots, candidates)
    for index, slot in enumerate(slots):
        chosen.append(_choice(index, slot, chosen, pictures))
    return tuple(chosen)


def _choice(index: int, slot: Slot, before: list[Choice], pictures: Mapping[int, Candidate]) -> Choice:
    if slot.card:
        return Choice("closing", None, ("the end card names sources and credits while the last words are heard",))
    if index == 0:
        return _pictured("opener", index, pictures, ("the hook opens the video with its own words, large",))
    wish, why = _wish(slot)
    kinds = [one.kind for one in before]
    if wish != "picture" and not any(kind in PICTURED for kind in kinds[-(PICTURE_EVERY - 1) :]):
        return _pictured("picture", index, pictures, (f"{PICTURE_EVERY - 1} shots without a picture came before; {wish} was the wish",), (wish,))
    if kinds[-SAME_IN_A_ROW:] == [wish] * SAME_IN_A_ROW:
        other: Kind = "title" if wish == "picture" else "picture"
        reasons = (f"{SAME_IN_A_ROW} {wish} shots came before; a third would tire the eye",)
        return _pictured("picture", index, pictures, reasons, (wish,)) if other == "picture" else Choice(other, None, reasons, (wish,))
    return _pictured("picture", index, pictures, (why,)) if wish == "picture" else Choice(wish, None, (why,), ("picture",))


def _wish(slot: Slot) -> tuple[Kind, str]:
    """Return the kind that the sentence asks for and can fill; the second part of a long sentence gets a picture."""
    if slot.part > 0:
        return "picture", "the sentence goes on past six seconds; a new view keeps it moving"
    for sentence in slot.sentences:
        kind = data_kind(sentence)
        if kind is not None and kind != "picture":
            return kind, f"the sentence holds what a {kind} shows best"
    return "picture", "the sentence describes something to be seen"


def _pictured(kind: Kind, index: int, pictures: Mapping[int, Candidate], reasons: tuple[str, ...], alternatives: tuple[str, ...] = ()) -> Choice:
    candidate = pictures.get(index)
    if candidate is None:
        return Choice(kind, None, (*reasons, "no unused picture fits the sentence; an illustration of its subject is drawn"), alternatives)
    return Choice(kind, candidate.picture, (*reasons, f"picture: {candidate.picture.caption[:90]} (fit {candidate.fit:.2f})"), alternatives, candidate.fit)


def _assign(slots: Sequence[Slot], candidates: Sequence[Candidate]) -> dict[int, Candidate]:
    """Give each picture to the one slot it fits best, best fits first, so that none is shown twice."""
    options = [
        (-candidate.fit, index, candidate.picture.digest, candidate)
        for index, slot in enumerate(slots)
        if not slot.card
        for candidate in candidates
        if candidate.fit >= LEAST_FIT and candidate.sentence_id in {sentence.id for sentence in slot.sentences} and _may_show(index, slot)
    ]
    given: dict[int, Candidate] = {}
    used: set[str] = set()
    for _, index, digest, candidate in sorted(options, key=lambda option: option[:3]):
        if index not in given and digest not in used:
            given[index] = candidate
            used.add(digest)
    return given


def _may_show(index: int, slot: Slot) -> bool:
    """Keep pictures for shots that are likely to show one."""
    return index == 0 or slot.part > 0 or _wish(slot)[0] == "picture"
