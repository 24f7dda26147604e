"""Models of the tools that look at the open web: stories of the simulated day, their evidence, and their readers."""

from datetime import timedelta

from evals.simulation.world_state import Weather
from evals.simulation.world_stories import hostile_document, stories_of
from infra.ids import canonical_json, seeded
from memory.artifacts import SourceDocument, TrendSignal
from memory.collected import IndexedDocument, read_index
from tools.base import ToolContext, ToolError, ToolRetry
from tools.collect_trends.schema import CollectTrendsArgs, CollectTrendsResult, Source, SourceStatus
from tools.collect_trends.tool import choose_sources
from tools.find_evidence import tool as finding
from tools.find_evidence.places import IndexPlace, Question, ShelfPlace
from tools.find_evidence.schema import FindEvidenceArgs, FindEvidenceResult
from tools.forecast_trends.schema import ForecastTrendsArgs, ForecastTrendsResult, Skill, TopicForecast
from tools.lexical import content_terms
from tools.measure_attention.schema import MeasureAttentionArgs, MeasureAttentionResult, MeasuredTopic
from tools.read_source import tool as reading
from tools.read_source.schema import ReadDocument, ReadSourceArgs, ReadSourceResult

_MOST_STORIES = 24
_SIGHTINGS = (1, 4)
_SILENT = 0.06
_SILENT_IN_AN_OUTAGE = 0.6
_LIMIT = 6


def collect_trends(args: CollectTrendsArgs, ctx: ToolContext, weather: Weather) -> CollectTrendsResult:
    """Let every chosen source report some of the day's stories; a few sources are silent, many in an outage."""
    sources, now = choose_sources(args, ctx.settings.home), ctx.clock.now()
    draw = seeded(weather.seed, "collected", ctx.job_id)
    silent = _SILENT_IN_AN_OUTAGE if "sources" in weather.down else _SILENT
    answering = [one for one in sources if draw.random() >= silent] or list(sources[:1])
    documents = tuple(weather.as_it_stands(one) for one in stories_of(weather.seed, now, str(ctx.channel_id))[:_MOST_STORIES])
    if weather.hostile_sources:
        weather.hostile_sources -= 1
        documents = (hostile_document(weather.seed, now, str(ctx.channel_id)), *documents)
    weather.pages |= {one.url: one for one in documents}
    digests = {one.id: ctx.store.put_bytes(canonical_json(one.model_dump(mode="json"))) for one in documents}
    signals: list[TrendSignal] = []
    for document in documents:
        for source in draw.sample(answering, min(len(answering), draw.randint(*_SIGHTINGS))):
            published = now - timedelta(hours=draw.uniform(0.5, 30))
            signals.append(_signal(document, source, (published.replace(microsecond=0), now), len(signals)))
    index = [IndexedDocument(id=one.id, title=one.title, category=one.category, digest=digests[one.id]) for one in documents]
    heard = {one.id for one in answering}
    return CollectTrendsResult(
        signals=ctx.store.put_bytes(canonical_json([one.model_dump(mode="json") for one in signals])),
        signal_count=len(signals),
        documents=ctx.store.put_bytes(canonical_json([one.model_dump(mode="json") for one in index])),
        document_count=len(index),
        sources=tuple(_status(one, one.id in heard) for one in sources),
        network=True,
        collected_at=now,
        took_s=10.0,
    )


def _signal(document: SourceDocument, source: Source, when: tuple[object, object], number: int) -> TrendSignal:
    published, seen = when
    return TrendSignal.model_validate(
        {
            **{"source_id": source.id, "source_name": source.name, "kind": source.kind, "category": document.category, "title": document.title},
            **{"summary": document.text[:300], "url": f"https://simulated.example/{source.id}/{document.id}/{number}", "published": published},
            **{"seen_at": seen, "quotable": True, "document_id": document.id},
        }
    )


def _status(source: Source, heard: bool) -> SourceStatus:
    if heard:
        return SourceStatus(source_id=source.id, status="ok", signals=1, documents=1)
    return SourceStatus(source_id=source.id, status="failed", reason="it did not answer within 10 s")


def find_evidence(args: FindEvidenceArgs, ctx: ToolContext, weather: Weather) -> FindEvidenceResult:
    """Look with the real places among the collected documents, or the day's where nothing was collected."""
    if args.demo:
        return finding.run(args, ctx)
    terms = content_terms(args.topic) or content_terms(" ".join(args.keywords))
    question = Question(args.topic, args.topic, terms[:12], args.category, args.language, _LIMIT, ctx.clock.monotonic() + args.budget_s)
    if args.index is not None:
        index = read_index(ctx.store, args.index)
        found = IndexPlace(index, lambda digest: SourceDocument.model_validate_json(ctx.store.read(digest))).look(question)
    else:
        stories = tuple(weather.as_it_stands(one) for one in stories_of(weather.seed, ctx.clock.now(), str(ctx.channel_id)))
        found = ShelfPlace("simulated encyclopedia", stories).look(question)
    ranked = sorted(found.documents, key=lambda one: (-one[0], one[1].id))
    best = ranked[0][0] if ranked else 0.0
    chosen = [document for score, document in ranked if score >= finding.RELATIVE * best][: args.limit]
    weather.pages |= {one.url: one for one in chosen}
    digests = tuple(ctx.store.put_bytes(canonical_json(one.model_dump(mode="json"))) for one in chosen)
    looked = (found.report(len(chosen)),)
    return FindEvidenceResult(documents=(*args.documents, *digests), passages=10 * len(digests), looked_at=looked, network=True, demo=False)


def measure_attention(args: MeasureAttentionArgs, ctx: ToolContext, weather: Weather) -> MeasureAttentionResult:  # noqa: ARG001 - the shape of a model
    """Find no article: what the studio counts itself is all that it looks ahead on."""
    topics = tuple(MeasuredTopic(topic_id=one.topic_id, reason="no Wikipedia article is about it") for one in args.topics)
    return MeasureAttentionResult(topics=topics, series=ctx.store.put_bytes(b"{}"))


def forecast_trends(args: ForecastTrendsArgs, ctx: ToolContext, weather: Weather) -> ForecastTrendsResult:  # noqa: ARG001 - the shape of a model
    """Say of every series that it is too short, as the real forecaster says of what was counted for a few days."""
    skill = Skill(verdict="too_short", statement="fewer values than the backtest needs")
    return ForecastTrendsResult(
        forecasts=tuple(
            TopicForecast(topic=one.topic, status="too_short", method="none", step_hours=1.0, length=len(one.observations), skill=skill) for one in args.series
        )
    )


def read_source(args: ReadSourceArgs, ctx: ToolContext, weather: Weather) -> ReadSourceResult:
    """Read a page of the simulated web; files and folders are read by the real tool. Nothing is ever asked of the network."""
    if args.url is None:
        return reading.run(args, ctx)
    if "sources" in weather.down:
        raise ToolRetry(f"read_source: {args.url[:200]} does not answer")
    document = weather.pages.get(args.url)
    if document is None:
        raise ToolError(f"read_source: {args.url[:200]} answered 404")
    if args.url in weather.corrected:
        document = weather.corrected[args.url]
        weather.on_corrected(ctx.run_id or "")
    entry = ReadDocument(
        digest=ctx.store.put_bytes(canonical_json(document.model_dump(mode="json"))),
        id=document.id,
        title=document.title,
        words=len(document.text.split()),
        language=document.language,
        licence=document.rights.licence,
        retracted=document.retracted,
    )
    return ReadSourceResult(documents=(entry,), pictures=(), network=True)
