"""What kind each shot is: the writer's wish, held to the rhythm of a watchable video."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agents.thumbnail_designer.figures import figure_of
from agents.thumbnail_designer.naming import STORY, Things, shown_for
from agents.thumbnail_designer.phrases import terms
from agents.thumbnail_designer.saying import joined, key_phrase
from agents.thumbnail_designer.schemas import Candidate
from agents.thumbnail_designer.subjects import Views
from agents.thumbnail_designer.timing import Slot
from agents.thumbnail_designer.wording import data_kind
from memory.artifacts import Picture
from tools.make_visual.schema import Kind

PICTURED = frozenset({"picture", "opener"})
LEAST_FIT = 0.12
PICTURE_EVERY = 3
# What gives way to a picture after two shots without one; a chart, a list, a quotation or a comparison never does.
YIELDING = frozenset({"number", "title", "map"})
SAME_IN_A_ROW = 2
# Words so few are set whole rather than as two terms.
FEW_WORDS = 9
# How much longer than its slot a shot is seen, at most: half a fade before it and half a fade after.
FADES_S = 0.35


@dataclass(frozen=True)
class Choice:
    """The kind of one shot, its picture or the thing it is illustrated with (`motif`), the terms it sets in type, and why."""

    kind: Kind
    picture: Picture | None
    reasons: tuple[str, ...]
    alternatives: tuple[str, ...] = ()
    fit: float = 0.0
    motif: str = ""
    terms: tuple[str, ...] = ()


@dataclass
class Rhythm:
    """The choices of a video as they are made, shot by shot."""

    pictures: Mapping[int, Candidate]
    things: Things
    made: list[Choice] = field(default_factory=list)
    views: Views = field(default_factory=lambda: Views(""))

    def picturable(self, index: int, slot: Slot) -> bool:
        """Say whether a photograph fits the slot or a thing of it can be drawn in a view that was not seen."""
        return index in self.pictures or bool(self.views.thing(self.named(slot)))

    def named(self, slot: Slot) -> tuple[str, ...]:
        """Return the things that may be shown while a slot's words are heard."""
        return tuple(dict.fromkeys(thing for one in slot.sentences for thing in shown_for(slot.words, self.things.get(one.id, {}))))

    def terms(self, slot: Slot) -> tuple[str, ...]:
        """Return the terms of a slot's words that no shot has shown yet, else all of them."""
        shown = {term.lower() for one in self.made for term in one.terms}
        found = terms(slot.words)
        return tuple(term for term in found if term.lower() not in shown) or found

    def repeats(self, kind: Kind) -> bool:
        """Say whether one more shot of this kind would make three in a row."""
        return [one.kind for one in self.made[-SAME_IN_A_ROW:]] == [kind] * SAME_IN_A_ROW

    def illustrated(self, kind: Kind, index: int, slot: Slot, reasons: tuple[str, ...], alternatives: tuple[str, ...] = ()) -> Choice:
        """Return a shot with its photograph, else with a drawing of a thing the words name."""
        candidate = self.pictures.get(index)
        if candidate is not None:
            clip = candidate.picture.clip
            shown = f"clip of {clip.seconds:.1f} s" if clip else "picture"
            why = f"{shown}: {candidate.picture.caption[:90]} (fit {candidate.fit:.2f}{', own media first' if candidate.first else ''})"
            return Choice(kind, candidate.picture, (*reasons, why), alternatives, candidate.fit)
        motif = self.views.thing(self.named(slot))
        if motif:
            self.views.of(motif)
        why = f"no unused picture fits; the words name what is drawn: {motif}" if motif else "nothing that the words name can be drawn; the story's subject is"
        return Choice(kind, None, (*reasons, why), alternatives, motif=motif)


def choose(slots: Sequence[Slot], candidates: Sequence[Candidate], things: Things | None = None) -> tuple[Choice, ...]:
    """Return one choice per slot: never the same kind three times in a row, no picture or view twice, and no drawing of what is not named.

    `things` holds what each sentence names (by its id), and under STORY what the whole story names.
    """
    rhythm = Rhythm(_assign(slots, candidates), things or {})
    for index, slot in enumerate(slots):
        rhythm.made.append(_choice(index, slot, rhythm))
    return tuple(rhythm.made)


def _choice(index: int, slot: Slot, rhythm: Rhythm) -> Choice:
    if slot.card:
        return Choice("closing", None, ("the end card names sources and credits while the last words are heard",))
    if index == 0:
        return rhythm.illustrated("opener", index, slot, ("the hook opens the video with its own words, large",))
    wish, why = _wish(slot)
    kinds = [one.kind for one in rhythm.made]
    if wish in YIELDING and not any(kind in PICTURED for kind in kinds[-(PICTURE_EVERY - 1) :]) and rhythm.picturable(index, slot):
        return rhythm.illustrated("picture", index, slot, (f"{PICTURE_EVERY - 1} shots without a picture came before; {wish} was the wish",), (wish,))
    if wish == "picture" or rhythm.repeats(wish):
        reasons = (why,) if wish == "picture" else (f"{SAME_IN_A_ROW} {wish} shots came before; a third would tire the eye",)
        return _shown(index, slot, rhythm, reasons)
    if wish in {"title", "number", "list", "quote"} and slot.sentences[0].citations and (motif := rhythm.views.thing(rhythm.named(slot))):
        rhythm.views.of(motif)
        return Choice(wish, None, (why, f"the words name what stands behind them: {motif}"), ("picture",), motif=motif)
    return Choice(wish, None, (why,), ("picture",))


def _shown(index: int, slot: Slot, rhythm: Rhythm, reasons: tuple[str, ...]) -> Choice:
    """Return a shot for words that no data shot serves: a picture of what they name, else their own point set in type."""
    fresh = rhythm.picturable(index, slot)
    if fresh and not rhythm.repeats("picture"):
        return rhythm.illustrated("picture", index, slot, reasons)
    why = f"{SAME_IN_A_ROW} pictures came before" if fresh else "the words name nothing that can be drawn"
    pair = joined(rhythm.terms(slot), slot.words)
    if pair and rhythm.made[-1].kind != "chain" and len(slot.words.split()) > FEW_WORDS:
        return Choice("chain", None, (*reasons, f"{why}; what they set side by side is shown side by side"), ("picture",), terms=pair)
    point = key_phrase(slot.words, slot.sentences[0].text if len(slot.sentences) == 1 else "")
    said = point in {term for one in rhythm.made for term in one.terms}
    if point and not said and not rhythm.repeats("phrase"):
        return Choice("phrase", None, (*reasons, f"{why}; their point is set in type"), ("picture",), terms=(point,))
    story = rhythm.views.thing(tuple(rhythm.things.get(STORY, ())))
    if story and not rhythm.repeats("picture"):
        rhythm.views.of(story)
        return Choice("picture", None, (*reasons, f"{why}, and nothing to be set in type again; the story's own subject is shown: {story}"), motif=story)
    if not rhythm.things.get(STORY) and not rhythm.repeats("picture"):
        return Choice("picture", None, (*reasons, f"{why}, and nothing to be set in type again; the scene of the story's subject is shown"))
    return Choice("title" if not rhythm.repeats("title") else "phrase", None, (*reasons, f"{why}; their beginning is set as a headline"))


def _wish(slot: Slot) -> tuple[Kind, str]:
    """Return the kind that the sentence asks for and can fill; the second part of a long sentence gets a new view, or the figure heard in it."""
    for sentence in slot.sentences:
        kind = data_kind(sentence)
        if kind == "number" and (figure := figure_of(sentence.text)) is not None and not figure.heard_in(slot.words):
            continue
        if kind is not None and kind != "picture" and (slot.part == 0 or kind == "number"):
            return kind, f"the sentence holds what a {kind} shows best"
    if slot.part > 0:
        return "picture", "the sentence goes on past six seconds; a new view keeps it moving"
    return "picture", "the sentence describes something to be seen"


def _assign(slots: Sequence[Slot], candidates: Sequence[Candidate]) -> dict[int, Candidate]:
    """Give each picture to the one slot it fits best, best fits first, so that none is shown twice; a clip only to a slot that it lasts for."""
    options = [
        (not candidate.first, -candidate.fit, index, candidate.picture.digest, candidate)
        for index, slot in enumerate(slots)
        if not slot.card
        for candidate in candidates
        if candidate.fit >= LEAST_FIT
        and candidate.sentence_id in {sentence.id for sentence in slot.sentences}
        and _may_show(index, slot)
        and _lasts(candidate.picture, slot)
    ]
    given: dict[int, Candidate] = {}
    used: set[str] = set()
    for _, _, index, digest, candidate in sorted(options, key=lambda option: option[:4]):
        if index not in given and digest not in used:
            given[index] = candidate
            used.add(digest)
    return given


def _lasts(picture: Picture, slot: Slot) -> bool:
    """Say whether a clip is long enough for a slot and the fades on either side of it; a still always is."""
    return picture.clip is None or picture.clip.lasts(slot.seconds + FADES_S)


def _may_show(index: int, slot: Slot) -> bool:
    """Keep pictures for shots that are likely to show one."""
    return index == 0 or slot.part > 0 or _wish(slot)[0] == "picture"
