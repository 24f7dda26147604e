"""The monitor's eyes at a platform: a snapshot of references, the comments behind them while they live, and verdicts that copy nothing of them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agents.base import AgentContext
from agents.crisis_monitor.gather import OPERATORS_LIST, retracted_sources
from agents.crisis_monitor.policy import SURE_ENOUGH, WORTH_GRADING
from agents.crisis_monitor.reread import reread_sources
from agents.crisis_monitor.schemas import Comment, Figures, Sign, SignKind, WatchInput, WatchSnapshot
from tools.call import JobFailed
from tools.read_audience.schema import SPEC as READ_AUDIENCE
from tools.read_audience.schema import ReadAudienceArgs
from tools.screen_content.schema import SPEC as SCREEN_CONTENT
from tools.screen_content.schema import ScreenContentArgs

MAX_COMMENTS = 1500
# What is kept of a sign that comments showed: which comments, while they live, and in words that say no number of the platform's.
_WITHOUT_FIGURES: dict[SignKind, str] = {
    "factual_challenge": "viewers say that something is wrong (patterns)",
    "negative_spike": "comments speak against it more than usual",
    "pile_on": "many viewers spoke against it at once",
    "harmful_comments": "viewers wrote something harmful (patterns)",
    "impersonation": "a writer speaks as if they were the channel, to lead viewers elsewhere (patterns)",
    "dislike_spike": "votes turned against it",
    "report_spike": "viewers reported it more than before",
    "views_collapse": "views stopped: it may be restricted or hidden from search",
    "injection_attempt": "comments speak to a machine instead of to viewers; kept as data, nothing in them was obeyed",
}


async def gather_audience(task: WatchInput, ctx: AgentContext) -> WatchSnapshot:
    """Have the platform read and freeze references to what it told; a part that could not be read is named and leaves the others."""
    taken_at = ctx.clock.now()
    if task.unasked:
        return WatchSnapshot(found=True, taken_at=taken_at, gaps=(task.unasked,), **await _outside(task, ctx))
    try:
        told = await ctx.call(READ_AUDIENCE, ReadAudienceArgs(key=task.publication_key, reports=task.reports), patience_s=task.patience_s)
    except JobFailed as failed:
        if task.patience_s is None:
            raise
        return WatchSnapshot(found=True, taken_at=taken_at, gaps=(failed.message,), **await _outside(task, ctx))
    comments = told.comments[-MAX_COMMENTS:]
    fresh = comments if task.since is None else await _said_since(comments, task.since, ctx)
    screened = (await ctx.call(SCREEN_CONTENT, ScreenContentArgs(texts=(), readings=fresh))).findings if fresh else ()
    return WatchSnapshot(
        # Only an answer that the video is not there makes it missing.
        found=told.found is not False,
        taken_at=taken_at,
        privacy=told.privacy,
        rejected=told.rejected,
        screened=tuple((finding.text_id, finding.category, finding.reason) for finding in screened),
        comment_readings=comments,
        figure_readings=told.figures,
        readings_expire=told.expires_at,
        gaps=tuple(f"{gap.part}: {gap.reason.removeprefix(f'{gap.part}: ')}" for gap in told.gaps),
        **await _outside(task, ctx),
    )


async def _outside(task: WatchInput, ctx: AgentContext) -> dict[str, Any]:
    """Read what is known of the sources, for which no platform is asked."""
    retracted = await asyncio.to_thread(retracted_sources, task.documents, ctx.settings.home / OPERATORS_LIST)
    return {"sources": await reread_sources(task, ctx), "retracted": retracted}


async def with_readings(seen: WatchSnapshot, ctx: AgentContext) -> WatchSnapshot:
    """Return the snapshot with the comments and counts that its references still lead to, for this decision only: it must not be stored."""
    read = await ctx.readings(seen.comment_readings)
    comments = [Comment(id=one.id, author=one.body["author"], text=one.body["text"], at=datetime.fromisoformat(one.body["at"])) for one in read]
    derived = ctx.settings.youtube_derived_scores
    counted = [one for one in await ctx.readings(seen.figure_readings) if one.kind == "statistics"] if derived else []
    figures = [Figures(at=one.fetched_at, views=one.body["views"], likes=one.body["likes"]) for one in sorted(counted, key=lambda one: one.fetched_at)]
    said = tuple(sorted(comments, key=lambda one: (one.at, one.id)))
    read_at = max((one.fetched_at for one in read), default=None)
    return seen.model_copy(update={"comments": said, "comments_read_at": read_at, "figures": tuple(figures)})


async def _said_since(comments: tuple[str, ...], since: datetime, ctx: AgentContext) -> tuple[str, ...]:
    read = await ctx.readings(comments)
    return tuple(one.id for one in read if datetime.fromisoformat(one.body["at"]) > since)


def without_figures(signs: Sequence[Sign]) -> tuple[Sign, ...]:
    """Return the signs as they may be kept: references instead of quotes, no counts, and how sure it is only by the monitor's own thresholds."""
    return tuple(_without(sign) if sign.kind in _WITHOUT_FIGURES else sign for sign in signs)


def _without(sign: Sign) -> Sign:
    sure = next((level for level in (SURE_ENOUGH, WORTH_GRADING) if sign.confidence >= level), 0.0)
    ids = tuple(said.partition(":")[0] for said in sign.evidence)
    return sign.model_copy(update={"reason": _WITHOUT_FIGURES[sign.kind], "confidence": sure, "evidence": ids})
