"""From signs to actions, within what the channel lets the monitor do alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from agents.crisis_monitor.schemas import Action, Autonomy, Severity, Sign, SignKind
from agents.crisis_monitor.signs import rank
from infra.errors import Invalid

# Taking a video out of sight and stopping a channel or a run are done alone only when this sure; below it a person is asked.
SURE_ENOUGH = 0.8
WORTH_GRADING = 0.5
HOLD_FOR = timedelta(hours=24)

_EVERYBODY: frozenset[Action] = frozenset({"hold", "draft_reply", "open_incident"})
POWERS: dict[Autonomy, frozenset[Action]] = {
    "manual": _EVERYBODY,
    "review": _EVERYBODY | {"make_private", "unlist"},
    "policy": _EVERYBODY | {"make_private", "unlist", "pause_channel"},
    "autonomous": _EVERYBODY | {"make_private", "unlist", "pause_channel", "pause_run"},
}
# How each action is taken back; one that is not here does not exist for the monitor.
REVERSALS: dict[Action, str] = {
    "hold": "the channel's queue goes on, as it does by itself after 24 hours",
    "make_private": "the video is shown again to whom it was shown before",
    "unlist": "the video is listed again as it was before",
    "pause_channel": "the channel works again",
    "pause_run": "the autonomous run goes on",
    "draft_reply": "the draft is thrown away; nothing was posted",
    "open_incident": "the incident is resolved",
}
# What nobody can take back: named to a person where it may help, and never done by the monitor (the table of actions refuses it).
IRREVERSIBLE: dict[str, str] = {
    "delete_video": "the platform keeps no copy, and its address never works again",
    "post_reply": "what was read cannot be unread",
    "dispute_claim": "a dispute that fails becomes a strike",
    "file_counter_notification": "it is a statement under penalty of perjury",
    "remove_comment": "its author is not told and the platform keeps no undo",
    "revoke_consent": "only the channel's owner can consent again",
}
# What each sign calls for at each grade. Opinions, figures and headlines never take a video out of sight; wrong facts, retracted or corrected sources,
# foreign bytes and the platform's own notices do.
_CALLS: dict[SignKind, dict[Severity, tuple[Action, ...]]] = {
    "publication_missing": {"critical": ("open_incident",)},
    "publication_rejected": {"critical": ("hold", "open_incident")},
    "file_missing": {"critical": ("make_private", "open_incident")},
    "file_changed": {"critical": ("make_private", "pause_channel", "open_incident")},
    "visibility_changed": {"warning": ("open_incident",), "critical": ("make_private", "open_incident")},
    "source_retracted": {"critical": ("make_private", "open_incident")},
    "source_changed": {"warning": ("draft_reply", "open_incident"), "critical": ("unlist", "draft_reply", "open_incident")},
    "bad_news": {"warning": ("open_incident",), "critical": ("hold", "open_incident")},
    "factual_challenge": {"warning": ("hold", "draft_reply", "open_incident"), "critical": ("make_private", "draft_reply", "open_incident")},
    "negative_spike": {"warning": ("hold",), "critical": ("hold", "pause_channel", "open_incident")},
    "pile_on": {"warning": ("hold",), "critical": ("hold", "pause_channel", "open_incident")},
    "harmful_comments": {"warning": ("open_incident",), "critical": ("hold", "open_incident")},
    "impersonation": {"warning": ("draft_reply", "open_incident")},
    "dislike_spike": {"warning": ("hold", "open_incident"), "critical": ("hold", "open_incident")},
    "report_spike": {"warning": ("hold", "open_incident"), "critical": ("hold", "open_incident")},
    "views_collapse": {"warning": ("open_incident",)},
    "copyright_claim": {"warning": ("draft_reply", "open_incident")},
    "copyright_strike": {"critical": ("hold", "pause_channel", "pause_run", "open_incident")},
    "takedown": {"critical": ("hold", "pause_channel", "open_incident")},
    "policy_notice": {"critical": ("unlist", "hold", "open_incident")},
    "correction_request": {"warning": ("draft_reply", "open_incident")},
    "consent_lost": {"critical": ("hold", "open_incident")},
}
# What a person may want to do and the monitor never does.
ADVICE: Mapping[SignKind, tuple[str, ...]] = {
    "factual_challenge": ("post_reply",),
    "harmful_comments": ("remove_comment",),
    "impersonation": ("post_reply", "remove_comment"),
    "copyright_claim": ("dispute_claim",),
    "copyright_strike": ("file_counter_notification", "delete_video"),
    "takedown": ("file_counter_notification",),
}
_ORDER: tuple[Action, ...] = ("make_private", "unlist", "pause_channel", "pause_run", "hold", "draft_reply", "open_incident")
_GRAVE: frozenset[Action] = frozenset({"make_private", "unlist", "pause_channel", "pause_run"})
# Anybody can write a mail: what rests on one alone holds a queue only when it is sure who wrote it.
_WRITTEN: frozenset[SignKind] = frozenset({"copyright_claim", "copyright_strike", "takedown", "policy_notice", "correction_request"})


class Case(Protocol):
    """What bounds a verdict: the channel's autonomy, and what a person took back in this incident."""

    @property
    def autonomy(self) -> Autonomy:
        """How much the channel lets the monitor do alone."""
        ...

    @property
    def spared(self) -> frozenset[Action]:
        """What is not done again."""
        ...


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
    # Decided, and could not be done yet.
    tried: tuple[Action, ...] = ()

    def put_off(self, action: Action, why: str) -> "Verdict":
        """Return the verdict with one of its actions still to be done, and a person told of it."""
        done = [one for one in _ORDER if (one in self.done and one != action) or one == "open_incident"]
        told = f"{action} could not be done now and is tried again: {why[:300]}"
        return replace(self, done=tuple(done), tried=(*self.tried, action), reasons=(*self.reasons, told))


def may(level: str, action: str) -> bool:
    """Whether a channel of that level of autonomy lets the monitor do an action by itself."""
    return action in POWERS[autonomy_of(level)]


def judge(case: Case, signs: Sequence[Sign], privacy: str) -> Verdict:
    """Grade the signs and choose the actions; what the channel's policy or too little confidence forbids is wanted instead of done."""
    counted = [sign for sign in signs if sign.confidence >= WORTH_GRADING]
    if not counted:
        return Verdict("none", 1.0, (), (), ("everything is as it was published, and viewers speak as usual",))
    severity = max((sign.severity for sign in counted), key=rank)
    confidence = max(sign.confidence for sign in counted if sign.severity == severity)
    called, sure = _called(counted)
    called -= _settled(privacy, called) | (case.spared - {"open_incident"})
    may = POWERS[case.autonomy] & sure
    wanted = [action for action in _ORDER if action in called and action not in may]
    if wanted:  # what a person must do, a person must hear of
        called.add("open_incident")
        may = may | {"open_incident"}
    done = [action for action in _ORDER if action in called and action in may]
    reasons = [f"{sign.kind} ({sign.severity}, {sign.confidence:.0%} sure): {sign.reason}" for sign in counted]
    reasons += [f"{action} waits for a person: {_why(action, case.autonomy)}" for action in wanted]
    reasons += [f"{action} was taken back by a person and is left alone" for action in _ORDER if action in case.spared and action != "open_incident"]
    return Verdict(severity, confidence, tuple(done), tuple(wanted), tuple(reasons))


def _called(counted: Sequence[Sign]) -> tuple[set[Action], set[Action]]:
    """Return what the signs call for, and that part of which it is sure enough to be done alone."""
    called: set[Action] = set()
    sure: set[Action] = set()
    for sign in counted:
        actions = _CALLS.get(sign.kind, {}).get(sign.severity, ())
        called.update(actions)
        grave = _GRAVE | {"hold"} if sign.kind in _WRITTEN else _GRAVE
        sure.update(action for action in actions if action not in grave or sign.confidence >= SURE_ENOUGH)
    return called, sure


def _settled(privacy: str, called: set[Action]) -> set[Action]:
    """Return what would change nothing: a video that nobody sees is not hidden again, and one made private need not be unlisted."""
    if privacy == "private":
        return {"make_private", "unlist"}
    return {"unlist"} if privacy == "unlisted" or "make_private" in called else set()


def _why(action: Action, autonomy: Autonomy) -> str:
    if action not in POWERS[autonomy]:
        return f"a channel on {autonomy} reserves it"
    return f"the monitor is less than {SURE_ENOUGH:.0%} sure"
