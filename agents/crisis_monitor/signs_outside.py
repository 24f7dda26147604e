"""What others say about a publication: its sources read again, the news of its subject, the platform's verdict on it."""

from collections.abc import Sequence

from agents.crisis_monitor.news import troubling
from agents.crisis_monitor.schemas import Severity, Sign, SourceLook, WatchInput, WatchSnapshot

# A single headline may be about somebody of the same name.
_ONE_PAPER = 0.55
_SEVERAL = 3


def outside_signs(task: WatchInput, seen: WatchSnapshot) -> list[Sign]:
    """Return the signs of sources, news and the platform's own verdict."""
    return [*_rejected(seen), *_sources(seen.sources), *_news(task)]


def _rejected(seen: WatchSnapshot) -> list[Sign]:
    if not seen.rejected:
        return []
    reason = f"the platform does not show it: {seen.rejected}"
    return [Sign(kind="publication_rejected", severity="critical", confidence=1.0, reason=reason, evidence=(seen.rejected,))]


def _sources(sources: Sequence[SourceLook]) -> list[Sign]:
    signs = []
    retracted = [one for one in sources if one.retracted]
    if retracted:
        reason = f"{len(retracted)} of its sources now say of themselves that they were retracted"
        signs.append(Sign(kind="source_retracted", severity="critical", confidence=0.95, reason=reason, evidence=tuple(one.url for one in retracted)))
    for one in sources:
        if one.state == "changed" and one.lost and not one.retracted:
            signs.append(_changed(one))
    return signs


def _changed(one: SourceLook) -> Sign:
    # A number that differs where the sentence still stands is a correction; a sentence that is gone may only have been shortened.
    sure = 0.9 if one.numbers_changed and one.corrected else 0.8 if one.numbers_changed else 0.7 if one.corrected else 0.5
    severity: Severity = "critical" if sure >= 0.9 else "warning"
    said = " and says that it was corrected" if one.corrected else ""
    now = f"; it now says: {one.instead[0][:200]!r}" if one.instead else ""
    reason = f"{one.title!r} no longer holds {len(one.lost)} of the passages that the script rests on{said}{now}"
    return Sign(kind="source_changed", severity=severity, confidence=sure, reason=reason, evidence=(one.url, *one.lost))


def _news(task: WatchInput) -> list[Sign]:
    found = troubling(task.news, task.topic, task.keywords)
    papers = {one.source for one in found}
    if not papers:
        return []
    sure = round(1 - (1 - _ONE_PAPER) ** len(papers), 3)
    severity: Severity = "critical" if len(papers) >= _SEVERAL else "warning"
    reason = f"{len(papers)} sources tell of trouble with its subject: {found[0].title[:160]!r}"
    return [Sign(kind="bad_news", severity=severity, confidence=sure, reason=reason, evidence=tuple(one.url for one in found[:5]))]
