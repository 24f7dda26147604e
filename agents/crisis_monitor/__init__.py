"""The crisis monitor: screens before publication, watches afterwards, and acts only within the channel's policy."""

from agents.crisis_monitor.agent import AGENT, screen, watch
from agents.crisis_monitor.answer import Answered, NoticeInput, answer
from agents.crisis_monitor.hide import PATIENCE_S
from agents.crisis_monitor.policy import ADVICE, HOLD_FOR, IRREVERSIBLE, REVERSALS, autonomy_of, may
from agents.crisis_monitor.schemas import Action, Autonomy, Headline, Screened, ScreenInput, Sign, Watched, WatchInput
from agents.crisis_monitor.signals import SIGNALS

__all__ = [
    "ADVICE",
    "AGENT",
    "HOLD_FOR",
    "IRREVERSIBLE",
    "PATIENCE_S",
    "REVERSALS",
    "SIGNALS",
    "Action",
    "Answered",
    "Autonomy",
    "Headline",
    "NoticeInput",
    "ScreenInput",
    "Screened",
    "Sign",
    "WatchInput",
    "Watched",
    "answer",
    "autonomy_of",
    "may",
    "screen",
    "watch",
]
