"""The scout's eyes: trends, evidence and memory into one frozen snapshot."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from agents.base import AgentContext
from agents.trend_scout import policy
from agents.trend_scout.ahead import best_first, look_ahead, track
from agents.trend_scout.schemas import Candidate, Evidence, Input, Snapshot
from infra.errors import Invalid
from infra.ids import canonical_json, content_digest
from memory.artifacts import Picture, Provenance, SourceDocument, TrendSignal
from memory.attention import SeenStory
from memory.demo_corpus import load_demo_documents
from memory.lessons import APPLIES, WARNINGS, taught_by
from memory.recall import TOPIC_REPEAT
from memory.rights import Rights
from tools.collect_trends.schema import SPEC as COLLECT_TRENDS
from tools.collect_trends.schema import CollectTrendsArgs, CollectTrendsResult, read_signals
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs
from tools.find_evidence.schema import SPEC as FIND_EVIDENCE
from tools.find_evidence.schema import FindEvidenceArgs, FindEvidenceResult
from tools.read_source.schema import SPEC as READ_SOURCE
from tools.read_source.schema import UPLOADED, ReadSourceArgs, ReadSourceResult
from tools.screen_content.schema import SPEC as SCREEN_CONTENT
from tools.screen_content.schema import ScreenContentArgs, ScreenedText

MAX_SIGNALS = 240
_LESSONS = 12


async def gather(task: Input, ctx: AgentContext) -> Snapshot:
    """Look where the task says; with neither topic nor sources, at the trends, and at the demo corpus when nothing outside answers."""
    if task.sources or task.own_text:
        return await _from_sources(task, ctx)
    if task.topic:
        return await _from_topic(task.topic, ctx)
    collected = await ctx.call(COLLECT_TRENDS, CollectTrendsArgs(categories=ctx.personality.categories, limit_sources=40))
    failed = tuple(f"{status.source_id}: {status.reason}" for status in collected.sources if status.status == "failed")
    if not collected.network:
        return await _from_demo(task, ctx, failed)
    return await _from_trends(task, collected, failed, ctx)


async def _from_sources(task: Input, ctx: AgentContext) -> Snapshot:
    results = await asyncio.gather(*(ctx.call(READ_SOURCE, _source_args(source)) for source in task.sources))
    english, refused = _by_language(results)
    if task.own_text:
        english = [_own_document(task.own_text, task.topic or "The operator's own text", ctx), *english]
    if not english:
        raise Invalid(f"sources: none can be used ({'; '.join(refused) or 'no text was found'}); give English text, Markdown, HTML or PDF")
    documents = [SourceDocument.model_validate_json(ctx.store.read(digest)) for digest in english]
    topic = task.topic or documents[0].title
    pictures: list[Picture] = [picture for result in results for picture in result.pictures]
    candidate = Candidate(
        topic=topic,
        summary=documents[0].text[:300],
        category=documents[0].category,
        sources=tuple(document.publisher for document in documents),
        urls=tuple(document.url for document in documents),
        momentum=1,
        breadth=policy.breadth(len({document.publisher for document in documents})),
        fit=1,
        novelty=1,
    )
    evidence = Evidence(topic=topic, documents=tuple(english), looked_at=tuple(task.sources))
    return Snapshot(
        mode="sources",
        provenance=ctx.provenance,
        network=any(result.network for result in results),
        candidates=(candidate,),
        evidence=(evidence,),
        pictures=tuple(pictures),
        refused_inputs=tuple(refused),
    )


def _own_document(text: str, title: str, ctx: AgentContext) -> str:
    """Store the operator's own text as a source and return its digest; that it is their own was declared with the task."""
    digest = content_digest(text.encode())[:12]
    document = SourceDocument(
        id=f"own-{digest}",
        title=title,
        text=text,
        url="",
        publisher=ctx.personality.name,
        rights=Rights(licence="OWN", licence_name="the operator's own text"),
        provenance=ctx.provenance,
    )
    return ctx.store.put_bytes(canonical_json(document.model_dump(mode="json")))


def _source_args(source: str) -> ReadSourceArgs:
    if source.startswith(("http://", "https://")):
        return ReadSourceArgs(url=source)
    if source.startswith(UPLOADED):
        artifact, _, name = source.removeprefix(UPLOADED).partition("/")
        return ReadSourceArgs(artifact=artifact, name=name)
    return ReadSourceArgs(path=str(Path(source).expanduser().resolve()))


def _by_language(results: Sequence[ReadSourceResult]) -> tuple[list[str], list[str]]:
    english, refused = [], []
    for result in results:
        for document in result.documents:
            if document.language == "en":
                english.append(document.digest)
            else:
                refused.append(f"{document.title!r} is in language {document.language!r}, and the channel's voice speaks English")
        refused.extend(f"{skipped.name}: {skipped.reason}" for skipped in result.skipped)
    return english, refused


async def _from_topic(topic: str, ctx: AgentContext) -> Snapshot:
    found = await ctx.call(FIND_EVIDENCE, FindEvidenceArgs(topic=topic, keywords=policy.keywords_of(topic)))
    looked = _looked_at(found)
    if not found.documents and not found.network:
        ctx.provenance = Provenance.DEMO
        found = await ctx.call(FIND_EVIDENCE, FindEvidenceArgs(topic=topic, keywords=policy.keywords_of(topic), demo=True))
        looked += _looked_at(found)
    (candidate,) = await _score([Candidate(topic=topic, summary="", category="", sources=(), urls=(), momentum=1, breadth=0, fit=1, novelty=1)], ctx)
    return Snapshot(
        mode="topic",
        provenance=ctx.provenance,
        network=found.network,
        candidates=(candidate.model_copy(update={"fit": 1.0}),),
        evidence=(Evidence(topic=topic, documents=found.documents, looked_at=looked),),
    )


async def _from_demo(task: Input, ctx: AgentContext, failed: tuple[str, ...]) -> Snapshot:
    ctx.provenance = Provenance.DEMO
    plain = [
        Candidate(
            topic=document.title,
            summary=document.text[:300],
            category=document.category,
            sources=(document.publisher,),
            urls=(document.url,),
            momentum=0.5,
            breadth=policy.breadth(1),
            fit=0,
            novelty=1,
        )
        for document in load_demo_documents()
    ]
    left, avoided = policy.without(plain, task.avoid)
    ranked = await _score(left, ctx)
    evidence = [await _evidence(candidate, ctx, index=None, demo=True) for candidate in ranked[: policy.EVIDENCE_TRIES]]
    found = {"candidates": tuple(ranked), "evidence": tuple(evidence), "failed_sources": failed, "refused_inputs": avoided}
    return Snapshot(mode="demo", provenance=Provenance.DEMO, network=False, **found)


async def _from_trends(task: Input, collected: CollectTrendsResult, failed: tuple[str, ...], ctx: AgentContext) -> Snapshot:
    signals, refused = await _stories_only(read_signals(ctx.store, collected.signals)[:MAX_SIGNALS], ctx)
    vectors = (await ctx.call(EMBED_TEXT, EmbedTextArgs(texts=tuple(signal.title for signal in signals)))).vectors if signals else ()
    clusters = policy.cluster(signals, vectors)
    stories = [_story([signals[index] for index in members], vectors[members[0]]) for members in clusters]
    known = await track(stories, collected, ctx)
    # The collection's time, not the present: a re-run has to score, and so to ask, the same.
    plain = [_plain(story, topic_id, collected.collected_at) for story, topic_id in zip(stories, known.topics, strict=True)]
    left, avoided = policy.without(plain, task.avoid)
    ranked = best_first(await look_ahead(await _score(left[: policy.CANDIDATES * 4], ctx), known, collected.collected_at, ctx))
    evidence = [await _evidence(candidate, ctx, index=collected.documents, demo=False) for candidate in ranked[: policy.EVIDENCE_TRIES]]
    return Snapshot(
        mode="trends",
        provenance=ctx.provenance,
        network=True,
        candidates=tuple(ranked),
        evidence=tuple(evidence),
        failed_sources=failed,
        refused_inputs=(*refused, *avoided),
    )


def _story(signals: Sequence[TrendSignal], vector: tuple[float, ...]) -> SeenStory:
    first = signals[0]
    keywords = policy.keywords_of(" ".join(signal.title for signal in signals))
    return SeenStory(title=first.title, category=first.category, keywords=keywords, signals=tuple(signals), vector=vector)


def _plain(story: SeenStory, topic_id: str, now: datetime) -> Candidate:
    names = tuple(sorted({signal.source_name for signal in story.signals}))
    return Candidate(
        topic=story.title,
        summary=story.signals[0].summary[:300],
        category=story.category,
        sources=names,
        urls=tuple(signal.url for signal in story.signals),
        momentum=policy.momentum(story.signals, now),
        breadth=policy.breadth(len(names)),
        fit=0,
        novelty=1,
        topic_id=topic_id,
    )


async def _stories_only(signals: Sequence[TrendSignal], ctx: AgentContext) -> tuple[list[TrendSignal], tuple[str, ...]]:
    """Drop signals whose title speaks to a machine: it would become our own title, and nothing in it is ever obeyed."""
    if not signals:
        return [], ()
    texts = tuple(ScreenedText(id=str(index), text=signal.title, origin="outside") for index, signal in enumerate(signals))
    found = (await ctx.call(SCREEN_CONTENT, ScreenContentArgs(texts=texts))).findings
    tried = {int(finding.text_id): finding for finding in found if finding.category == "prompt injection"}
    refused = tuple(f"{signals[index].title!r} of {signals[index].source_name} {finding.reason}" for index, finding in sorted(tried.items()))
    return [signal for index, signal in enumerate(signals) if index not in tried], refused


async def _score(plain: list[Candidate], ctx: AgentContext) -> list[Candidate]:
    """Add fit to the channel and novelty against its memory; best first, only as many as are worth a closer look."""
    if not plain:
        return []
    personality = ctx.personality
    profile = f"{personality.niche}. {', '.join(personality.keywords)}. For {personality.audience}."
    fits = await ctx.recall.similarities(profile, tuple(f"{candidate.topic}. {candidate.summary}" for candidate in plain))
    fitted = [
        candidate.model_copy(update={"fit": max(0.0, min(1.0, fit * 1.4 + (0.2 if candidate.category in personality.categories else 0.0)))})
        for candidate, fit in zip(plain, fits, strict=True)
    ]
    closer = sorted(fitted, key=lambda candidate: (-candidate.total, candidate.topic))[: policy.CANDIDATES]
    scored = []
    for candidate in closer:
        near = await ctx.recall.topics(candidate.topic, limit=1)
        update = {"novelty": 1 - near[0].similarity, "nearest": near[0].text if near[0].similarity >= TOPIC_REPEAT else ""} if near else {}
        scored.append(candidate.model_copy(update=update))
    return best_first(await _warned(scored, profile, ctx))


async def _warned(scored: list[Candidate], profile: str, ctx: AgentContext) -> list[Candidate]:
    """Add to each candidate the lesson of an earlier video that speaks against telling such a story soon again."""
    topics = tuple(candidate.topic for candidate in scored)
    warnings = [one.text for one in await ctx.recall.lessons(profile, limit=_LESSONS) if taught_by(one.text) & WARNINGS]
    told: dict[int, str] = {}
    for lesson in warnings:
        near = await ctx.recall.similarities(lesson, topics)
        told |= {at: lesson for at, similarity in enumerate(near) if similarity >= APPLIES and at not in told}
    return [candidate.model_copy(update={"lesson": told[at]}) if at in told else candidate for at, candidate in enumerate(scored)]


async def _evidence(candidate: Candidate, ctx: AgentContext, index: str | None, demo: bool) -> Evidence:
    keywords = policy.keywords_of(f"{candidate.topic} {candidate.summary}")
    args = FindEvidenceArgs(topic=candidate.topic, keywords=keywords, category=candidate.category, index=index, demo=demo)
    found = await ctx.call(FIND_EVIDENCE, args)
    return Evidence(topic=candidate.topic, documents=found.documents, looked_at=_looked_at(found))


def _looked_at(found: FindEvidenceResult) -> tuple[str, ...]:
    return tuple(f"{look.where}: {look.status}, {look.kept} of {look.found} kept{' (' + look.reason + ')' if look.reason else ''}" for look in found.looked_at)
