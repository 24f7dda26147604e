"""The crisis monitor decides whether a video may be published, and afterwards what trouble with it calls for."""

from typing import Any

from agents.base import AgentContext
from agents.crisis_monitor.audience import gather_audience, with_readings, without_figures
from agents.crisis_monitor.drafts import draft_replies
from agents.crisis_monitor.gather import gather
from agents.crisis_monitor.hide import hide
from agents.crisis_monitor.policy import Verdict, judge
from agents.crisis_monitor.schemas import Screened, ScreenInput, Sign, Watched, WatchInput, WatchSnapshot
from agents.crisis_monitor.signs import negative_share, read_signs, split_comments
from memory.artifacts import Decision, GateResult
from tools.screen_content.schema import SPEC as SCREEN_CONTENT
from tools.screen_content.schema import Finding, ScreenContentArgs, ScreenedText

AGENT = "crisis_monitor"


async def screen(task: ScreenInput, ctx: AgentContext) -> Screened:
    """Screen script, title and tags as ours and the passages as outside text; what blocks in ours stops the video."""
    script = task.script
    ours = [ScreenedText(id="title", text=script.title, origin="ours"), ScreenedText(id="tags", text=", ".join(script.tags), origin="ours")]
    ours += [ScreenedText(id=sentence.id, text=sentence.text, origin="ours") for sentence in script.sentences]
    outside = [ScreenedText(id=passage.id, text=passage.text, origin="outside") for passage in task.brief.passages]
    result = await ctx.call(SCREEN_CONTENT, ScreenContentArgs(texts=(*ours, *outside), taboos=ctx.personality.taboos))
    blocking = tuple(finding for finding in result.findings if finding.severity == "block")
    warning = tuple(finding for finding in result.findings if finding.severity == "warn")
    noted = tuple(finding for finding in result.findings if finding.severity == "note")
    reasons = tuple(_told(finding) for finding in blocking)
    gates = (
        GateResult(name="content policy", passed=not blocking, measured=f"{len(blocking)} findings", limit="0", stage="screen"),
        GateResult(name="content warnings", passed=not warning, measured=f"{len(warning)} findings", limit="0", severity="warn", stage="screen"),
    )
    decision = Decision(
        agent=AGENT,
        question="May it be published?",
        choice="yes" if not blocking else "no",
        reasons=reasons or (f"{len(ours)} texts of ours met none of the {result.rules} rules that block",),
        alternatives=tuple(_told(finding) for finding in (*warning, *noted))[:10],
    )
    return Screened(passed=not blocking, warned=bool(warning), reasons=reasons, gates=gates, decisions=(decision,))


async def watch(task: WatchInput, ctx: AgentContext) -> Watched:
    """Look at a publication again, grade what is wrong, and do what the channel's policy allows; the rest is asked of a person.

    Pulling back to private happens here, through its tool. Pausing the channel and opening the incident are the caller's to record.
    """
    if task.place == "youtube":
        return await _watch_platform(task, ctx)
    seen = await ctx.snapshot(WatchSnapshot, lambda: gather(task, ctx))
    signs = read_signs(task, seen)
    verdict = judge(task, signs, seen.privacy)
    verdict, hidden = await hide(verdict, task.publication_key, task.place, ctx)
    new, earlier = split_comments(task, seen)
    share = round(negative_share(new), 4)
    scores = {"confidence": verdict.confidence, "negative_share": share, "new_comments": float(len(new))}
    counts = {"heard_at": seen.taken_at, "comments": len(new) + len(earlier), "new_comments": len(new), "negative_share": share}
    return _watched(seen, signs, verdict, {**counts, **_of(task, signs, verdict), "decisions": (_decision(task, verdict, scores, ()),)}, hidden)


async def _watch_platform(task: WatchInput, ctx: AgentContext) -> Watched:
    """Look at a platform. What it told is read where it is kept, used for this verdict, and neither quoted nor counted in what is kept of it."""
    seen = await ctx.snapshot(WatchSnapshot, lambda: gather_audience(task, ctx))
    known = await with_readings(seen, ctx)
    signs = without_figures(read_signs(task, known, ctx.settings.youtube_derived_scores))
    # A look that found the counts fresh asked for no comments: what was said before it is still to be heard.
    heard_at = min(seen.taken_at, known.comments_read_at) if known.comments_read_at else task.since
    verdict = judge(task, signs, seen.privacy)
    verdict, hidden = await hide(verdict, task.publication_key, task.place, ctx)
    counts = dict.fromkeys(("comments", "new_comments", "negative_share"))
    read = {"heard_at": heard_at, "readings": (*seen.figure_readings, *seen.comment_readings), "readings_expire": seen.readings_expire, "gaps": seen.gaps}
    return _watched(seen, signs, verdict, {**counts, **read, **_of(task, signs, verdict), "decisions": (_decision(task, verdict, {}, seen.gaps),)}, hidden)


def _of(task: WatchInput, signs: tuple[Sign, ...], verdict: Verdict) -> dict[str, Any]:
    drafts = draft_replies(task.manifest.listing.title, signs) if "draft_reply" in verdict.done else ()
    return {"drafts": drafts}


def _watched(seen: WatchSnapshot, signs: tuple[Sign, ...], verdict: Verdict, rest: dict[str, Any], hidden: str | None) -> Watched:
    return Watched(looked_at=seen.taken_at, signs=signs, was=seen.privacy, privacy=hidden or seen.privacy, **vars(verdict), **rest)


def _decision(task: WatchInput, verdict: Verdict, scores: dict[str, float], gaps: tuple[str, ...]) -> Decision:
    return Decision(
        agent=AGENT,
        question=f"What does the look after {task.check} call for?",
        choice=", ".join(verdict.done) or "nothing",
        reasons=(*verdict.reasons, *(f"not read: {gap}" for gap in gaps)),
        alternatives=(*(f"{action}, which waits for a person" for action in verdict.wanted), *(f"{action}, which is tried again" for action in verdict.tried)),
        scores=scores,
    )


def _told(finding: Finding) -> str:
    return f"{finding.category} ({finding.rule}) in {finding.text_id}: {finding.excerpt!r}, {finding.reason}"
