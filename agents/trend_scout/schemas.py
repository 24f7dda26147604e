"""What the trend scout takes, sees and gives."""

from typing import Literal

from memory.artifacts import Brief, Decision, Frozen, Picture, Provenance

Mode = Literal["sources", "topic", "trends", "demo"]


class Input(Frozen):
    """A topic or sources to start from; with neither, the scout chooses from the trends."""

    topic: str | None = None
    sources: tuple[str, ...] = ()


class Candidate(Frozen):
    """One story, seen in one or more sources, and how it scores for this channel (each 0..1)."""

    topic: str
    summary: str
    category: str
    sources: tuple[str, ...]
    urls: tuple[str, ...]
    momentum: float
    breadth: float
    fit: float
    novelty: float
    nearest: str = ""

    @property
    def total(self) -> float:
        """Weighted sum of the four scores."""
        return 0.25 * self.momentum + 0.15 * self.breadth + 0.4 * self.fit + 0.2 * self.novelty


class Evidence(Frozen):
    """What was found for one candidate: digests of documents, and why places gave nothing."""

    topic: str
    documents: tuple[str, ...]
    looked_at: tuple[str, ...]


class Snapshot(Frozen):
    """Everything the scout decides on, frozen before it decides."""

    mode: Mode
    provenance: Provenance
    network: bool
    candidates: tuple[Candidate, ...]
    evidence: tuple[Evidence, ...]
    pictures: tuple[Picture, ...] = ()
    failed_sources: tuple[str, ...] = ()
    refused_inputs: tuple[str, ...] = ()


class Output(Frozen):
    """A brief, or the reason why there is none; exactly one of the two."""

    brief: Brief | None
    refusal: str | None
    decisions: tuple[Decision, ...]
    provenance: Provenance
