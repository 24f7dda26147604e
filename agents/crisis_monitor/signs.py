"""What a look at a publication shows: pure functions from the snapshot to signs, each with its severity and confidence."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from agents.crisis_monitor.schemas import Comment, Severity, Sign, WatchInput, WatchSnapshot
from agents.crisis_monitor.signs_figures import figure_signs
from agents.crisis_monitor.signs_outside import outside_signs
from agents.crisis_monitor.statistics import exceeds
from agents.crisis_monitor.tone import NEGATIVE, challenges, harm_of, has_link, impersonates, plain, speaks_to_machine, tone_of

# How many of a video's comments speak against it on an ordinary day, until the video's own earlier comments say better.
USUAL_NEGATIVE = 0.20
LEAST_EARLIER = 10
LEAST_NEGATIVE = 4
PILE_ON_AUTHORS = 5
PILE_ON_WINDOW = timedelta(hours=1)
HARMFUL_AUTHORS = 3
CROWD_AUTHORS = 15
CROWD_SHARE = 0.5
# A single viewer who says that something is wrong is right about as often as not; each further one, and a source, make it likelier.
_ONE_CHALLENGE = 0.45
_LINKED = 0.7
# A platform shows a scheduled video some minutes after its time.
_SHOWN_WITHIN = timedelta(minutes=30)
_OPENNESS = {"private": 0, "unlisted": 1, "public": 2}


def read_signs(task: WatchInput, seen: WatchSnapshot, derived: bool = True) -> tuple[Sign, ...]:
    """Return every sign, gravest and surest first; without `derived`, none that rests on scores of tone, shares of comments or counts over time.

    A comment that speaks to a machine is a sign of that and of nothing else: whatever it says counts for nobody's opinion.
    """
    fresh, known = split_comments(task, seen)
    screened = {comment for comment, category, _ in seen.screened if category == "prompt injection"}
    to_machines = {one.id for one in fresh if one.id in screened or speaks_to_machine(one.text)}
    new = [one for one in fresh if one.id not in to_machines and one.id not in seen.harmless]
    earlier = [one for one in known if one.id not in screened]
    found = [
        *_integrity(task, seen),
        *_visibility(task, seen),
        *_retractions(seen),
        *_challenge(new),
        *(_negative(new, earlier) if derived else ()),
        *(_pile_on(new) if derived else ()),
        *(figure_signs(seen.figures) if derived else ()),
        *_harmful(new),
        *_impersonation(new),
        *_injections([one.id for one in fresh if one.id in to_machines]),
        *outside_signs(task, seen),
        *_unreadable(seen),
    ]
    return tuple(sorted(found, key=lambda sign: (-rank(sign.severity), -sign.confidence, sign.kind)))


def rank(severity: Severity) -> int:
    """Return 0 (none) to 3 (critical)."""
    return {"none": 0, "info": 1, "warning": 2, "critical": 3}[severity]


def split_comments(task: WatchInput, seen: WatchSnapshot) -> tuple[list[Comment], list[Comment]]:
    """Return the comments that are new since the last look, and those before."""
    if task.since is None:
        return list(seen.comments), []
    return [one for one in seen.comments if one.at > task.since], [one for one in seen.comments if one.at <= task.since]


def negative_share(comments: Sequence[Comment]) -> float:
    """Return the share of comments that speak against the video; 0 without comments."""
    return sum(1 for one in comments if against(one)) / len(comments) if comments else 0.0


def against(comment: Comment) -> bool:
    """Say whether a comment speaks against the video without claiming that something in it is untrue, which is weighed by itself."""
    return tone_of(comment.text) <= NEGATIVE and not challenges(comment.text)


def _integrity(task: WatchInput, seen: WatchSnapshot) -> list[Sign]:
    if not seen.found:
        reason = "the library has no entry of this publication any more" if task.place == "library" else "YouTube does not hold this video any more"
        return [Sign(kind="publication_missing", severity="critical", confidence=1.0, reason=reason)]
    signs = []
    if seen.record_error or not seen.manifest_matches:
        reason = seen.record_error or "the entry's record names another manifest than the one that was approved"
        signs.append(Sign(kind="file_changed", severity="critical", confidence=1.0, reason=reason, evidence=("publication.json",)))
    for state, kind in (("missing", "file_missing"), ("changed", "file_changed")):
        names = tuple(look.name for look in seen.files if look.state == state)
        if names:
            reason = f"{', '.join(names)}: {state}, by comparing SHA-256 with the approved manifest"
            signs.append(Sign.model_validate({"kind": kind, "severity": "critical", "confidence": 1.0, "reason": reason, "evidence": names}))
    return signs


def _visibility(task: WatchInput, seen: WatchSnapshot) -> list[Sign]:
    wanted = seen.studio_set or task.expected_privacy
    unknown = not seen.found or seen.record_error or not seen.privacy
    at = task.shown_at or task.manifest.listing.publish_at
    waits = seen.privacy == "private" and at is not None and seen.taken_at < at + _SHOWN_WITHIN
    if unknown or waits or seen.privacy == wanted:
        return []
    opened = _OPENNESS.get(seen.privacy, 2) > _OPENNESS.get(wanted, 2)
    reason = f"it is {seen.privacy}, and the studio last set it {wanted}"
    return [Sign(kind="visibility_changed", severity="critical" if opened else "warning", confidence=1.0, reason=reason, evidence=(seen.privacy,))]


def _retractions(seen: WatchSnapshot) -> list[Sign]:
    if not seen.retracted:
        return []
    reason = f"{len(seen.retracted)} of its sources were retracted since it was published"
    return [Sign(kind="source_retracted", severity="critical", confidence=0.95, reason=reason, evidence=seen.retracted)]


def _challenge(new: Sequence[Comment]) -> list[Sign]:
    doubting = [one for one in new if challenges(one.text)]
    if not doubting:
        return []
    authors = {one.author for one in doubting}
    linked = any(has_link(one.text) for one in doubting)
    doubt = (1 - _ONE_CHALLENGE) ** len(authors) * (_LINKED if linked else 1.0)
    severity: Severity = "critical" if len(authors) >= PILE_ON_AUTHORS and linked else "warning" if len(authors) >= 2 or linked else "info"
    reason = f"{len(authors)} viewers say that something is wrong{', and point to a source' if linked else ''}; each alone counted {_ONE_CHALLENGE:.2f}"
    return [Sign(kind="factual_challenge", severity=severity, confidence=round(1 - doubt, 3), reason=reason, evidence=_quoted(doubting))]


def _negative(new: Sequence[Comment], earlier: Sequence[Comment]) -> list[Sign]:
    found = [one for one in new if against(one)]
    if len(found) < LEAST_NEGATIVE:
        return []
    usual = min(0.9, max(0.02, negative_share(earlier))) if len(earlier) >= LEAST_EARLIER else USUAL_NEGATIVE
    sure = exceeds(len(found), len(new), usual)
    if sure < 0.9:
        return []
    share = len(found) / len(new)
    severity: Severity = "critical" if share >= CROWD_SHARE and len({one.author for one in found}) >= CROWD_AUTHORS else "warning"
    reason = f"{len(found)} of {len(new)} new comments speak against it, usually {usual:.0%} (binomial tail)"
    return [Sign(kind="negative_spike", severity=severity, confidence=round(sure, 3), reason=reason, evidence=_quoted(found))]


def _pile_on(new: Sequence[Comment]) -> list[Sign]:
    found = sorted((one for one in new if against(one)), key=lambda one: one.at)
    crowd: list[Comment] = []
    for index, first in enumerate(found):
        window = [one for one in found[index:] if one.at - first.at <= PILE_ON_WINDOW]
        if len({one.author for one in window}) > len({one.author for one in crowd}):
            crowd = window
    authors = len({one.author for one in crowd})
    if authors < PILE_ON_AUTHORS:
        return []
    most_said = Counter(plain(one.text) for one in crowd).most_common(1)[0][1]
    copied = f"; {most_said} of them are the same text" if most_said >= 3 else ""
    reason = f"{authors} viewers spoke against it within {PILE_ON_WINDOW}{copied}"
    severity: Severity = "critical" if authors >= CROWD_AUTHORS else "warning"
    return [Sign(kind="pile_on", severity=severity, confidence=round(1 - 0.75**authors, 3), reason=reason, evidence=_quoted(crowd))]


def _harmful(new: Sequence[Comment]) -> list[Sign]:
    harmful = [(one, harm) for one in new if (harm := harm_of(one.text))]
    if not harmful:
        return []
    kinds = sorted({harm.reason for _, harm in harmful})
    authors = {one.author for one, _ in harmful}
    severity: Severity = "critical" if len(authors) >= HARMFUL_AUTHORS else "warning"
    reason = f"{len(harmful)} comments of {len(authors)} viewers: {'; '.join(kinds)} (patterns)"
    return [Sign(kind="harmful_comments", severity=severity, confidence=0.9, reason=reason, evidence=_quoted([one for one, _ in harmful]))]


def _impersonation(new: Sequence[Comment]) -> list[Sign]:
    found = [one for one in new if impersonates(one.text)]
    if not found:
        return []
    authors = len({one.author for one in found})
    reason = f"{authors} writers speak as if they were the channel, to lead viewers elsewhere (patterns)"
    return [Sign(kind="impersonation", severity="warning", confidence=round(1 - 0.3 * 0.5 ** (authors - 1), 3), reason=reason, evidence=_quoted(found))]


def _injections(tried: Sequence[str]) -> list[Sign]:
    if not tried:
        return []
    reason = f"{len(tried)} comments speak to a machine instead of to viewers; kept as data, nothing in them was obeyed"
    return [Sign(kind="injection_attempt", severity="info", confidence=0.9, reason=reason, evidence=tuple(tried))]


def _unreadable(seen: WatchSnapshot) -> list[Sign]:
    if not seen.unreadable_comments and not seen.comments_error:
        return []
    reason = seen.comments_error or f"{seen.unreadable_comments} lines of the comments file cannot be read; the others still count"
    return [Sign(kind="comments_unreadable", severity="info", confidence=1.0, reason=reason)]


def _quoted(comments: Sequence[Comment], limit: int = 5) -> tuple[str, ...]:
    return tuple(f"{one.id}: {one.text[:160]!r}" for one in comments[:limit])
