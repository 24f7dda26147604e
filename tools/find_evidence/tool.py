"""Finding evidence: quotable documents on a topic, from the user, the feeds, Wikipedia and Wikinews, or the demo corpus."""

from concurrent.futures import ThreadPoolExecutor

from infra.ids import canonical_json
from memory.artifacts import SourceDocument
from memory.collected import read_index
from memory.demo_corpus import load_demo_documents
from memory.passages import split_passages
from memory.retraction import mark_retractions
from tools.base import ToolContext, ToolError
from tools.find_evidence.places import Findings, IndexPlace, Place, Question, ShelfPlace, WikiPlace
from tools.find_evidence.schema import FindEvidenceArgs, FindEvidenceResult, LookedAt
from tools.gateway_free import open_reader
from tools.lexical import content_terms
from tools.vendors.wikipedia.client import WIKINEWS, WIKIPEDIA, WikiClient

_QUERY_TERMS = 8
RELATIVE = 0.55


def run(args: FindEvidenceArgs, ctx: ToolContext) -> FindEvidenceResult:
    """Look everywhere that is allowed and return the best documents, the user's own first.

    With `demo` only the demo corpus is searched. A place that fails is reported in `looked_at`. Raises `ToolError` when the topic has no word to search for.
    """
    question = _question(args, ctx)
    given = _marked_given(args, ctx)
    ctx.ensure_live()
    findings = [ShelfPlace("demo corpus", load_demo_documents()).look(question)] if args.demo else _look_live(args, ctx, question)
    chosen, reports = _choose(args, given, findings)
    digests = tuple(_put(ctx, document) for document in chosen)
    ctx.progress(1.0, f"{len(digests)} documents")
    return FindEvidenceResult(
        documents=digests,
        passages=sum(len(split_passages(document)) for document in chosen if document.rights.quotable and not document.retracted),
        looked_at=reports,
        network=any(finding.reached for finding in findings),
        demo=args.demo,
    )


def _question(args: FindEvidenceArgs, ctx: ToolContext) -> Question:
    terms = content_terms(args.topic) or content_terms(" ".join(args.keywords))
    if not terms:
        raise ToolError(f"find_evidence: topic {args.topic[:80]!r} holds no word to search for; give a noun or a name")
    words = [word for word in args.topic.split() if content_terms(word)] or list(args.keywords)
    return Question(
        topic=args.topic,
        query=" ".join(word.strip(".,;:!?\"'“”‘’()") for word in words[:_QUERY_TERMS]),
        terms=terms[:12],
        category=args.category,
        language=args.language,
        limit=max(3, min(args.limit, 8)),
        deadline=ctx.clock.monotonic() + args.budget_s,
    )


def _marked_given(args: FindEvidenceArgs, ctx: ToolContext) -> tuple[SourceDocument, ...]:
    return mark_retractions(tuple(_load(ctx, digest) for digest in args.documents))


def _look_live(args: FindEvidenceArgs, ctx: ToolContext, question: Question) -> list[Findings]:
    """Ask the places at the same time: they are other people's servers, and waiting is most of the work."""
    stand_in = ctx.settings.sources_sandbox_url
    provenance = ctx.provenance_of_sources
    with open_reader(ctx) as fetcher:
        places: list[Place] = []
        if args.index is not None:
            places.append(IndexPlace(read_index(ctx.store, args.index), lambda digest: _load(ctx, digest)))
        for name, publisher, base in (("wikipedia", "Wikipedia", WIKIPEDIA), ("wikinews", "Wikinews", WIKINEWS)):
            address = f"{stand_in}/{name}" if stand_in else base.format(language=args.language)
            places.append(WikiPlace(name, publisher, WikiClient(fetcher, address), ctx.clock, provenance))
        with ThreadPoolExecutor(len(places), thread_name_prefix="evidence") as pool:
            return list(pool.map(lambda place: place.look(question), places))


def _choose(args: FindEvidenceArgs, given: tuple[SourceDocument, ...], findings: list[Findings]) -> tuple[list[SourceDocument], tuple[LookedAt, ...]]:
    """Keep the user's own documents, then the most relevant others; mark what one of them retracts and drop it."""
    ranked = sorted(
        ((score, number, document) for number, finding in enumerate(findings) for score, document in finding.documents),
        key=lambda item: (-item[0], item[1], item[2].id),
    )
    others: dict[str, SourceDocument] = {}
    best = ranked[0][0] if ranked else 0.0
    for score, _, document in ranked:
        if score >= RELATIVE * best and document.url not in {own.url for own in given}:
            others.setdefault(document.url, document)
    together = mark_retractions((*given, *others.values()))
    standing = [document for document in together[len(given) :] if not document.retracted][: max(0, args.limit - len(given))]
    fallen = {document.id for document in together[len(given) :] if document.retracted}
    kept = {document.id for document in standing}
    reports: list[LookedAt] = []
    if args.documents:
        reports.append(
            LookedAt(where="given documents", query="", status="searched", found=len(given), kept=len(given), rejected=_given_notes(together[: len(given)]))
        )
    for finding in findings:
        finding.rejected.extend(f"{document.title[:80]}: it was retracted" for _, document in finding.documents if document.id in fallen)
        reports.append(finding.report(sum(document.id in kept for _, document in finding.documents)))
    return [*together[: len(given)], *standing], tuple(reports)


def _given_notes(given: tuple[SourceDocument, ...]) -> tuple[str, ...]:
    return tuple(f"{document.title[:80]}: it was retracted; it is kept only so that nobody cites it" for document in given if document.retracted)


def _load(ctx: ToolContext, digest: str) -> SourceDocument:
    return SourceDocument.model_validate_json(ctx.store.read(digest))


def _put(ctx: ToolContext, document: SourceDocument) -> str:
    return ctx.store.put_bytes(canonical_json(document.model_dump(mode="json")))
