"""The side files of a video, composed from artifacts: sources.json and decisions.json."""

from datetime import date
from typing import Any

from memory.artifacts import Brief, Decision, Passage, Script


def sources_document(brief: Brief, script: Script, cited: tuple[Passage, ...]) -> dict[str, Any]:
    """Return each sentence with the passages that support it, their licence and credit, and every document used."""
    passages = {passage.id: passage for passage in cited}
    used = {passage.document_id for passage in cited}
    return {
        "provenance": brief.provenance.value,
        "topic": brief.topic,
        "licence_of_the_script": script.rights.model_dump(),
        "credits": list(script.credits),
        "sentences": [
            {
                "id": sentence.id,
                "text": sentence.text,
                "role": sentence.role,
                "passages": [
                    {
                        "id": passages[citation].id,
                        "text": passages[citation].text,
                        "title": passages[citation].title,
                        "publisher": passages[citation].publisher,
                        "published": _day(passages[citation].published),
                        "url": passages[citation].url,
                        "licence": passages[citation].rights.licence,
                        "credit": passages[citation].rights.credit,
                    }
                    for citation in sentence.citations
                    if citation in passages
                ],
            }
            for sentence in script.sentences
        ],
        "documents": [
            {
                "id": document.id,
                "title": document.title,
                "publisher": document.publisher,
                "author": document.author,
                "published": _day(document.published),
                "url": document.url,
                "licence": document.rights.licence,
                "credit": document.rights.credit,
                "used": document.id in used,
                "retracted": document.retracted,
            }
            for document in brief.documents
        ],
    }


def decisions_document(decisions: tuple[Decision, ...]) -> list[dict[str, Any]]:
    """Return every decision of a run, in the order it was made."""
    return [decision.model_dump() for decision in decisions]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
