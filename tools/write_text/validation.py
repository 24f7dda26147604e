"""What a schema cannot say of a model's script: sources that exist and support it, wording that is its own, a length that fits, no stray text."""

import re
from collections.abc import Iterator, Sequence

from memory.artifacts import Beat, Passage, Script, Sentence, SourceDocument
from memory.claims import quantities
from memory.personality import Personality
from memory.rights import Rights
from memory.support import check_script
from memory.takeover import check_takeover
from tools.write_text.offline.words import spoken_words
from tools.write_text.prompting import lends_words, shown_passages, target_words
from tools.write_text.tasks import ComposeRequest, Critique, CritiqueRequest, DraftSentence, ScriptDraft

SLOT_TOLERANCE = 0.15
MAX_PROBLEMS = 12
_MAX_TITLE = 70
_FACTUAL = frozenset({"hook", "fact", "quote"})
_FILLED = re.compile(r"\\\{(?:topic|channel|heading)\\\}")
_LAST = frozenset({"closing", "call_to_action"})
_STRAY = re.compile(r"<<<|>>>|\bUNTRUSTED\b|https?://|\bwww\.|\]\(|```|</?[a-z]+>|\b[a-z0-9-]+\.(?:com|net|org|io|xyz|ru|example)\b", re.IGNORECASE)


def check_draft(draft: ScriptDraft, request: ComposeRequest) -> tuple[str, ...]:
    """Return what is wrong with a model's draft, as lines that the model can act on; empty when it may be used.

    Every factual sentence must cite passages that were shown and may be cited, and say what they say (memory.support); no run of more than eight
    words may equal a source that lends facts only (memory.takeover), share-alike ones included; the spoken words must fit the slot within 15%.
    """
    found = [*_shape(draft), *_citations(draft, request), *_stray(draft)]
    if not found:
        found = [*_unsupported(draft, request), *_taken_over(draft, request), *_titles(draft)]
    return (*found[:MAX_PROBLEMS], *_length(draft, request))


def check_critique(critique: Critique, request: CritiqueRequest) -> tuple[str, ...]:
    """Return what is wrong with a critic's answer: faults of sentences that there are not, text from nowhere."""
    last = len(request.sentences)
    found = [f"faults: sentence {fault.sentence} does not exist, the last is {last}" for fault in critique.faults if fault.sentence > last]
    found += [f"faults: {fault.why[:60]!r} holds an address or markup" for fault in critique.faults if _STRAY.search(fault.why)]
    return tuple(found)


def standing_line(said: str, personality: Personality, calls_to_action: Sequence[str] = ()) -> bool:
    """Say whether a sentence is one of the channel's or template's own lines, which are the operator's data and speak of the video."""
    lines = (*personality.openers, *personality.closers, *personality.lines.every, *calls_to_action)
    return any(re.fullmatch(_FILLED.sub(".{1,60}", re.escape(line)), said) for line in lines)


def _sentences(draft: ScriptDraft) -> list[DraftSentence]:
    return [sentence for beat in draft.beats for sentence in beat.sentences]


def _shape(draft: ScriptDraft) -> Iterator[str]:
    sentences = _sentences(draft)
    if len(sentences) < 3 or any(not beat.sentences for beat in draft.beats):
        yield "beats: every beat needs sentences, and the script at least three"
        return
    if sentences[0].role != "hook":
        yield "the first sentence must have the role hook"
    if sentences[-1].role not in _LAST:
        yield "the last sentence must be a closing or a call_to_action"
    if not any(title.strip() for title in draft.titles):
        yield "titles: at least one is needed"
    said = [sentence.text.strip().casefold() for sentence in sentences]
    yield from (f"sentence {at + 1} is empty" for at, one in enumerate(said) if not one)
    yield from (f"sentence {at + 1} was said before: {one[:60]!r}" for at, one in enumerate(said) if one and one in said[:at])


def _citations(draft: ScriptDraft, request: ComposeRequest) -> Iterator[str]:
    citable = {one.id for one in _citable(request)}
    for at, sentence in enumerate(_sentences(draft)):
        if sentence.role in _FACTUAL and not sentence.citations:
            yield f"sentence {at + 1} has the role {sentence.role} and cites nothing: {sentence.text[:80]!r}"
        for cited in sentence.citations:
            if cited not in citable:
                yield f"sentence {at + 1} cites {cited[:60]!r}, which is not a passage that may be cited"


def _stray(draft: ScriptDraft) -> Iterator[str]:
    spoken = [(f"sentence {at + 1}", one.text) for at, one in enumerate(_sentences(draft))]
    shown = [("a heading", beat.heading) for beat in draft.beats] + [("a title", one) for one in draft.titles] + [("a tag", one) for one in draft.tags]
    for where, text in (*spoken, *shown):
        hit = _STRAY.search(text)
        if hit:
            yield f"{where} holds {hit.group()!r}: no addresses, markup or marks of the prompt may be spoken or shown"


def _unsupported(draft: ScriptDraft, request: ComposeRequest) -> Iterator[str]:
    script = _as_script(draft)
    by_id = {sentence.id: (at, sentence.text) for at, sentence in enumerate(script.sentences)}
    topic = " ".join((request.brief.topic, *request.brief.keywords))
    for finding in check_script(script, _citable(request), topic):
        at, text = by_id[finding.sentence_id]
        if not standing_line(text, request.personality, request.template.calls_to_action):
            yield f"sentence {at + 1} is not supported by what it cites ({finding.problem}: {finding.detail}): {text[:120]!r}"


def _taken_over(draft: ScriptDraft, request: ComposeRequest) -> Iterator[str]:
    open_ones = {one.document_id for one in request.brief.passages if lends_words(one)}
    closed = [_lent(document) for document in request.brief.documents if document.id not in open_ones]
    for one in check_takeover(_as_script(draft), closed):
        yield f"{one.reason}, which lends facts only; say it in other words: {one.words[:120]!r}"


def _lent(document: SourceDocument) -> SourceDocument:
    return document.model_copy(update={"rights": Rights(licence="SIGNAL-ONLY")})


def _titles(draft: ScriptDraft) -> Iterator[str]:
    told = {number.value for sentence in _sentences(draft) for number in quantities(sentence.text)}
    for title in draft.titles:
        unsaid = [number.value for number in quantities(title) if number.value not in told]
        if unsaid:
            yield f"a title promises {unsaid[0]:g}, which the script does not say: {title[:80]!r}"
        if len(title) > _MAX_TITLE:
            yield f"a title has {len(title)} characters, more than {_MAX_TITLE}: {title[:80]!r}"


def _length(draft: ScriptDraft, request: ComposeRequest) -> Iterator[str]:
    words, target = sum(spoken_words(one.text) for one in _sentences(draft)), target_words(request)
    if abs(words - target) > SLOT_TOLERANCE * target:
        yield f"the script has {words} spoken words, the slot holds {target}: {'leave out' if words > target else 'add'} about {abs(words - target)}"


def _citable(request: ComposeRequest) -> tuple[Passage, ...]:
    avoid = set(request.avoid_passages)
    return tuple(one for one in shown_passages(request) if one.id not in avoid)


def _as_script(draft: ScriptDraft) -> Script:
    """Return the draft as the checkers of memory read it; ids are places, and a model's wording need not be its sources'."""
    beats = tuple(
        Beat(
            id=f"b{number}",
            heading=beat.heading,
            sentences=tuple(Sentence(id=f"b{number}s{at}", text=one.text, role=one.role, citations=one.citations) for at, one in enumerate(beat.sentences)),
        )
        for number, beat in enumerate(draft.beats)
    )
    return Script(
        title="", title_candidates=(), beats=beats, tags=(), template="", rights=Rights(licence="OWN"), credits=(), writer="model"
    )  # fmt: skip
