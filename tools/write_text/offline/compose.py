"""Composes a script: hook, runs of neighbouring sentences in their source's order, call to action; every fact with its passage."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from memory.support import check_sentence
from tools.write_text.offline.candidates import Candidate, candidates, usable_documents
from tools.write_text.offline.flow import Plan, Run, affinity, arrange, goes_on
from tools.write_text.offline.frame import Frame, lead_over, make_frame, spoken_subject
from tools.write_text.offline.hooks import ranked_hooks
from tools.write_text.offline.phrases import key_phrase, noun_phrases
from tools.write_text.offline.titles import subject_of, tags, titles
from tools.write_text.offline.words import ENGLISH, content, spoken_words
from tools.write_text.tasks import BeatPlan, ComposeRequest, DraftBeat, DraftSentence, ScriptDraft

_SECONDS_PER_BEAT = 20
# The frame may take this share of the words; in a short slot the facts come first.
_FRAME_SHARE = 0.3
_MOST_BEATS = 24
_LEAD_WORDS = 4
_MOST_REPAIRS = 5
_YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b")
_DULL_SECTIONS = frozenset(ENGLISH["dull_sections"])


class NoUsableEvidence(Exception):
    """The quotable passages hold too few speakable sentences; the message counts them."""


@dataclass(frozen=True)
class _Material:
    """What shapes the beats beside their sentences: cue words per template beat, words to spare, and everything the sources say."""

    cues: dict[str, frozenset[str]]
    spare: int
    corpus: tuple[str, ...]


def compose(request: ComposeRequest) -> ScriptDraft:
    """Return a script of `seconds` at the personality's pace, made of quotable sentences only.

    A sentence that came out saying more than its passage is left out and the rest is arranged anew.
    Raises `NoUsableEvidence` when fewer than three speakable sentences are left.
    """
    said = {passage.id: passage.text for passage in request.brief.passages}
    for _ in range(_MOST_REPAIRS):
        draft = _compose_somehow(request)
        wrong = tuple(
            sentence.citations[-1]
            for beat in draft.beats
            for sentence in beat.sentences
            if sentence.citations and check_sentence(sentence.text, [said[one] for one in sentence.citations])
        )
        if not wrong:
            break
        request = request.model_copy(update={"avoid_passages": (*request.avoid_passages, *wrong)})
    return draft


def _compose_somehow(request: ComposeRequest) -> ScriptDraft:
    """Return a script; openings to avoid are a wish, so one of them is used rather than nothing."""
    try:
        return _compose(request)
    except NoUsableEvidence:
        if not request.avoid_hooks:
            raise
        return _compose(request.model_copy(update={"avoid_hooks": ()}))


def _compose(request: ComposeRequest) -> ScriptDraft:
    found = [one for one in candidates(request.brief, request.today) if one.passage_id not in request.avoid_passages]
    if len(found) < 3:
        raise NoUsableEvidence(f"{len(found)} speakable sentences in {len(usable_documents(request.brief))} quotable documents; at least 3 are needed")
    found = _lead_first(found, request)
    cues = {beat.name: frozenset(stem for cue in beat.cues for stem in content(cue)) for beat in request.template.beats}
    wanted = max(1, min(_MOST_BEATS, round(request.seconds / _SECONDS_PER_BEAT)))
    target = round(request.seconds * request.personality.voice.words_per_minute / 60 * request.word_scale)
    for frame, longest in _settings(make_frame(request), target):
        hook, hook_text = _hook(found, request, longest)
        room = target - frame.words - spoken_words(hook_text)
        plan = Plan(room - _LEAD_WORDS * _leads(wanted), wanted, hook, tuple(cues.values()))
        runs = _hook_first(arrange(found, plan), hook)
        if runs:
            break
    else:
        raise NoUsableEvidence(f"none of the {len(found)} speakable sentences fits beside the opening in {request.seconds} s")
    opening = DraftSentence(text=hook_text, role="hook", citations=hook.cites_alone)
    spare = room - sum(run.words for run in runs) + round(0.02 * target)
    beats = _assemble(runs, request, frame, (opening, hook), _Material(cues, spare, tuple(one.text for one in found)))
    return ScriptDraft(beats=beats, titles=titles(request.brief, beats, request.template), tags=tags(request.brief, beats, request.template))


def _lead_first(found: Sequence[Candidate], request: ComposeRequest) -> list[Candidate]:
    """Return the sentences with the document that is most about the topic first; the others keep their order behind it."""
    topic = set(content(" ".join((request.brief.topic, *request.brief.keywords))))
    titled = {document.id: len(topic & set(content(document.title))) for document in request.brief.documents}
    worth: dict[str, float] = {}
    for one in found:
        worth[one.document_id] = worth.get(one.document_id, 0.0) + 1.0
    ids = sorted(worth, key=lambda name: (-(min(12.0, worth[name]) + 6 * titled.get(name, 0)), name))
    rank = {name: place for place, name in enumerate(ids)}
    return sorted(found, key=lambda one: (rank[one.document_id], one.index))


def _settings(full: Frame, target: int) -> list[tuple[Frame, int]]:
    """Return what to try for the slot: the whole frame and any hook first, then less of both, since a short slot is for facts."""
    lighter = (full, replace(full, call_to_action=""), replace(full, opener=""), replace(full, opener="", call_to_action=""))
    fitting = [frame for frame in lighter if frame.words <= _FRAME_SHARE * target] or [lighter[-1]]
    return [(fitting[0], target), *((frame, max(8, target // 2)) for frame in (*fitting, lighter[-1], Frame("", "", "")))]


def _hook(found: Sequence[Candidate], request: ComposeRequest, longest: int) -> tuple[Candidate, str]:
    ranked = ranked_hooks(found, " ".join((request.brief.topic, *request.brief.keywords[:5])), request.avoid_hooks)
    ranked = [pair for pair in ranked if spoken_words(pair[1]) <= longest] or ranked
    if not ranked:
        shortest = min(
            (one for one in found if one.alone is not None), key=lambda one: (one.is_quote or "“" in one.text, one.words, one.passage_id), default=None
        )
        if shortest is None or shortest.alone is None:
            raise NoUsableEvidence("no sentence of the quotable documents can stand alone as an opening")
        return shortest, shortest.alone
    return ranked[0]


def _hook_first(runs: Sequence[Run], hook: Candidate) -> list[Run]:
    """Return the runs with the one that goes on from the hook in front: it explains the opening."""
    after = [run for run in runs if goes_on(run.parts[0], hook)]
    return [*after, *(run for run in runs if run not in after)]


def _leads(beats: int) -> int:
    """Return how many beats may be led into by a line: every second one at most."""
    return max(1, beats // 2)


def _assemble(runs: Sequence[Run], request: ComposeRequest, frame: Frame, hook: tuple[DraftSentence, Candidate], material: _Material) -> tuple[DraftBeat, ...]:
    beats = []
    used: set[str] = {subject_of(request.brief)}
    spent: list[int] = []
    spare = material.spare
    for number, run in enumerate(runs):
        plan = _plan_of(run, request.template.beats, material.cues)
        sentences = _facts(run, hook[1] if number == 0 else None)
        if number == 0:
            place = next((at for at, part in enumerate(run.parts) if not part.leaning), len(run.parts)) if goes_on(run.parts[0], hook[1]) else 0
            sentences = [hook[0], *sentences[:place], *_line(frame.opener, "transition"), *sentences[place:]]
        elif (
            plan is not None
            and len(spent) < _leads(len(runs))
            and number - 1 not in spent
            and spare > _LEAD_WORDS
            and (line := lead_over([plan.transitions], used, request, number))
        ):
            sentences = [*_line(line, "transition"), *sentences]
            used.add(line)
            spent.append(number)
            spare -= spoken_words(line)
        if number == len(runs) - 1:
            sentences += [*_line(frame.call_to_action, "call_to_action"), *_line(frame.closer, "closing")]
        others = [part.text for other in runs if other is not run for part in other.parts]
        heading = _heading(run, others, plan, (request, used, material.corpus))
        used.add(heading)
        beats.append(DraftBeat(heading=heading, sentences=tuple(sentences)))
    return tuple(beats)


def _line(text: str, role: str) -> tuple[DraftSentence, ...]:
    return (DraftSentence.model_validate({"text": text, "role": role}),) if text else ()


def _plan_of(run: Run, plans: Sequence[BeatPlan], cues: dict[str, frozenset[str]]) -> BeatPlan | None:
    """Return the template's beat that a run clearly belongs to: at least two of its cues, more than of any other."""
    text = " ".join(part.text for part in run.parts)
    ranked = sorted(((affinity(run.stems, text, plan, cues[plan.name]), -number) for number, plan in enumerate(plans)), reverse=True)
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    clear = ranked[0][0] >= 3 and ranked[0][0] > second
    return plans[-ranked[0][1]] if clear else None


def _facts(run: Run, before: Candidate | None) -> list[DraftSentence]:
    """Return the sentences of a run; a sentence that points back keeps its wording and cites the one before as well."""
    made = []
    for part in run.parts:
        follows = before is not None and before.document_id == part.document_id and before.index == part.index - 1
        text = part.text if follows or part.alone is None else part.alone
        cites = (before.passage_id, part.passage_id) if before is not None and follows and part.leaning else part.cites_alone
        made.append(DraftSentence(text=text, role="quote" if part.is_quote else "fact", citations=cites))
        before = part
    return made


def _heading(run: Run, others: Sequence[str], plan: BeatPlan | None, setting: tuple[ComposeRequest, set[str], tuple[str, ...]]) -> str:
    """Return what a stretch is about: its source's own short section title, its key noun phrase, or the template's word for it."""
    request, used, corpus = setting
    section = Counter(part.section for part in run.parts).most_common(1)[0][0]
    known = {document.title for document in request.brief.documents}
    if section and len(section.split()) <= 5 and section.lower() not in _DULL_SECTIONS and section not in used and section not in known:
        return section
    texts = [part.text for part in run.parts]
    phrase = key_phrase(texts, others, (sorted(used), corpus))
    if phrase:
        return phrase
    clear = plan is not None and next((heading for heading in plan.headings if heading not in used), "")
    weaker = clear or key_phrase(texts, others, (sorted(used), corpus), least=0.6)
    if weaker:
        return weaker
    named = _named_in(texts, used)
    if named:
        return named
    about = spoken_subject(subject_of(request.brief), " ".join(document.text for document in request.brief.documents))
    plain = (about[:1].upper() + about[1:], f"More about {about}", f"One more thing about {about}", f"A last look at {about}")
    return next((one for one in plain[1 if len(used) > 1 else 0 :] if one not in used or len(used) == 1), plain[-1])[:60]


def _named_in(texts: Sequence[str], used: set[str]) -> str:
    """Return a thing or a year that a stretch names and no other heading does, or an empty string."""
    taken = {stem for one in used for stem in content(one)}
    for phrase in (phrase for text in texts for phrase in noun_phrases(text)):
        if " " in phrase and len(phrase) <= 34 and not set(content(phrase)) <= taken:
            return phrase[:1].upper() + phrase[1:]
    years = [year for text in texts for year in _YEAR.findall(text)]
    return next((f"The year {year}" for year in years if f"The year {year}" not in used), "")


__all__ = ["NoUsableEvidence", "compose"]
