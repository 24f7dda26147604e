"""The voice director: decides how a script is read aloud, and has it read."""

from agents.voice_director.agent import run
from agents.voice_director.schemas import Input, Output

__all__ = ["Input", "Output", "run"]
