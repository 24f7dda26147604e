"""The trend scout: finds what is worth a video now, with the evidence for it, or says that nothing is."""

from agents.trend_scout.agent import run
from agents.trend_scout.schemas import Input, Output

__all__ = ["Input", "Output", "run"]
