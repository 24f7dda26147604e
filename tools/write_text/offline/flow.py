"""Chooses the stretches of the sources that tell the story: whole runs of neighbouring sentences, in the source's own order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from tools.write_text.offline.candidates import Candidate
from tools.write_text.offline.grasp import out_of_reach, promises_more
from tools.write_text.offline.words import ENGLISH, overlap, tokens
from tools.write_text.tasks import BeatPlan

NEAR_DUPLICATE = 0.6
_MAX_RUN = 6
_EARLY = 0.25
_SHORT_PARAGRAPH = 2
_BLOCK, _LONG = 5, 6
_MAX_BLOCKS = 48
_STEPS = 260
_FIRST_LINES = 5
_CLOSING = frozenset(ENGLISH["closing"])


@dataclass(frozen=True)
class Run:
    """Sentences of one place of one document that are spoken one after the other; `value` is how much they add."""

    parts: tuple[Candidate, ...]
    value: float

    @property
    def words(self) -> int:
        """Spoken words of all parts."""
        return sum(part.words for part in self.parts)

    @property
    def stems(self) -> frozenset[str]:
        """What all parts are about."""
        return frozenset(stem for part in self.parts for stem in part.stems)


@dataclass(frozen=True)
class Plan:
    """How much to choose: spoken words, stretches, what the opening was about, and what a listener knows before it (stems, and the topic as written)."""

    words: int
    stretches: int
    opening: Candidate
    cues: tuple[frozenset[str], ...] = ()
    known: frozenset[str] = frozenset()
    topic: str = ""


Block = tuple[Candidate, ...]


def goes_on(one: Candidate, opening: Candidate) -> bool:
    """Say whether a sentence continues an opening that stands early enough in its source for the story to go on from there."""
    return one.document_id == opening.document_id and one.index == opening.index + 1 and (opening.index == 1 or opening.position < _EARLY)


def blocks(found: Sequence[Candidate]) -> list[Block]:
    """Group sentences by paragraph; neighbouring short paragraphs of one section make one block."""
    made: list[list[Candidate]] = []
    for one in found:
        last = made[-1][-1] if made else None
        same = last is not None and last.document_id == one.document_id and last.section == one.section and (len(made[-1]) < _LONG or one.leaning)
        if last is not None and same and (last.paragraph == one.paragraph or _joins(made[-1], one)):
            made[-1].append(one)
        else:
            made.append([one])
    return [tuple(block) for block in made]


def _joins(block: Sequence[Candidate], one: Candidate) -> bool:
    mine = sum(other.paragraph == block[-1].paragraph for other in block)
    return mine <= _SHORT_PARAGRAPH and len(block) < _BLOCK and one.paragraph - block[-1].paragraph == 1


def _behind(one: Candidate, opening: Candidate) -> bool:
    return one.document_id == opening.document_id and one.index < opening.index <= _FIRST_LINES


def arrange(found: Sequence[Candidate], plan: Plan) -> list[Run]:
    """Return the runs to speak, in order: together as near to `plan.words` as whole sentences allow, and saying nothing twice."""
    # An early opening is where the story starts: it does not go back behind it.
    ahead = [one for one in found if not _behind(one, plan.opening)]
    found = ahead if sum(one.words for one in ahead) > 2 * plan.words else found
    open_ = [one for one in found if overlap(one.stems, plan.opening.stems) < NEAR_DUPLICATE or one.passage_id == plan.opening.passage_id]
    chosen: list[Run] = []
    for _ in range(8):
        chosen = _best(open_, plan)
        spoken = [part for run in chosen for part in run.parts]
        twice = [pair for pair in combinations(spoken, 2) if overlap(pair[0].stems, pair[1].stems) >= NEAR_DUPLICATE]
        if not twice:
            return chosen
        gone = {min(pair, key=lambda one: (one.score, one.passage_id)).passage_id for pair in twice}
        open_ = [one for one in open_ if one.passage_id not in gone]
    return chosen


def _best(found: Sequence[Candidate], plan: Plan) -> list[Run]:
    """Choose at most one run per block by dynamic programming over (words, runs), the last run being one that can close."""
    step = max(1, plan.words // _STEPS)
    options = _options(found, plan)
    table: dict[tuple[int, int], tuple[float, tuple[Run, ...]]] = {(0, 0): (0.0, ())}
    best: tuple[float, tuple[Run, ...]] = (float("-inf"), ())
    for runs in options:
        grown = dict(table)
        weighed = [(run, run.words, _closes(run, plan)) for run in runs]
        for (words, count), (value, taken) in table.items():
            for run, length, closes in weighed:
                total = words + length
                if total > plan.words * 1.03 + 2:
                    continue
                made = (value + run.value, (*taken, run))
                final = made[0] + closes - _off(total, count + 1, plan)
                if final > best[0]:
                    best = (final, made[1])
                key = (total // step * step if step > 1 else total, count + 1)
                if count + 1 <= plan.stretches + 1 and made[0] > grown.get(key, (float("-inf"), ()))[0]:
                    grown[key] = made
        table = grown
    return list(best[1])


def _off(words: int, stretches: int, plan: Plan) -> float:
    gap = max(0, abs(words - plan.words) - max(1, round(0.015 * plan.words)))
    return 0.35 * gap + 1.2 * abs(stretches - plan.stretches)


def _options(found: Sequence[Candidate], plan: Plan) -> list[list[Run]]:
    made = [_keep(list(_runs(block, plan))) for block in blocks(found)]
    ranked = sorted((runs for runs in made if runs), key=lambda runs: -max(run.value for run in runs))[:_MAX_BLOCKS]
    kept = {id(runs) for runs in ranked}
    return [runs for runs in made if id(runs) in kept]


def _keep(runs: list[Run]) -> list[Run]:
    """Return the best run of each length: others of that length can only be worse."""
    best: dict[int, Run] = {}
    for run in runs:
        if run.words not in best or run.value > best[run.words].value:
            best[run.words] = run
    return list(best.values())


def _runs(block: Block, plan: Plan) -> Iterator[Run]:
    ends = frozenset(one.passage_id for one, after in pairwise((*block, None)) if one is not None and (after is None or after.paragraph != one.paragraph))
    for at, first in enumerate(block):
        continues = goes_on(first, plan.opening)
        if first.passage_id == plan.opening.passage_id or (first.alone is None and not continues):
            continue
        yield from _grown(
            (first,),
            block[at + 1 :],
            (plan, ends),
            1.0 * (at == 0) + 3.2 * continues - (0.0 if continues else 1.6 * min(2, out_of_reach(first.text, plan.known | plan.opening.stems, plan.topic))),
        )


def _grown(parts: tuple[Candidate, ...], rest: Block, where: tuple[Plan, frozenset[str]], opens: float, skipped: bool = False) -> Iterator[Run]:
    yield Run(parts, _value(parts, where[0], opens, skipped) + 1.0 * (parts[-1].passage_id in where[1]))
    if len(parts) >= _MAX_RUN or sum(part.words for part in parts) > where[0].words:
        return
    for place, one in enumerate(rest[:3]):
        follows = one.index == parts[-1].index + 1
        if one.passage_id == where[0].opening.passage_id or not (
            (follows and not (skipped and one.leaning)) or (not skipped and not one.leaning and one.index - parts[-1].index <= 3)
        ):
            continue
        yield from _grown((*parts, one), rest[place + 1 :], where, opens, skipped or not follows)


def _value(parts: Sequence[Candidate], plan: Plan, opens: float, skipped: bool) -> float:
    """Return what a run is worth: its sentences, how well it opens, whether it is whole, and whether the template asks for it."""
    value = sum(part.score * part.words / 12 for part in parts)
    value += (
        0.7 * opens
        - 0.8 * (parts[0].alone != parts[0].text)
        - 1.4 * skipped
        - 3.4 * (len(parts) == 1)
        + 0.5 * (len(parts) > 2)
        - 2.5 * promises_more(parts[-1].text)
    )
    value += sum(0.25 for one, other in pairwise(parts) if other.leaning or one.stems & other.stems)
    stems = {stem for part in parts for stem in part.stems}
    return value + 0.25 * min(2, max((len(stems & cues) for cues in plan.cues), default=0))


def _closes(run: Run, plan: Plan) -> float:
    """Return how well a run ends the story: late in its source, back at the opening's subject, with an outlook."""
    last = run.parts[-1]
    late = last.position if last.document_id == plan.opening.document_id and last.position > 0.5 else 0.0
    outlook = any(word.lower() in _CLOSING for word in tokens(last.text))
    return 2.0 * late + 0.8 * outlook + 0.6 * bool(run.stems & plan.opening.stems) - 0.8 * last.is_quote


def affinity(stems: Iterable[str], text: str, beat: BeatPlan, cues: frozenset[str]) -> float:
    """Return how many cue words of a template's beat stand in a stretch."""
    low = text.lower()
    return float(len(set(stems) & cues) + sum(" " in cue and cue in low for cue in beat.cues))
