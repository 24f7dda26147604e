"""The thumbnail designer: designs thumbnails, and decides which visual serves each sentence."""

from agents.thumbnail_designer.agent import design, illustrate
from agents.thumbnail_designer.foresight import Foreseen, foresee
from agents.thumbnail_designer.schemas import Designed, DesignInput, Illustrated, IllustrateInput, Snapshot

__all__ = ["DesignInput", "Designed", "Foreseen", "IllustrateInput", "Illustrated", "Snapshot", "design", "foresee", "illustrate"]
