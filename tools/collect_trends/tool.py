"""Collecting trends: many sources at once, each on its own, so that a dead one never stops the others."""

import json
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from infra.errors import StudioError
from infra.ids import canonical_json
from infra.log import get_logger
from memory.artifacts import TrendSignal
from tools.base import ToolContext, ToolError
from tools.collect_trends.adapters import Adapters, Answer, Ask
from tools.collect_trends.catalogue import shipped_sources
from tools.collect_trends.own_sources import known_sources
from tools.collect_trends.schema import CollectTrendsArgs, CollectTrendsResult, IndexedDocument, Source, SourceStatus
from tools.gateway_free import open_reader
from tools.vendors.gtrends.client import TrendsTermsNotAccepted
from tools.vendors.reddit.client import TermsNotAccepted

SOURCE_FAILED = "source.failed"
_THREADS = 10
_REMEMBERED = "trend_source"

log = get_logger("collect_trends")


class _Kept(BaseModel):
    """The last answer of a source, kept so that a 304 costs nothing and loses nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    etag: str = ""
    last_modified: str = ""
    signals: tuple[TrendSignal, ...] = ()
    documents: tuple[IndexedDocument, ...] = ()


class _Outcome(NamedTuple):
    status: SourceStatus
    kept: _Kept = _Kept()
    reached: bool = False


def run(args: CollectTrendsArgs, ctx: ToolContext) -> CollectTrendsResult:
    """Ask every chosen source once and store what they say.

    Raises `ToolError` when the choice matches no source. Unreachable sources are reported in `sources`, never raised: with no network the
    result is empty and `network` is False.
    """
    started, collected_at = ctx.clock.monotonic(), ctx.clock.now()
    sources = choose_sources(args, ctx.settings.home)
    if not sources:
        raise ToolError(
            f"collect_trends: no source matches categories={list(args.categories)}, source_ids={list(args.source_ids)}, languages={list(args.languages)}"
        )
    with open_reader(ctx) as fetcher:
        collector = _Collector(args, ctx, Adapters(ctx.settings, fetcher, ctx.clock), started + args.budget_s)
        outcomes = collector.collect(sources)
    network = any(outcome.reached for outcome in outcomes)
    for outcome in outcomes:
        if network and outcome.status.status == "failed":
            log.warning(SOURCE_FAILED, source=outcome.status.source_id, reason=outcome.status.reason)
    signals = [signal for outcome in outcomes for signal in outcome.kept.signals]
    documents = [document for outcome in outcomes for document in outcome.kept.documents]
    ctx.progress(1.0, f"{len(signals)} signals of {len(outcomes)} sources")
    return CollectTrendsResult(
        signals=_put_list(ctx, signals),
        signal_count=len(signals),
        documents=_put_list(ctx, documents),
        document_count=len(documents),
        sources=tuple(outcome.status for outcome in outcomes),
        network=network,
        collected_at=collected_at,
        took_s=round(ctx.clock.monotonic() - started, 3),
    )


def choose_sources(args: CollectTrendsArgs, home: Path) -> tuple[Source, ...]:
    """Return the sources the arguments ask for, the operator's own of `home` among them, in catalogue order, spread over categories when limited."""
    chosen = [
        source
        for source in args.sources or known_sources(home)
        if (not args.categories or source.category in {*args.categories, "general"})
        and (not args.source_ids or source.id in args.source_ids)
        and (not args.languages or source.language in args.languages)
    ]
    if args.limit_sources is None or args.limit_sources >= len(chosen):
        return tuple(chosen)
    # The operator's own feeds take turns beside the catalogue's of the same category, so that neither crowds the other out.
    shipped = {source.id for source in shipped_sources()}
    turn: dict[tuple[str, bool], int] = {}
    ranked: list[tuple[int, int]] = []
    for position, source in enumerate(chosen):
        lane = (source.category, source.id in shipped)
        ranked.append((turn.get(lane, 0), position))
        turn[lane] = turn.get(lane, 0) + 1
    keep = sorted(position for _, position in sorted(ranked)[: args.limit_sources])
    return tuple(chosen[position] for position in keep)


class _Collector:
    """One collection: its arguments, its deadline on the monotonic clock, and how many sources are done."""

    def __init__(self, args: CollectTrendsArgs, ctx: ToolContext, adapters: Adapters, deadline: float) -> None:
        self._args = args
        self._ctx = ctx
        self._adapters = adapters
        self._deadline = deadline
        self._provenance = ctx.provenance_of_sources
        self._done = 0
        self._total = 1
        self._lock = threading.Lock()

    def collect(self, sources: tuple[Source, ...]) -> list[_Outcome]:
        """Return one outcome per source, in order; a source still silent at the deadline has failed."""
        self._ctx.ensure_live()
        self._total = len(sources)
        pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="source")
        futures = [pool.submit(self._one, source) for source in sources]
        wait(futures, timeout=max(0.0, self._deadline - self._ctx.clock.monotonic()) + 1.0)
        pool.shutdown(wait=False, cancel_futures=True)
        return [_settled(source, future) for source, future in zip(sources, futures, strict=True)]

    def _one(self, source: Source) -> _Outcome:
        left = self._deadline - self._ctx.clock.monotonic()
        if left <= 0:
            return _late(source)
        outcome = self._try(source, min(20.0, left))
        with self._lock:
            self._done += 1
            self._ctx.progress(0.95 * self._done / self._total, source.name)
        return outcome

    def _try(self, source: Source, total_s: float) -> _Outcome:
        key = {"url": source.url, "kind": source.kind, "entries": self._args.entries_per_source, "stand_in": self._ctx.settings.sources_sandbox_url or ""}
        kept = self._recalled(key)
        ask = Ask(source, kept.etag, kept.last_modified, self._args.entries_per_source, self._args.max_age_days, total_s, self._provenance)
        try:
            answer = self._adapters.ask(ask)
        except (TermsNotAccepted, TrendsTermsNotAccepted) as error:
            return _Outcome(SourceStatus(source_id=source.id, status="off", reason=error.message))
        except StudioError as error:
            return _Outcome(SourceStatus(source_id=source.id, status="failed", reason=error.message[:300]))
        if answer.unchanged:
            status = SourceStatus(source_id=source.id, status="not_modified", signals=len(kept.signals), documents=len(kept.documents))
            return _Outcome(status, kept, reached=True)
        fresh = self._keep(key, answer)
        return _Outcome(SourceStatus(source_id=source.id, status="ok", signals=len(fresh.signals), documents=len(fresh.documents)), fresh, reached=True)

    def _recalled(self, key: dict[str, object]) -> _Kept:
        digest = self._ctx.store.remembered(_REMEMBERED, key)
        return _Kept.model_validate_json(self._ctx.store.read(digest)) if digest else _Kept()

    def _keep(self, key: dict[str, object], answer: Answer) -> _Kept:
        indexed = tuple(
            IndexedDocument(
                id=document.id,
                title=document.title,
                category=document.category,
                digest=self._ctx.store.put_bytes(canonical_json(document.model_dump(mode="json"))),
            )
            for document in answer.documents
        )
        kept = _Kept(etag=answer.etag, last_modified=answer.last_modified, signals=answer.signals, documents=indexed)
        if answer.etag or answer.last_modified:
            self._ctx.store.remember(_REMEMBERED, key, self._ctx.store.put_bytes(kept.model_dump_json().encode()))
        return kept


def _settled(source: Source, future: "Future[_Outcome]") -> _Outcome:
    return future.result() if future.done() and not future.cancelled() else _late(source)


def _late(source: Source) -> _Outcome:
    return _Outcome(SourceStatus(source_id=source.id, status="failed", reason="not reached within the time given (budget_s)"))


def _put_list(ctx: ToolContext, values: Iterable[BaseModel]) -> str:
    return ctx.store.put_bytes(json.dumps([value.model_dump(mode="json") for value in values], ensure_ascii=False, sort_keys=True).encode())
