"""Turns the quotable passages of a brief into sentences that may be spoken, each with what it cites and how much it says."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from memory.artifacts import Brief, Passage, SourceDocument
from tools.write_text.offline.grasp import full_names, introduced
from tools.write_text.offline.simplify import Refused, simplify, timeless
from tools.write_text.offline.subjects import definite, leans_back, pronoun, resolve, subject
from tools.write_text.offline.words import content, spoken_words, stem, weights

_SENTENCE_END = re.compile(r"(?<=[.!?”\"])\s+(?=[A-Z“\"])")
_TAIL_SECTION = re.compile(
    r"words in this story|quiz|references|see also|further reading|acknowledg|competing interest|author contribution|funding", re.IGNORECASE
)
_BYLINE = re.compile(r"^I[’']m [A-Z]|\b(wrote|reported|adapted) (this|it|the) |\bwas the editor\b|_{3,}|\s–\s*[a-z]+\.\s")
_RELATIVE_TIME = re.compile(
    r"\b(the past \w+|last (year|month|week|night)|(this|next) (year|month|week)|recently|yesterday|tomorrow|today|tonight|also|"
    r"monday|tuesday|wednesday|thursday|friday)\b|^(Then )?[Yy]ou\b",
    re.IGNORECASE,
)
_STRIKING = re.compile(
    r"\b(first|only|largest|biggest|smallest|longest|fastest|farthest|oldest|highest|deepest|most|never|record|surpris\w+|unexpected\w*|mystery|secret|hidden|despite|although|rare|danger\w*|"
    r"doubled?|million|billion|trillion|percent|instead|but|lost|died|killed|discover\w*|ancient|alive|impossible|every|all|no one|nobody)\b",
    re.IGNORECASE,
)

# A source says first what matters most; what stands far behind needs more to be chosen.
_EARLY = 0.9
FRESH_DAYS = 92


@dataclass(frozen=True)
class Candidate:
    """One speakable sentence of a quotable passage; `leaning` ones need the sentence before, `alone` is how they stand without it.

    `people` are those it calls by surname alone: their full names and the passages that give them.
    """

    passage_id: str
    document_id: str
    index: int
    position: float
    paragraph: int
    section: str
    text: str
    alone: str | None
    cites_alone: tuple[str, ...]
    leaning: bool
    stems: frozenset[str]
    words: int
    score: float
    published: date | None
    people: tuple[tuple[str, str], ...] = ()

    @property
    def is_quote(self) -> bool:
        """Whether it reports somebody's words."""
        return bool(re.search(r"\b(said|says|explained|added|noted|wrote|writes|told)\b", self.text)) and "“" in self.text


def usable_documents(brief: Brief) -> list[SourceDocument]:
    """Return the documents whose sentences may be taken over: quotable, not retracted, and not retracted by another one here."""
    withdrawn = {gone for document in brief.documents for gone in document.retracts}
    return [one for one in brief.documents if one.rights.quotable and not one.retracted and one.id not in withdrawn and one.url not in withdrawn]


def passages_of(brief: Brief, document: SourceDocument) -> list[Passage]:
    """Return the passages of one document in reading order."""
    mine = [passage for passage in brief.passages if passage.document_id == document.id]
    return sorted(mine, key=_number)


def _number(passage: Passage) -> int:
    return int(passage.id.rpartition("#")[2])


def candidates(brief: Brief, today: date | None = None) -> list[Candidate]:
    """Return every speakable sentence of the brief with its score, in document and reading order.

    What a source older than three months calls `now` or `last year` is not spoken as if it were so `today`.
    """
    documents = usable_documents(brief)
    found = [one for document in documents for one in _of_document(brief, document, is_stale(document, today))]
    return _scored(found, brief)


def is_stale(document: SourceDocument, today: date | None) -> bool:
    """Say whether the present of a document is not ours any more: published over three months ago, or nobody knows when."""
    return today is not None and (document.published is None or (today - document.published).days > FRESH_DAYS)


def _of_document(brief: Brief, document: SourceDocument, stale: bool) -> Iterable[Candidate]:
    passages = passages_of(brief, document)
    sections = _sections(document.text, passages)
    last = max((_number(passage) for passage in passages), default=1)
    academic = document.publisher.startswith("PLOS") or "journal" in document.publisher.lower()
    known = frozenset(content(" ".join((brief.topic, *brief.keywords))))
    shouted = _surnames(document.text) if "Factbook" in document.publisher else frozenset()
    names = full_names([passage.text for passage in passages])
    earlier: Candidate | None = None
    for passage, (section, paragraph) in zip(passages, sections, strict=True):
        if _TAIL_SECTION.search(section) or _BYLINE.search(passage.text):
            earlier = None
            continue
        quiet = passage.model_copy(update={"text": _written(passage.text, shouted)}) if shouted else passage
        earlier = _candidate(quiet, (academic, stale), earlier, (last, paragraph, section, known))
        if earlier is not None:
            yield replace(earlier, people=_called(earlier, names, passages))


def _called(one: Candidate, names: dict[str, tuple[str, int]], passages: list[Passage]) -> tuple[tuple[str, str], ...]:
    text = one.alone or one.text
    known = ((full, passages[number].id) for last, (full, number) in names.items() if last in text)
    return tuple((full, where) for full, where in known if where != one.passage_id and introduced(text, full) is not None)


def _surnames(text: str) -> frozenset[str]:
    """Return the surnames that a publisher prints in capitals after a forename (`Uhuru KENYATTA`)."""
    return frozenset(re.findall(r"\b(?!The|In|At|By|Of|And|For)[A-Z][a-z]+(?: [A-Z]\.)? ([A-Z]{3,}(?:-[A-Z]+)*)\b", text))


def _written(text: str, surnames: frozenset[str]) -> str:
    """Return a sentence with such surnames as they are written elsewhere: a voice would spell them out."""
    return re.sub(r"\b[A-Z]{3,}(?:-[A-Z]+)*\b", lambda found: found.group().title() if found.group() in surnames else found.group(), text)


def _leans(text: str, known: frozenset[str]) -> bool:
    """Say whether a sentence needs the one before: it points back, or names a thing with `the` that the topic does not."""
    noun = definite(text)
    return leans_back(text) or (noun is not None and stem(noun) not in known)


def _candidate(passage: Passage, kind: tuple[bool, bool], earlier: Candidate | None, place: tuple[int, int, str, frozenset[str]]) -> Candidate | None:
    last, paragraph, section, known = place
    order = _number(passage)
    try:
        text = simplify(passage.text, kind[0])
        text = timeless(text) if kind[1] else text
    except Refused:
        return None
    adjacent = earlier if earlier is not None and earlier.index == order - 1 else None
    alone: str | None = text
    cites: tuple[str, ...] = (passage.id,)
    leaning = _leans(text, known)
    if leaning:
        alone, cites = _standing_alone(text, passage, adjacent if adjacent and adjacent.paragraph == paragraph else None)
        if alone is None and adjacent is None:
            return None
    return Candidate(
        passage_id=passage.id,
        document_id=passage.document_id,
        index=order,
        position=order / max(1, last),
        paragraph=paragraph,
        section=section,
        text=text,
        alone=alone,
        cites_alone=cites,
        leaning=leaning,
        stems=frozenset(content(alone or text)),
        words=spoken_words(alone or text),
        score=passage.relevance,
        published=passage.published,
    )


def _standing_alone(text: str, passage: Passage, adjacent: Candidate | None) -> tuple[str | None, tuple[str, ...]]:
    if adjacent is None or pronoun(text) is None:
        return None, (passage.id,)
    antecedent = subject(adjacent.alone or adjacent.text)
    if antecedent is None or antecedent.startswith(("Its ", "Their ")):
        return None, (passage.id,)
    return resolve(text, antecedent), (*adjacent.cites_alone, passage.id)


def _sections(text: str, passages: list[Passage]) -> list[tuple[str, int]]:
    """Return for each passage the heading (a line that is no sentence) it stands under, or an empty string, and its paragraph."""
    places: list[tuple[int, str]] = []
    start, heading = 0, ""
    for block in text.split("\n\n"):
        line = block.strip().lstrip("#= ").rstrip("= ")
        if line and len(line.split()) <= 10 and line[-1] not in '.!?:”"' and line[:1].isupper():
            heading = line
        places.append((start, heading))
        start += len(block) + 2
    found, cursor = [], 0
    for passage in passages:
        at = text.find(passage.text[:40], cursor)
        cursor = at if at >= 0 else cursor
        paragraph = max(number for number, (where, _) in enumerate(places) if where <= cursor)
        found.append((places[paragraph][1], paragraph))
    return found


def _scored(found: list[Candidate], brief: Brief) -> list[Candidate]:
    weight = weights(one.text for one in found)
    topic = set(content(" ".join((brief.topic, *brief.keywords))))
    best = max((_centrality(one, weight) for one in found), default=1.0) or 1.0
    scored = []
    for one in found:
        score = _centrality(one, weight) / best + 0.5 * one.score
        score += 0.5 * min(2, len(topic & one.stems)) + _EARLY * (1 - one.position) + (0.3 if any(ch.isdigit() for ch in one.text) else 0)
        score += (
            0.2 * min(2, len(_STRIKING.findall(one.text)))
            - 0.04 * max(0, one.words - 19)
            - 0.25 * _difficulty(one.text)
            - 0.3 * bool(_RELATIVE_TIME.search(one.text))
        )
        scored.append(replace(one, score=round(score, 4)))
    return scored


def _centrality(one: Candidate, weight: dict[str, float]) -> float:
    return sum(weight[word] for word in one.stems if word in weight) / (4 + len(one.stems))


def _difficulty(text: str) -> float:
    """Return how hard a sentence is to follow by ear: long words, commas, bare capitals."""
    words = text.split()
    long = sum(len(word) > 12 for word in words)
    capitals = len(re.findall(r"\b[A-Z]{3,}\b", text))
    return 0.6 * long + 0.4 * max(0, text.count(",") - 1) + 0.2 * capitals + 0.6 * text.count(";")
