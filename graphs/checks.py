"""Checks: each is a short run of its own. The crisis monitor looks at a publication, what it decided is carried out, the last look remembers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents import crisis_monitor
from graphs import outcomes
from graphs.enforcement import enforce, trouble_of
from graphs.looks import Look, heard_of, read_look, watch_input
from graphs.runbook import RunBook
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database, UnitOfWork
from infra.errors import StudioError, Unavailable
from infra.log import get_logger
from memory.artifacts import Brief, Manifest, Provenance
from memory.learning import Learned, file_change, growth_seen, keep_lesson, settled_outcomes
from memory.records.checks import CheckRecord
from memory.repositories.checks import CHECK_DELAYS, CheckRepository
from memory.repositories.outcomes import OutcomeRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from tools.base import provenance_of_sources
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs

LEASE_S = 300.0
# A reading that waits for tomorrow's quota must not keep whoever watches from everything else; the lease is over soon after.
_LONGEST_S = 240.0
LAST = tuple(CHECK_DELAYS)[-1]
CHECK_MADE = "check.made"
CHECK_STOPPED = "check.stopped"
CHECK_FAILED = "check.failed"
# Analytics and reach are two days behind: earlier looks would find nothing in them.
WITH_REPORTS = frozenset({"72h", "7d"})
_log = get_logger("checks")


@dataclass(frozen=True)
class Due:
    """One claimed check with everything its look needs; `before` are the results of earlier looks, oldest first."""

    check_id: str
    kind: str
    look: Look
    before: tuple[Mapping[str, Any], ...]

    @property
    def node(self) -> str:
        """The name under which this look's jobs, snapshot and decisions are kept: a taker after a crash finds them."""
        return f"check.{self.kind}"


@dataclass(frozen=True)
class Made:
    """How one check ended: `done`, `failed`, or `later` when trouble may pass (its lease runs out and it is taken again)."""

    check_id: str
    kind: str
    status: str
    watched: crisis_monitor.Watched | None = None
    reason: str = ""


class CheckRunner:
    """Makes the checks that are due; holds nothing that the rows do not."""

    def __init__(self, book: RunBook, database: Database, clock: Clock = SYSTEM_CLOCK) -> None:
        self._book = book
        self._database = database
        self._clock = clock

    async def run_due(self, limit: int = 10, run_id: str | None = None) -> tuple[Made, ...]:
        """Claim the checks that are due, or whose taker vanished, of one run or of all, and make them one after the other."""
        return tuple([await self._guarded(check_id, kind) for check_id, kind in await asyncio.to_thread(self._claim, limit, run_id)])

    async def _guarded(self, check_id: str, kind: str) -> Made:
        try:
            async with asyncio.timeout(_LONGEST_S):
                return await self._make(check_id)
        except TimeoutError:
            _log.warning(CHECK_STOPPED, check=check_id, kind=kind, error=f"it is not made after {_LONGEST_S:g} s")
            return Made(check_id, kind, "later", reason=f"the look waits for longer than {_LONGEST_S:g} s; its jobs are found again when it is taken up")
        except Unavailable as error:
            _log.warning(CHECK_STOPPED, check=check_id, kind=kind, error=error.message)
            return Made(check_id, kind, "later", reason=error.message)
        except StudioError as error:
            _log.error(CHECK_FAILED, check=check_id, kind=kind, error=error.message)
            await asyncio.to_thread(self._fail, check_id, error)
            return Made(check_id, kind, "failed", reason=error.message)

    async def _make(self, check_id: str) -> Made:
        due = await asyncio.to_thread(self._read, check_id)
        studio = await self._book.studio(due.look.run_id)
        ctx = studio.node(due.node, 0, crisis_monitor.AGENT, due.look.provenance)
        brief, manifest = studio.load(due.look.brief, Brief), studio.load(due.look.manifest, Manifest)
        watched = await crisis_monitor.watch(_task(due, brief, manifest, self._clock.now()), ctx)
        result = watched.model_dump(mode="json", exclude={"decisions"})
        looks, derived = (*due.before, result), studio.settings.youtube_derived_scores
        lesson = outcomes.lesson_of(due.look.place, (manifest.listing.title, brief.topic), looks, derived) if due.kind == LAST else None
        embedded = await ctx.call(EMBED_TEXT, EmbedTextArgs(texts=(lesson.text,))) if lesson else None
        decisions = (*watched.decisions, lesson.decision) if lesson else watched.decisions
        await studio.decide(due.node, 0, decisions)
        sources = provenance_of_sources(studio.settings, ctx.provenance)
        ending = Ending(outcomes.happened_of(due.look.place, lesson, looks), sources) if due.kind == LAST else None
        learned = outcomes.learned_of(ctx, due.look.publication_id, lesson, embedded)
        await asyncio.to_thread(self._record, due, watched, result, (learned, ending))
        _log.info(CHECK_MADE, check=check_id, kind=due.kind, severity=watched.severity, done=list(watched.done), wanted=list(watched.wanted))
        return Made(check_id, due.kind, "done", watched)

    def _claim(self, limit: int, run_id: str | None) -> list[tuple[str, str]]:
        with self._database.unit_of_work() as session:
            return [(check.id, check.kind) for check in CheckRepository(session).claim_due(LEASE_S, limit, run_id)]

    def _read(self, check_id: str) -> Due:
        with self._database.unit_of_work() as session:
            checks = CheckRepository(session)
            check = checks.get(check_id)
            look = read_look(session, check.publication_id)
            checks.start(check_id, f"{check.run_id}.{check.kind}")
            return Due(check_id, check.kind, look, _results(check, checks.list_(check.publication_id)))

    def _record(self, due: Due, watched: crisis_monitor.Watched, result: Mapping[str, Any], taught: "Taught") -> None:
        """Carry out what is rows and finish the check in one transaction, so that a crash leaves all of it or none."""
        with self._database.unit_of_work() as session:
            CheckRepository(session).finish(due.check_id, result)
            enforce(session, trouble_of(due.look, watched), self._clock.now())
            _settle(session, due, taught, self._clock.now())

    def _fail(self, check_id: str, error: StudioError) -> None:
        with self._database.unit_of_work() as session:
            CheckRepository(session).fail(check_id, {"code": error.code, "message": error.message})


@dataclass(frozen=True)
class Ending:
    """What came of a publication by its last look, and of what kind of truth the measurements of its topic are."""

    happened: Mapping[str, Any]
    sources: Provenance


Taught = tuple[Learned | None, Ending | None]


def _settle(session: UnitOfWork, due: Due, taught: Taught, now: datetime) -> None:
    """Keep the lesson, write down what came of the publication, and propose what the channel's outcomes by now ask of its personality."""
    learned, ending = taught
    look = due.look
    if learned is not None:
        keep_lesson(session, learned, now)
    known = OutcomeRepository(session).find(look.publication_id)
    if ending is None or known is None:
        return
    seen = growth_seen(session, look.channel_id, ending.sources, known.predicted.get("forecast"))
    difference = {"attention_48h": seen, "not_measured": outcomes.NOT_MEASURED}
    OutcomeRepository(session).settle(look.publication_id, ending.happened, difference, learned.record.id if learned else None)
    if look.provenance == Provenance.REAL.value:
        settled = settled_outcomes(session, look.channel_id, look.provenance)
        for asked in outcomes.asked_of(PersonalityChangeRepository(session).personality(look.channel_id), look.provenance, settled):
            file_change(session, look.channel_id, asked, now)


def _task(due: Due, brief: Brief, manifest: Manifest, now: datetime) -> crisis_monitor.WatchInput:
    since = heard_of(due.before[-1]) if due.before else None
    return watch_input(due.look, brief, manifest, now, check=due.kind, since=since, reports=due.kind in WITH_REPORTS)


def _results(check: CheckRecord, checks: tuple[CheckRecord, ...]) -> tuple[Mapping[str, Any], ...]:
    return tuple(one.result for one in checks if one.id != check.id and one.status == "done" and one.result)
