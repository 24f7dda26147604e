"""Puts chosen stretches into words: who is named is introduced, each stretch gets a heading, and a line leads over to it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tools.write_text.offline.candidates import Candidate
from tools.write_text.offline.flow import Run, affinity, goes_on
from tools.write_text.offline.frame import Frame, spoken_subject
from tools.write_text.offline.grasp import introduced
from tools.write_text.offline.leads import announces_itself, kind_of, lead_line
from tools.write_text.offline.phrases import is_vague, key_phrase, noun_phrases
from tools.write_text.offline.titles import subject_of
from tools.write_text.offline.words import ENGLISH, content, spoken_words
from tools.write_text.tasks import BeatPlan, ComposeRequest, DraftBeat, DraftSentence

_YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b")
_DULL_SECTIONS = frozenset(ENGLISH["dull_sections"])
_CLEAR = 2.5
_KIND_HEADINGS = {
    "figures": "In figures",
    "past": "Looking back",
    "open": "What is still open",
    "turn": "The other side",
    "cause": "Why it is so",
    "people": "The people behind it",
    "hand": "What to do",
}


@dataclass(frozen=True)
class Material:
    """What shapes the beats beside their sentences: cue words per template beat, words to spare, and everything the sources say."""

    cues: dict[str, frozenset[str]]
    spare: int
    corpus: tuple[str, ...]


def assemble(runs: Sequence[Run], request: ComposeRequest, frame: Frame, hook: tuple[DraftSentence, Candidate], material: Material) -> tuple[DraftBeat, ...]:
    """Return the beats: the opening and what goes on from it first, then each stretch under its heading, and the channel's goodbye."""
    told = _facts_of(runs, hook)
    beats: list[DraftBeat] = []
    used: set[str] = {subject_of(request.brief)}
    spare = material.spare
    for number, run in enumerate(runs):
        kind = kind_of([part.text for before in runs[:number] for part in before.parts], [part.text for part in run.parts])
        heading = _heading(run, runs, kind, (request, used, material))
        used.add(heading)
        sentences = told[number]
        if number == 0:
            place = next((at for at, part in enumerate(run.parts) if not part.leaning), len(run.parts)) if goes_on(run.parts[0], hook[1]) else 0
            opener = frame.opener if place <= 1 else ""
            sentences = [hook[0], *sentences[:place], *_line(opener, "transition"), *sentences[place:]]
            spare += spoken_words(frame.opener) - spoken_words(opener)
        elif _wants_lead(runs[number - 1], run) and (line := lead_line(request, kind, heading, used, number)) and spoken_words(line) <= spare:
            sentences = [*_line(line, "transition"), *sentences]
            used.add(line)
            spare -= spoken_words(line)
        if number == len(runs) - 1:
            sentences += [*_line(frame.call_to_action, "call_to_action"), *_line(frame.closer, "closing")]
        beats.append(DraftBeat(heading=heading, sentences=tuple(sentences)))
    return tuple(beats)


def _wants_lead(before: Run, after: Run) -> bool:
    return not _flows(before, after) and not announces_itself(after.parts[0].text)


def _flows(before: Run, after: Run) -> bool:
    """Say whether a stretch goes straight on from the one before, so that a line between them would only interrupt."""
    last, first = before.parts[-1], after.parts[0]
    return first.document_id == last.document_id and first.index == last.index + 1


def _line(text: str, role: str) -> tuple[DraftSentence, ...]:
    return (DraftSentence.model_validate({"text": text, "role": role}),) if text else ()


def _facts_of(runs: Sequence[Run], hook: tuple[DraftSentence, Candidate]) -> list[list[DraftSentence]]:
    """Return the sentences of each run; one that points back keeps its wording and cites the one before as well."""
    spoken = hook[0].text
    made: list[list[DraftSentence]] = []
    before: Candidate | None = hook[1]
    for run in runs:
        facts: list[DraftSentence] = []
        for part in run.parts:
            follows = before is not None and before.document_id == part.document_id and before.index == part.index - 1
            text = part.text if follows or part.alone is None else part.alone
            cites = (before.passage_id, part.passage_id) if before is not None and follows and part.leaning else part.cites_alone
            facts.append(named_fully(text, cites, part, spoken))
            spoken += f" {facts[-1].text}"
            before = part
        made.append(facts)
        before = None
    return made


def named_fully(text: str, cites: tuple[str, ...], part: Candidate, spoken: str) -> DraftSentence:
    """Return a sentence in which whoever was not named before gets the full name, which the passage that gives it stands behind."""
    for full, where in part.people:
        whole = None if full in spoken else introduced(text, full)
        if whole is not None:
            text, cites = whole, (where, *(one for one in cites if one != where))
    return DraftSentence(text=text, role="quote" if part.is_quote else "fact", citations=cites)


def _plan_of(run: Run, plans: Sequence[BeatPlan], cues: dict[str, frozenset[str]]) -> BeatPlan | None:
    """Return the template's beat that a run clearly belongs to: at least three of its cues, more than of any other."""
    text = " ".join(part.text for part in run.parts)
    ranked = sorted(((affinity(run.stems, text, plan, cues[plan.name]), -number) for number, plan in enumerate(plans)), reverse=True)
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    clear = ranked[0][0] >= 3 and ranked[0][0] > second
    return plans[-ranked[0][1]] if clear else None


def _heading(run: Run, runs: Sequence[Run], kind: str, setting: tuple[ComposeRequest, set[str], Material]) -> str:
    """Return what a stretch is about: its source's own short section title, its key noun phrase, or a word for what kind of stretch it is."""
    request, used, material = setting
    section = Counter(part.section for part in run.parts).most_common(1)[0][0]
    known = {document.title for document in request.brief.documents}
    if section and len(section.split()) <= 5 and section.lower() not in _DULL_SECTIONS and section not in used and section not in known:
        return section
    texts = [part.text for part in run.parts]
    others = [part.text for other in runs if other is not run for part in other.parts]
    plan = _plan_of(run, request.template.beats, material.cues)
    phrase = key_phrase(texts, others, (sorted(used), material.corpus), least=_CLEAR)
    planned = plan is not None and next((heading for heading in plan.headings if heading not in used), "")
    by_kind = _KIND_HEADINGS.get(kind, "")
    weaker = phrase or planned or (by_kind not in used and by_kind) or key_phrase(texts, others, (sorted(used), material.corpus), least=0.6)
    if weaker:
        return weaker
    return _named_in(texts, used) or _plain_heading(request, used)


def _plain_heading(request: ComposeRequest, used: set[str]) -> str:
    about = spoken_subject(subject_of(request.brief), " ".join(document.text for document in request.brief.documents))
    plain = (about[:1].upper() + about[1:], f"More about {about}", f"One more thing about {about}", f"A last look at {about}")
    return next((one for one in plain[1 if len(used) > 1 else 0 :] if one not in used or len(used) == 1), plain[-1])[:60]


def _named_in(texts: Sequence[str], used: set[str]) -> str:
    """Return a thing or a year that a stretch names and no other heading does, or an empty string."""
    taken = {stem for one in used for stem in content(one)}
    for phrase in (phrase for text in texts for phrase in noun_phrases(text)):
        if " " in phrase and len(phrase) <= 34 and not is_vague(phrase) and not set(content(phrase)) <= taken:
            return phrase[:1].upper() + phrase[1:]
    years = [year for text in texts for year in _YEAR.findall(text)]
    return next((f"The year {year}" for year in years if f"The year {year}" not in used), "")
