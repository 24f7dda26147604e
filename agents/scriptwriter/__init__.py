"""The scriptwriter: hook, beats and closing, every fact with the passage that supports it."""

from agents.scriptwriter.adopt import adopt
from agents.scriptwriter.agent import run
from agents.scriptwriter.evidence import EvidenceNotQuotable, NoEvidence
from agents.scriptwriter.finished import brief_of, film_description, script_of, unreviewed
from agents.scriptwriter.listing import compose_description
from agents.scriptwriter.policy import HOW_TAKEN, WHO_WRITES, review
from agents.scriptwriter.schemas import Input, Output, Review, Suggestion
from agents.scriptwriter.suspects import SuspectTopic

__all__ = [
    "HOW_TAKEN",
    "WHO_WRITES",
    "EvidenceNotQuotable",
    "Input",
    "NoEvidence",
    "Output",
    "Review",
    "Suggestion",
    "SuspectTopic",
    "adopt",
    "brief_of",
    "compose_description",
    "film_description",
    "review",
    "run",
    "script_of",
    "unreviewed",
]
