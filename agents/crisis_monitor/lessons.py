"""What the looks at one publication taught, as one sentence or two to remember."""

from collections.abc import Mapping, Sequence
from typing import Any

from memory.artifacts import Decision, Frozen
from memory.lessons import OWN_SIGNS, TEACHES


class Lesson(Frozen):
    """A lesson in words, and the figures it rests on; one that rests on what a platform told goes when that goes."""

    text: str
    evidence: dict[str, Any]
    decision: Decision
    rests_on_readings: bool = False


def draw_lesson(title: str, topic: str, looks: Sequence[Mapping[str, Any]]) -> Lesson:
    """Return what a finished row of looks (stored `Watched` values, oldest first) taught about a topic."""
    kinds = list(dict.fromkeys(str(sign["kind"]) for look in looks for sign in look.get("signs", ())))
    actions = list(dict.fromkeys(str(action) for look in looks for action in (*look.get("done", ()), *look.get("wanted", ()))))
    comments = max((int(look.get("comments", 0)) for look in looks), default=0)
    new = sum(int(look.get("new_comments", 0)) for look in looks)
    share = sum(float(look.get("negative_share", 0)) * int(look.get("new_comments", 0)) for look in looks) / new if new else 0.0
    told = [TEACHES[kind] for kind in kinds if kind in TEACHES]
    first = f"“{title}”, about {topic}, drew {comments} comments, {share:.0%} of them against it."
    text = " ".join((first, *(told or ["Nothing went wrong: the way it was sourced and told can be repeated."])))
    evidence = {"comments": comments, "negative_share": round(share, 4), "signs": kinds, "actions": actions, "looks": len(looks)}
    decision = Decision(
        agent="crisis_monitor",
        question="What does this video teach the next one?",
        choice=text,
        reasons=(f"{len(looks)} looks; signs: {', '.join(kinds) or 'none'}; actions: {', '.join(actions) or 'none'}",),
    )
    return Lesson(text=text, evidence=evidence, decision=decision)


def draw_platform_lesson(title: str, topic: str, looks: Sequence[Mapping[str, Any]], derived: bool) -> Lesson | None:
    """Return what looks at a platform taught: words without any of its figures, and without `derived` only what the studio knows by itself.

    None when that is nothing: a lesson reaches scripts, scores and rankings, and the platform's figures may reach none of them.
    """
    kinds = list(dict.fromkeys(str(sign["kind"]) for look in looks for sign in look.get("signs", ())))
    taught = [kind for kind in kinds if kind in TEACHES and (derived or kind in OWN_SIGNS)]
    if not taught:
        return None
    text = " ".join((f"“{title}”, about {topic}, was looked at for seven days.", *(TEACHES[kind] for kind in taught)))
    reasons = (f"{len(looks)} looks; signs: {', '.join(taught)}",)
    decision = Decision(agent="crisis_monitor", question="What does this video teach the next one?", choice=text, reasons=reasons)
    rests = any(kind not in OWN_SIGNS for kind in taught)
    return Lesson(text=text, evidence={"signs": taught, "looks": len(looks)}, decision=decision, rests_on_readings=rests)
