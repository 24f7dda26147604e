"""The voice director: decides how a script is read aloud, and has it read."""

from agents.voice_director.agent import run
from agents.voice_director.foresight import Foreheard, foresee, scale_of
from agents.voice_director.schemas import Input, Output, Snapshot

__all__ = ["Foreheard", "Input", "Output", "Snapshot", "foresee", "run", "scale_of"]
