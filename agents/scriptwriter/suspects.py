"""Passages that speak to a machine instead of a reader: found by the content screen, kept as evidence of an attack, never written about."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from agents.base import AgentContext
from agents.scriptwriter.evidence import AGENT, EvidenceNotQuotable
from agents.scriptwriter.schemas import Suspect
from memory.artifacts import Decision, Passage
from tools.screen_content.schema import SPEC, ScreenContentArgs, ScreenedText

INJECTION = "prompt injection"
TOPIC = "topic"
_BATCH = 1000


class SuspectTopic(EvidenceNotQuotable):
    """The topic itself gives orders to a machine, as one taken from a source's title may: its words may not be used."""

    code = "suspect_topic"


async def find_suspects(topic: str, passages: Sequence[Passage], ctx: AgentContext) -> tuple[Suspect, ...]:
    """Return what gives orders to a machine: passages, names of their documents (`title of ID`) and the `topic`, each with what gave it away."""
    found: dict[str, Suspect] = {}
    # By document and not by title: the same order may stand over several. What a description would show of one is its name.
    names = {passage.document_id: "\n".join((passage.title, passage.publisher, passage.rights.credit)) for passage in passages}
    texts = [ScreenedText(id=TOPIC, text=topic, origin="outside")]
    texts += [ScreenedText(id=passage.id, text=passage.text, origin="outside") for passage in passages]
    texts += [ScreenedText(id=_title_of(document), text=name, origin="outside") for document, name in names.items()]
    for at in range(0, len(texts), _BATCH):
        result = await ctx.call(SPEC, ScreenContentArgs(texts=tuple(texts[at : at + _BATCH])))
        for finding in result.findings:
            if finding.category == INJECTION:
                found.setdefault(finding.text_id, Suspect(id=finding.text_id, rule=finding.rule, excerpt=finding.excerpt))
    return tuple(found[one.id] for one in texts if one.id in found)


def require_plain_topic(topic: str, suspects: Sequence[Suspect]) -> None:
    """Raise `SuspectTopic` when the topic is among the suspects."""
    for one in suspects:
        if one.id == TOPIC:
            raise SuspectTopic(f"topic: {topic[:120]!r} gives orders to a machine ({one.rule}); name the topic yourself", rule=one.rule)


def without_suspects(passages: Sequence[Passage], suspects: Sequence[Suspect]) -> tuple[Passage, ...]:
    """Return the passages that may be written about; those of a document with a suspect name stay, under one that says nothing."""
    named = {one.id for one in suspects}
    kept = (passage for passage in passages if passage.id not in named)
    return tuple(_nameless(passage) if _title_of(passage.document_id) in named else passage for passage in kept)


def withheld(passages: Sequence[Passage], suspects: Sequence[Suspect]) -> tuple[str, ...]:
    """Return the documents whose names give orders to a machine, so that no description shows them."""
    named = {one.id for one in suspects}
    return tuple(dict.fromkeys(passage.document_id for passage in passages if _title_of(passage.document_id) in named))


def _title_of(document: str) -> str:
    return f"title of {document}"


def _nameless(passage: Passage) -> Passage:
    rights = passage.rights.model_copy(update={"credit": ""})
    return passage.model_copy(update={"title": "untitled", "publisher": urlsplit(passage.url).hostname or "unknown", "rights": rights})


def suspect_decisions(suspects: Sequence[Suspect]) -> tuple[Decision, ...]:
    """Return the decision to leave suspects out, with the words that gave them away, or nothing."""
    if not suspects:
        return ()
    reasons = tuple(f"{one.id} ({one.rule}): {one.excerpt[:160]!r}" for one in suspects[:20])
    choice = f"{len(suspects)} passages or titles are left out"
    return (Decision(agent=AGENT, question="Does a source give orders to a machine?", choice=choice, reasons=reasons),)
