"""From signs to actions, within what the channel lets the monitor do alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.crisis_monitor.schemas import Action, Autonomy, Severity, Sign, SignKind, WatchInput
from agents.crisis_monitor.signs import rank
from infra.errors import Invalid

# Pulling a video back and pausing a channel are done alone only when this sure; below it a person is asked.
SURE_ENOUGH = 0.8
WORTH_GRADING = 0.5

POWERS: dict[Autonomy, frozenset[Action]] = {
    "manual": frozenset({"hold", "open_incident"}),
    "review": frozenset({"hold", "open_incident", "make_private"}),
    "policy": frozenset({"hold", "open_incident", "make_private", "pause_channel"}),
    "autonomous": frozenset({"hold", "open_incident", "make_private", "pause_channel"}),
}
# What each sign calls for at each grade. Opinions never pull a video back; wrong facts, retracted sources and foreign bytes do.
_CALLS: dict[SignKind, dict[Severity, tuple[Action, ...]]] = {
    "publication_missing": {"critical": ("open_incident",)},
    "file_missing": {"critical": ("make_private", "open_incident")},
    "file_changed": {"critical": ("make_private", "pause_channel", "open_incident")},
    "visibility_changed": {"warning": ("open_incident",), "critical": ("make_private", "open_incident")},
    "source_retracted": {"critical": ("make_private", "open_incident")},
    "factual_challenge": {"warning": ("hold", "open_incident"), "critical": ("make_private", "open_incident")},
    "negative_spike": {"warning": ("hold",), "critical": ("hold", "pause_channel", "open_incident")},
    "pile_on": {"warning": ("hold",), "critical": ("hold", "pause_channel", "open_incident")},
    "harmful_comments": {"warning": ("open_incident",), "critical": ("hold", "open_incident")},
}
_ORDER: tuple[Action, ...] = ("make_private", "pause_channel", "hold", "open_incident")
_GRAVE: frozenset[Action] = frozenset({"make_private", "pause_channel"})


def autonomy_of(level: str) -> Autonomy:
    """Return a channel's stored level of autonomy; raises Invalid for one that does not exist."""
    found = next((known for known in POWERS if known == level), None)
    if found is None:
        raise Invalid(f"autonomy: {level!r} is unknown; known: {', '.join(POWERS)}")
    return found


@dataclass(frozen=True)
class Verdict:
    """How grave it is, how sure, and what follows."""

    severity: Severity
    confidence: float
    done: tuple[Action, ...]
    wanted: tuple[Action, ...]
    reasons: tuple[str, ...]


def judge(task: WatchInput, signs: Sequence[Sign], privacy: str) -> Verdict:
    """Grade the signs and choose the actions; what the channel's policy or too little confidence forbids is wanted instead of done."""
    counted = [sign for sign in signs if sign.confidence >= WORTH_GRADING]
    if not counted:
        return Verdict("none", 1.0, (), (), ("everything is as it was published, and viewers speak as usual",))
    severity = max((sign.severity for sign in counted), key=rank)
    confidence = max(sign.confidence for sign in counted if sign.severity == severity)
    called: set[Action] = set()
    sure: set[Action] = set()
    for sign in counted:
        actions = _CALLS.get(sign.kind, {}).get(sign.severity, ())
        called.update(actions)
        sure.update(action for action in actions if action not in _GRAVE or sign.confidence >= SURE_ENOUGH)
    if privacy == "private":
        called.discard("make_private")
    may = POWERS[task.autonomy] & sure
    wanted = [action for action in _ORDER if action in called and action not in may]
    if wanted:  # what a person must do, a person must hear of
        called.add("open_incident")
        may = may | {"open_incident"}
    done = [action for action in _ORDER if action in called and action in may]
    reasons = [f"{sign.kind} ({sign.severity}, {sign.confidence:.0%} sure): {sign.reason}" for sign in counted]
    reasons += [f"{action} waits for a person: {_why(action, task.autonomy)}" for action in wanted]
    return Verdict(severity, confidence, tuple(done), tuple(wanted), tuple(reasons))


def _why(action: Action, autonomy: Autonomy) -> str:
    if action not in POWERS[autonomy]:
        return f"a channel on {autonomy} reserves it"
    return f"the monitor is less than {SURE_ENOUGH:.0%} sure"
