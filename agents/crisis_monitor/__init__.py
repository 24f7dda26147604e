"""The crisis monitor: screens before publication, watches afterwards, and acts only within the channel's policy."""

from agents.crisis_monitor.agent import screen, watch
from agents.crisis_monitor.schemas import Screened, ScreenInput, Watched, WatchInput

__all__ = ["ScreenInput", "Screened", "WatchInput", "Watched", "screen", "watch"]
