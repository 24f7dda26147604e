"""The thumbnail designer: designs thumbnails, and decides which visual serves each sentence."""

from agents.thumbnail_designer.agent import design, illustrate
from agents.thumbnail_designer.schemas import Designed, DesignInput, Illustrated, IllustrateInput

__all__ = ["DesignInput", "Designed", "IllustrateInput", "Illustrated", "design", "illustrate"]
