"""The crisis monitor: screens before publication, watches afterwards, and acts only within the channel's policy."""

from agents.crisis_monitor.agent import AGENT, screen, watch
from agents.crisis_monitor.policy import autonomy_of
from agents.crisis_monitor.schemas import Autonomy, Screened, ScreenInput, Watched, WatchInput

__all__ = ["AGENT", "Autonomy", "ScreenInput", "Screened", "WatchInput", "Watched", "autonomy_of", "screen", "watch"]
