"""Chooses which sentences tell the story: one group per beat, no repetition, exactly as long as the slot."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.write_text.offline.candidates import Candidate
from tools.write_text.offline.words import content, overlap
from tools.write_text.tasks import BeatPlan

NEAR_DUPLICATE = 0.6


@dataclass(frozen=True)
class Unit:
    """One or more sentences that must be spoken together."""

    parts: tuple[Candidate, ...]

    @property
    def words(self) -> int:
        """Spoken words of all parts."""
        return sum(part.words for part in self.parts)

    @property
    def score(self) -> float:
        """Mean score of the parts."""
        return sum(part.score for part in self.parts) / len(self.parts)

    @property
    def key(self) -> tuple[str, int]:
        """Reading order: document, then place in it."""
        return (self.parts[0].document_id, self.parts[0].index)


def units(found: Sequence[Candidate]) -> list[Unit]:
    """Group sentences with those they lean on; a chain of more than three is left out."""
    by_id = {one.passage_id: one for one in found}
    made = []
    for one in found:
        chain = [one]
        while chain[0].alone is None and chain[0].previous in by_id and len(chain) < 4:
            chain.insert(0, by_id[chain[0].previous or ""])
        if chain[0].alone is not None and len(chain) <= 3:
            made.append(Unit(tuple(chain)))
    return made


def affinity(unit: Unit, beat: BeatPlan) -> float:
    """Return how well a unit belongs to a beat: its cue words and its place in the source."""
    stems = {stem for part in unit.parts for stem in part.stems} | set(content(unit.parts[0].section))
    cues = {stem for cue in beat.cues for stem in content(cue)}
    text = " ".join(part.text for part in unit.parts).lower()
    hits = len(stems & cues) + sum(" " in cue and cue in text for cue in beat.cues)
    value = min(1.6, 0.8 * hits) if cues else 0.4
    if beat.position is not None:
        value += 1.0 - 2.2 * abs(unit.parts[0].position - beat.position)
    if '"' in beat.cues or "quote" in beat.cues:
        value += 1.2 if any(part.is_quote for part in unit.parts) else -0.8
    return value


class Selection:
    """A growing choice of units per beat that refuses repetition."""

    def __init__(self, beats: Sequence[BeatPlan], taken: Sequence[Candidate] = ()) -> None:
        self.beats = beats
        self.chosen: list[list[Unit]] = [[] for _ in beats]
        self._stems: dict[str, frozenset[str]] = {one.passage_id: one.stems for one in taken}

    @property
    def words(self) -> int:
        """Spoken words of everything chosen."""
        return sum(unit.words for group in self.chosen for unit in group)

    def fits(self, unit: Unit) -> bool:
        """Say whether no part is already spoken, word for word or in other words."""
        return all(
            part.passage_id not in self._stems and all(overlap(part.stems, other) < NEAR_DUPLICATE for other in self._stems.values()) for part in unit.parts
        )

    def add(self, beat: int, unit: Unit) -> None:
        """Take a unit into a beat."""
        self.chosen[beat].append(unit)
        self._stems.update({part.passage_id: part.stems for part in unit.parts})

    def drop(self, beat: int, unit: Unit) -> None:
        """Give a unit back."""
        self.chosen[beat].remove(unit)
        for part in unit.parts:
            del self._stems[part.passage_id]


def select(pool: Sequence[Unit], beats: Sequence[BeatPlan], taken: Sequence[Candidate], words: int) -> Selection:
    """Fill each beat to its share of `words` with the best fitting units, then trade until the sum is within 3% of it."""
    selection = Selection(beats, taken)
    total_share = sum(beat.share for beat in beats)
    carried = 0.0
    for number, beat in enumerate(beats):
        budget = words * beat.share / total_share + carried
        spent = _fill(selection, number, pool, budget)
        carried = budget - spent
    _trade(selection, pool, words)
    return selection


def _value(unit: Unit, beat: BeatPlan, group: Sequence[Unit]) -> float:
    gaps = [unit.parts[0].index - other.parts[-1].index for other in group if unit.key[0] == other.key[0]]
    flow = 0.9 if 1 in gaps else 0.45 if any(abs(gap) <= 2 for gap in gaps) else 0.15 if any(abs(gap) <= 6 for gap in gaps) else 0.0
    return unit.score + affinity(unit, beat) + flow


def _fill(selection: Selection, number: int, pool: Sequence[Unit], budget: float) -> int:
    spent = 0
    beat = selection.beats[number]
    while True:
        group = selection.chosen[number]
        open_ = [unit for unit in pool if spent + unit.words <= budget * 1.08 + 2 and selection.fits(unit)]
        if not open_:
            return spent
        best = max(open_, key=lambda unit: (_value(unit, beat, group), unit.key))
        if _value(best, beat, group) < 0.4:
            return spent
        selection.add(number, best)
        spent += best.words


def _trade(selection: Selection, pool: Sequence[Unit], words: int) -> None:
    """Close the gap to `words` by the single addition, removal or swap that costs least, at most eight times."""
    for _ in range(8):
        gap = words - selection.words
        if abs(gap) <= max(2, round(0.02 * words)):
            return
        moves = list(_moves(selection, pool, gap))
        if not moves:
            return
        _, number, old, new = max(moves, key=lambda move: (move[0], move[1], str(move[2]), str(move[3])))
        if old is not None:
            selection.drop(number, old)
        if new is not None:
            selection.add(number, new)


def _moves(selection: Selection, pool: Sequence[Unit], gap: int) -> "list[tuple[float, int, Unit | None, Unit | None]]":
    found: list[tuple[float, int, Unit | None, Unit | None]] = []
    for number, beat in enumerate(selection.beats):
        group = list(selection.chosen[number])
        for new in pool:
            if abs(gap - new.words) < abs(gap) and selection.fits(new):
                found.append((_value(new, beat, group) - 0.25 * abs(gap - new.words), number, None, new))
        for old in group:
            selection.drop(number, old)
            others = list(selection.chosen[number])
            cost = _value(old, beat, others)
            if others and abs(gap + old.words) < abs(gap):
                found.append((-cost - 0.25 * abs(gap + old.words), number, old, None))
            for new in pool:
                if abs(gap + old.words - new.words) < abs(gap) and new.parts != old.parts and selection.fits(new):
                    found.append((_value(new, beat, others) - cost - 0.25 * abs(gap + old.words - new.words), number, old, new))
            selection.add(number, old)
    return found
