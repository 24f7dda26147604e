"""Composes a script: hook, runs of neighbouring sentences in their source's order, call to action; every fact with its passage."""

from collections.abc import Sequence
from dataclasses import replace

from memory.support import check_sentence
from tools.write_text.offline.assemble import Material, assemble, named_fully
from tools.write_text.offline.candidates import Candidate, candidates, usable_documents
from tools.write_text.offline.flow import Plan, Run, arrange, goes_on
from tools.write_text.offline.frame import Frame, make_frame
from tools.write_text.offline.hooks import ranked_hooks
from tools.write_text.offline.titles import tags, titles
from tools.write_text.offline.words import content, spoken_words
from tools.write_text.tasks import ComposeRequest, ScriptDraft

_SECONDS_PER_BEAT = 22
# The frame may take this share of the words; in a short slot the facts come first.
_FRAME_SHARE = 0.24
_MOST_BEATS = 24
_LEAD_WORDS = 4
_MOST_REPAIRS = 5


class NoUsableEvidence(Exception):
    """The quotable passages hold too few speakable sentences; the message counts them."""


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
        plan = Plan(room - _LEAD_WORDS * _leads(wanted), wanted, hook, tuple(cues.values()), *_known(request))
        runs = _hook_first(arrange(found, plan), hook)
        if runs:
            break
    else:
        raise NoUsableEvidence(f"none of the {len(found)} speakable sentences fits beside the opening in {request.seconds} s")
    opening = named_fully(hook_text, hook.cites_alone, hook, "").model_copy(update={"role": "hook"})
    spare = room - sum(run.words for run in runs) + round(0.04 * target)
    beats = assemble(runs, request, frame, (opening, hook), Material(cues, spare, tuple(one.text for one in found)))
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
    ranked = ranked_hooks(found, "\n".join((request.brief.topic, *request.brief.keywords[:5])), request.avoid_hooks)
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
    """Return the runs with the one that goes on from the hook in front, unless the story would then start over behind it."""
    after = [run for run in runs if goes_on(run.parts[0], hook)]
    back = any(part.document_id == hook.document_id and part.index < hook.index for run in runs for part in run.parts)
    return list(runs) if back else [*after, *(run for run in runs if run not in after)]


def _known(request: ComposeRequest) -> tuple[frozenset[str], str]:
    """Return what a listener knows from the title: its stems, and the topic as written."""
    spelt = " ".join((request.brief.topic, *request.brief.keywords[:5]))
    return frozenset(content(spelt)), spelt


def _leads(beats: int) -> int:
    """Return how many beats a line may lead into: each after the first, in a long script every second one."""
    return beats - 1 if beats <= 4 else beats // 2


__all__ = ["NoUsableEvidence", "compose"]
