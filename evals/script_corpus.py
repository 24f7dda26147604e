"""A corpus of scripts: every channel tells every document, as the scriptwriter writes without a model."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents import scriptwriter
from agents.scriptwriter import EvidenceNotQuotable, NoEvidence
from evals.context import Bench
from evals.tasks.documents import CaseDocument, build_brief
from memory.artifacts import Brief, Script
from memory.demo_corpus import load_demo_documents
from tools.base import ToolError


@dataclass(frozen=True)
class Told:
    """One script: who told which topic, and of which category the topic is."""

    channel: str
    topic: str
    category: str
    script: Script


def demo_briefs(limit: int | None = None) -> tuple[Brief, ...]:
    """Return a brief for each document of the demo corpus, in its order."""
    return tuple(build_brief((CaseDocument(demo=one.id.removeprefix("demo-")),)) for one in load_demo_documents()[:limit])


async def write_corpus(bench: Bench, briefs: Sequence[Brief], channels: Sequence[str], seconds: int) -> tuple[Told, ...]:
    """Have every channel tell every brief; what a channel cannot tell from a brief is left out."""
    told = []
    for brief in briefs:
        for channel in channels:
            try:
                written = await scriptwriter.run(scriptwriter.Input(brief=brief), bench.context("scriptwriter", channel, seconds=seconds))
            except (NoEvidence, EvidenceNotQuotable, ToolError):
                continue
            told.append(Told(channel, brief.topic, brief.category, written.script))
    return tuple(told)
