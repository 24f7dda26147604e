"""Composes a script: hook, beats in a logical order, call to action; every fact a sentence of its cited passages."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from infra.ids import seeded
from tools.write_text.offline.candidates import Candidate, candidates, usable_documents
from tools.write_text.offline.hooks import ranked_hooks
from tools.write_text.offline.select import Selection, Unit, affinity, select, units
from tools.write_text.offline.titles import subject_of, tags, titles
from tools.write_text.offline.words import spoken_words
from tools.write_text.tasks import BeatPlan, ComposeRequest, DraftBeat, DraftSentence, ScriptDraft

POOL = 90


class NoUsableEvidence(Exception):
    """The quotable passages hold too few speakable sentences; the message counts them."""


@dataclass(frozen=True)
class Frame:
    """The sentences that state no fact, chosen before the facts so that the slot is known."""

    opener: str
    transitions: tuple[str, ...]
    call_to_action: str
    closer: str

    @property
    def words(self) -> int:
        """Spoken words of the frame."""
        return sum(spoken_words(text) for text in (self.opener, *self.transitions, self.call_to_action, self.closer))


def compose(request: ComposeRequest) -> ScriptDraft:
    """Return a script of `seconds` at the personality's pace, made of quotable sentences only.

    Raises `NoUsableEvidence` when fewer than three speakable sentences are left.
    """
    found = [one for one in candidates(request.brief) if one.passage_id not in request.avoid_passages]
    if len(found) < 3:
        raise NoUsableEvidence(f"{len(found)} speakable sentences in {len(usable_documents(request.brief))} quotable documents; at least 3 are needed")
    hook, hook_text = _hook(found, request)
    plans = _beats(found, request)
    frame = _frame(request, plans)
    target = round(request.seconds * request.personality.voice.words_per_minute / 60 * request.word_scale)
    pool = sorted(units([one for one in found if one.passage_id != hook.passage_id]), key=lambda unit: (-unit.score, unit.key))[:POOL]
    chosen = select(pool, plans, [hook], target - frame.words - spoken_words(hook_text))
    kept = [(plan, group, frame.transitions[number]) for number, (plan, group) in enumerate(zip(plans, chosen.chosen, strict=True)) if group]
    beats = _assemble(kept, request, frame, DraftSentence(text=hook_text, role="hook", citations=hook.cites_alone))
    brief = request.brief
    return ScriptDraft(
        beats=beats,
        titles=titles(brief, beats, request.template),
        tags=tags(brief, beats),
    )


def _hook(found: Sequence[Candidate], request: ComposeRequest) -> tuple[Candidate, str]:
    ranked = ranked_hooks(found, " ".join((request.brief.topic, *request.brief.keywords[:5])), request.avoid_hooks)
    if not ranked:
        shortest = min((one for one in found if one.alone is not None), key=lambda one: (one.words, one.passage_id), default=None)
        if shortest is None or shortest.alone is None:
            raise NoUsableEvidence("no sentence of the quotable documents can stand alone as an opening")
        return shortest, shortest.alone
    return ranked[0]


def _beats(found: Sequence[Candidate], request: ComposeRequest) -> tuple[BeatPlan, ...]:
    """Return the beats of the template that the evidence can fill, as many as the slot holds, in template order."""
    wanted = max(3, min(6, round(request.seconds / 20)))
    wanted = min(wanted, len(request.template.beats), max(1, len(found) // 2))
    made = units(found)
    strength = []
    for number, beat in enumerate(request.template.beats):
        best = sorted((affinity(unit, beat) for unit in made), reverse=True)[:2]
        strength.append((sum(best), -number))
    keep = {-number for _, number in sorted(strength, reverse=True)[:wanted]}
    return tuple(beat for number, beat in enumerate(request.template.beats) if number in keep)


def _frame(request: ComposeRequest, plans: Sequence[BeatPlan]) -> Frame:
    draw = seeded(request.seed, request.brief.topic, request.personality.id, "frame")
    used: set[str] = set()
    lines = []
    for plan in plans:
        open_ = [line for line in plan.transitions if line not in used] or [""]
        lines.append(draw.choice(open_))
        used.add(lines[-1])
    about = subject_of(request.brief)
    openers = [line for line in (_filled(one, about, request) for one in request.personality.openers) if spoken_words(line) <= 14]
    closers = [_filled(one, about, request) for one in request.personality.closers]
    return Frame(
        opener=draw.choice(openers) if openers else "",
        transitions=("", *lines[1:]),
        call_to_action=draw.choice(request.template.calls_to_action),
        closer=draw.choice(closers) if closers else "",
    )


def _filled(line: str, about: str, request: ComposeRequest) -> str:
    inside = about[0].lower() + about[1:] if about.startswith("The ") and not line.startswith("{topic}") and ": {topic}" not in line else about
    return line.replace("{topic}", inside).replace("{channel}", request.personality.name)


def _assemble(kept: Sequence[tuple[BeatPlan, list[Unit], str]], request: ComposeRequest, frame: Frame, hook: DraftSentence) -> tuple[DraftBeat, ...]:
    beats = []
    used: set[str] = set()
    for number, (plan, group, transition) in enumerate(kept):
        sentences: list[DraftSentence] = []
        if number == 0:
            sentences += [hook, *_line(frame.opener, "transition")]
        elif transition:
            sentences += _line(transition, "transition")
        sentences += _facts(_ordered(group, "date" if plan.by_date else request.template.order))
        if number == len(kept) - 1:
            sentences += [*_line(frame.call_to_action, "call_to_action"), *_line(frame.closer, "closing")]
        heading = _heading(plan, group, request, used)
        used.add(heading)
        beats.append(DraftBeat(heading=heading, sentences=tuple(sentences)))
    return tuple(beats)


def _line(text: str, role: str) -> tuple[DraftSentence, ...]:
    return (DraftSentence.model_validate({"text": text, "role": role}),) if text else ()


def _ordered(group: Sequence[Unit], order: str) -> list[Candidate]:
    parts = [part for unit in group for part in unit.parts]
    lead = Counter(part.document_id for part in parts).most_common()
    rank = {document: place for place, (document, _) in enumerate(lead)}
    if order == "score":
        return [part for unit in sorted(group, key=lambda unit: -unit.score) for part in unit.parts]
    if order == "date":
        return [part for unit in sorted(group, key=lambda unit: (_first_year(unit), unit.key)) for part in unit.parts]
    return sorted(parts, key=lambda part: (rank[part.document_id], part.index))


def _first_year(unit: Unit) -> int:
    found = re.findall(r"\b(1[0-9]{3}|20[0-9]{2})\b", " ".join(part.text for part in unit.parts))
    return int(found[0]) if found else 0


def _facts(parts: Sequence[Candidate]) -> list[DraftSentence]:
    """Return the sentences of a beat; a pronoun stays where the sentence before it is spoken just before."""
    made = []
    before: Candidate | None = None
    for part in parts:
        follows = before is not None and before.document_id == part.document_id and before.index == part.index - 1
        text = part.text if follows or part.alone is None else part.alone
        cites = (before.passage_id, part.passage_id) if before is not None and text != part.alone else part.cites_alone
        made.append(DraftSentence(text=text, role="quote" if part.is_quote else "fact", citations=cites))
        before = part
    return made


def _heading(plan: BeatPlan, group: Sequence[Unit], request: ComposeRequest, used: set[str]) -> str:
    sections = Counter(part.section for unit in group for part in unit.parts)
    section, count = sections.most_common(1)[0]
    if request.template.own_headings and section and count * 2 >= sections.total() and len(section.split()) <= 6 and section not in used:
        return section
    open_ = [heading for heading in plan.headings if heading not in used] or list(plan.headings)
    return seeded(request.seed, request.brief.topic, plan.name).choice(open_)


__all__ = ["NoUsableEvidence", "Selection", "compose"]
