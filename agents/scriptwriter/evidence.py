"""Which passages a script may stand on: quotable, not retracted, not outdated by a better source."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from agents.scriptwriter.attributes import Attribute, attributes, disagree
from agents.scriptwriter.rivals import rivals
from agents.scriptwriter.statements import Statement
from infra.errors import Forbidden, NotFound
from memory.artifacts import Brief, Decision, Passage, SourceDocument
from memory.passages import split_passages

AGENT = "scriptwriter"
_PRESENT = re.compile(r"\b(as of|currently|at present|today|now|in July 20\d\d|estimated)\b", re.IGNORECASE)
_RANKS = (
    (3, re.compile(r"factbook|nasa|noaa|usgs|nih|plos|journal|statistics|census|bureau|agency|ministry|university", re.IGNORECASE)),
    (2, re.compile(r"wikipedia|wikinews|voice of america|voa|reuters|global voices", re.IGNORECASE)),
)


class NoEvidence(NotFound):
    """Nothing that could support a sentence was found; the message lists what was looked at."""

    code = "no_evidence"


class EvidenceNotQuotable(Forbidden):
    """Facts exist, but no sentence may be taken over, and the offline writer cannot reword."""

    code = "evidence_not_quotable"


@dataclass(frozen=True)
class Conflict:
    """Two documents that say different things about the same matter, and which one is believed; `said` holds values that
    are no numbers.
    """

    about: str
    kept: Passage
    dropped: Passage
    kept_value: float
    dropped_value: float
    reason: str
    said: tuple[str, str] = ("", "")


def full_passages(brief: Brief) -> tuple[Passage, ...]:
    """Return every sentence of every document that may be used, with the relevance the brief already knows."""
    relevance = {passage.id: passage.relevance for passage in brief.passages}
    usable = [document for document in brief.documents if document.id not in withdrawn(brief)]
    found = [passage for document in usable for passage in split_passages(document)]
    return tuple(passage.model_copy(update={"relevance": relevance.get(passage.id, 0.0)}) for passage in found)


def withdrawn(brief: Brief) -> set[str]:
    """Return the ids of documents that are retracted or that another document retracts."""
    gone = {name for document in brief.documents for name in document.retracts}
    return {document.id for document in brief.documents if document.retracted or document.id in gone or document.url in gone}


def require_evidence(brief: Brief, passages: Sequence[Passage]) -> None:
    """Raise `NoEvidence` when there is nothing to stand on, naming what was looked at."""
    looked = "; ".join(f"{document.title} ({document.publisher}{', retracted' if document.id in withdrawn(brief) else ''})" for document in brief.documents)
    if not passages:
        raise NoEvidence(f"no evidence for {brief.topic!r}; looked at: {looked or 'no document was found'}", topic=brief.topic)


def require_quotable(brief: Brief, passages: Sequence[Passage], allow_share_alike: bool) -> None:
    """Raise `EvidenceNotQuotable` when the offline writer may take over no sentence."""
    allowed = [passage for passage in passages if passage.rights.quotable and (allow_share_alike or not passage.rights.share_alike)]
    if allowed:
        return
    licences = "; ".join(sorted({f"{document.title}: {document.rights.licence}" for document in brief.documents}))
    reason = "share-alike text is not wanted here" if any(passage.rights.quotable for passage in passages) else "its sentences may not be taken over"
    raise EvidenceNotQuotable(
        f"the evidence for {brief.topic!r} is not quotable ({reason}): {licences}. "
        "Configure a language model, or give a source in the public domain, CC0, CC BY or CC BY-SA",
        topic=brief.topic,
    )


def find_conflicts(brief: Brief, passages: Sequence[Passage]) -> tuple[Conflict, ...]:
    """Return facts that two documents state differently: attributes with one value at a time, and statements of one thing.

    The newer, then the better sourced one is kept.

    What makes two statements rivals (figures, dates, ranks, denials) is told in `rivals`.
    """
    by_id = {document.id: document for document in brief.documents}
    found = {conflict.dropped.id: conflict for conflict in _attribute_conflicts(brief, passages, by_id)}
    for one, other, about in rivals(passages, brief.topic):
        conflict = _settle(one, other, by_id, about)
        found.setdefault(conflict.dropped.id, conflict)
    return tuple(found.values())


def _attribute_conflicts(brief: Brief, passages: Sequence[Passage], by_id: dict[str, SourceDocument]) -> list[Conflict]:
    """Return conflicts about what has one value at a time; of an office, only who is named as the last holder by each source counts."""
    stated: dict[tuple[str, str], list[Attribute]] = {}
    for one in attributes(passages, brief.topic):
        stated.setdefault((one.passage.document_id, one.kind), []).append(one)
    latest = [max(group, key=lambda one: (one.year, one.passage.id)) for group in stated.values()]
    found = []
    for one, other in combinations(latest, 2):
        if disagree(one, other):
            first, second = ((attribute.spoken_of, *_standing(attribute.passage, by_id)) for attribute in (one, other))
            kept, dropped = (one, other) if first >= second else (other, one)
            reason = " is newer or better sourced than ".join(f"{side.passage.publisher} ({side.year or side.passage.published})" for side in (kept, dropped))
            found.append(
                Conflict(f"{one.kind} of {brief.topic}", kept.passage, dropped.passage, kept.number, dropped.number, reason, (kept.value, dropped.value))
            )
    return found


def _settle(one: Statement, other: Statement, by_id: dict[str, SourceDocument], about: str) -> Conflict:
    first, second = _standing(one.passage, by_id), _standing(other.passage, by_id)
    kept, dropped = (one, other) if first >= second else (other, one)
    newer = (kept.passage.published or None) != (dropped.passage.published or None)
    sides = [f"{side.passage.publisher} ({side.passage.published})" for side in (kept, dropped)]
    reason = f"{sides[0]} is {'newer' if newer else 'better sourced'} than {sides[1]}"
    return Conflict(about, kept.passage, dropped.passage, kept.value, dropped.value, reason, (kept.said, dropped.said))


def _standing(passage: Passage, by_id: dict[str, SourceDocument]) -> tuple[str, int, str]:
    """Return a sortable rank: publication month first, then how good the publisher is."""
    month = passage.published.isoformat()[:7] if passage.published else ""
    publisher = by_id[passage.document_id].publisher if passage.document_id in by_id else passage.publisher
    rank = next((value for value, pattern in _RANKS if pattern.search(publisher)), 1)
    return (month, rank, passage.id)


def outdated(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return ids of sentences that speak of a present which is at least five years older than the newest source."""
    newest = max((passage.published for passage in passages if passage.published), default=None)
    if newest is None:
        return ()
    return tuple(passage.id for passage in passages if passage.published and newest.year - passage.published.year >= 5 and _PRESENT.search(passage.text))


def conflict_decisions(conflicts: Sequence[Conflict]) -> tuple[Decision, ...]:
    """Return one decision per conflict for `decisions.json`."""
    return tuple(
        Decision(
            agent=AGENT,
            question=f"Two sources disagree about: {conflict.about}",
            choice=_side(conflict.said[0] or format(conflict.kept_value, "g"), conflict.kept),
            reasons=(conflict.reason, f"kept {conflict.kept.id}", f"not used: {conflict.dropped.id}"),
            alternatives=(_side(conflict.said[1] or format(conflict.dropped_value, "g"), conflict.dropped),),
        )
        for conflict in conflicts
    )


def _side(value: str, passage: Passage) -> str:
    """Return one side of a conflict as people compare it: the value, who says it and when, in which words."""
    return f"{value} ({passage.publisher}, {passage.published}): “{passage.text}”"
