"""The scriptwriter: hook, beats and closing, every fact with the passage that supports it."""

from agents.scriptwriter.adopt import adopt
from agents.scriptwriter.agent import run
from agents.scriptwriter.evidence import EvidenceNotQuotable, NoEvidence
from agents.scriptwriter.listing import compose_description
from agents.scriptwriter.policy import review
from agents.scriptwriter.schemas import Input, Output, Review, Suggestion
from agents.scriptwriter.suspects import SuspectTopic

__all__ = ["EvidenceNotQuotable", "Input", "NoEvidence", "Output", "Review", "Suggestion", "SuspectTopic", "adopt", "compose_description", "review", "run"]
