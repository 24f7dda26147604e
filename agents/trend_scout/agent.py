"""The trend scout decides which story this channel tells next, and on what evidence."""

from agents.base import AgentContext
from agents.trend_scout import policy
from agents.trend_scout.gather import gather
from agents.trend_scout.schemas import Candidate, Evidence, Input, Output, Snapshot
from agents.trend_scout.telling import figures_of, momentum_told, scores_of
from memory.artifacts import Brief, Decision, Passage, Picture, SourceDocument
from memory.passages import split_passages

AGENT = "trend_scout"
MAX_PASSAGES = 120
RICHNESS_WEIGHT = 0.3


async def run(task: Input, ctx: AgentContext) -> Output:
    """Turn trends, a topic or sources into a brief, or refuse with what was looked at."""
    snapshot = await ctx.snapshot(Snapshot, lambda: gather(task, ctx))
    ctx.provenance = snapshot.provenance
    figures = tuple(figures_of(candidate) for candidate in snapshot.candidates if candidate.topic_id)
    refusals: list[str] = []
    for candidate, evidence in _by_promise(snapshot, ctx, refusals):
        brief, gap = await _brief(candidate, evidence, snapshot, ctx)
        if brief is not None:
            chosen = (_choice(brief, candidate, snapshot, refusals),)
            return Output(brief=brief, refusal=None, decisions=chosen, provenance=snapshot.provenance, topics=figures)
        refusals.append(f"{candidate.topic}: {gap}")
    refusal = _refusal(snapshot, refusals)
    decision = Decision(agent=AGENT, question="Which story next?", choice="none", reasons=(refusal,), alternatives=tuple(refusals))
    return Output(brief=None, refusal=refusal, decisions=(decision,), provenance=snapshot.provenance, topics=figures)


def _by_promise(snapshot: Snapshot, ctx: AgentContext, refusals: list[str]) -> list[tuple[Candidate, Evidence]]:
    """Return the candidates with evidence, most promising first: the story's own score and what its evidence gives the eye."""
    evidence = {one.topic: one for one in snapshot.evidence}
    promising = []
    for candidate in snapshot.candidates:
        reason = _too_weak(candidate, snapshot)
        if reason is not None:
            refusals.append(f"{candidate.topic}: {reason}")
        elif candidate.topic in evidence:
            documents = [SourceDocument.model_validate_json(ctx.store.read(digest)) for digest in evidence[candidate.topic].documents]
            passages = [passage for document in documents if not document.retracted for passage in split_passages(document)]
            promising.append((candidate.total + RICHNESS_WEIGHT * policy.richness(documents, passages), candidate, evidence[candidate.topic]))
    return [(candidate, found) for _, candidate, found in sorted(promising, key=lambda one: (-one[0], one[1].topic))]


def _too_weak(candidate: Candidate, snapshot: Snapshot) -> str | None:
    if candidate.nearest:
        return f"too close to an earlier video ({candidate.nearest!r})"
    if snapshot.mode not in {"trends", "demo"}:
        return None
    if candidate.fit < policy.LEAST_FIT:
        return f"does not fit the channel (fit {candidate.fit:.2f}, at least {policy.LEAST_FIT} is needed)"
    if candidate.total < policy.LEAST_TOTAL:
        return f"not worth a video (score {candidate.total:.2f}, at least {policy.LEAST_TOTAL} is needed)"
    return None


async def _brief(candidate: Candidate, evidence: Evidence, snapshot: Snapshot, ctx: AgentContext) -> tuple[Brief | None, str | None]:
    documents = tuple(SourceDocument.model_validate_json(ctx.store.read(digest)) for digest in evidence.documents)
    passages = [passage for document in documents if not document.retracted for passage in split_passages(document)][:MAX_PASSAGES]
    gap = policy.evidence_gap(documents, passages)
    if gap is not None:
        return None, f"{gap}; looked at {'; '.join(evidence.looked_at) or 'nothing'}"
    relevances = await ctx.recall.similarities(candidate.topic, tuple(passage.text for passage in passages))
    ranked: tuple[Passage, ...] = tuple(passage.model_copy(update={"relevance": relevance}) for passage, relevance in zip(passages, relevances, strict=True))
    angle, why = policy.name_angle(ranked)
    pictures: tuple[Picture, ...] = (*snapshot.pictures, *(picture for document in documents for picture in document.pictures))
    unique = tuple({picture.digest: picture for picture in pictures}.values())
    return (
        Brief(
            topic=candidate.topic,
            angle=angle,
            category=candidate.category or documents[0].category,
            keywords=policy.keywords_of(" ".join((candidate.topic, candidate.topic, *(document.text for document in documents)))),
            reasons=(why, f"seen in {len(candidate.sources)} source(s): {', '.join(candidate.sources[:6])}"),
            scores=scores_of(candidate),
            documents=documents,
            passages=ranked,
            pictures=unique,
            provenance=snapshot.provenance,
            network=snapshot.network,
        ),
        None,
    )


def _choice(brief: Brief, candidate: Candidate, snapshot: Snapshot, passed_over: list[str]) -> Decision:
    others = [
        f"{other.topic} (score {other.total:.2f}, momentum from {other.momentum_from}{'; ' + other.lesson if other.lesson else ''})"
        for other in snapshot.candidates
        if other.topic != candidate.topic
    ]
    sources = sorted({document.publisher for document in brief.documents if not document.retracted})
    retracted = [document.title for document in brief.documents if document.retracted]
    told = [momentum_told(candidate)] if snapshot.mode == "trends" else []
    told += [f"a lesson speaks against it: {candidate.lesson}"] if candidate.lesson else []
    reasons = [*brief.reasons, *told, f"evidence: {len(brief.passages)} sentences from {', '.join(sources)}"]
    reasons.extend(f"never used, since it is retracted: {title}" for title in retracted)
    reasons.extend(f"not used: {refused}" for refused in snapshot.refused_inputs)
    if snapshot.failed_sources:
        reasons.append(f"{len(snapshot.failed_sources)} sources failed and the others still counted: {'; '.join(snapshot.failed_sources[:3])}")
    if snapshot.mode == "demo":
        reasons.append("no network answered, so the story comes from the demo corpus and everything made from it is labelled demo")
    growth = candidate.outlook.growth if candidate.outlook and candidate.momentum_from == "forecast" else None
    return Decision(
        agent=AGENT,
        question="Which story next, and from which angle?",
        choice=f"{brief.topic}: {brief.angle}",
        reasons=tuple(reasons),
        alternatives=(*passed_over, *others)[:10],
        scores=brief.scores | ({"expected_growth_48h": round(growth, 4)} if growth is not None else {}),
    )


def _refusal(snapshot: Snapshot, refusals: list[str]) -> str:
    failed = f"; {len(snapshot.failed_sources)} sources failed" if snapshot.failed_sources else ""
    if not refusals:
        return f"no story was found{failed}"
    return f"no story was good enough: {' | '.join(refusals[:5])}{failed}"
