"""The crisis monitor between the scheduled checks: what came in, who lost a consent, and the publications whose next look is due."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel

from agents import crisis_monitor
from graphs.bodies import Cited
from graphs.context import NodeContext
from graphs.desk import NoticeDesk
from graphs.enforcement import enforce, trouble_of
from graphs.looks import YOUTUBE, Look, NothingToCheck, heard_of, read_look, watch_input
from graphs.notices import take_in
from graphs.polling import FIRST, OLDEST, RESERVED_UNITS, is_due_to_reread, next_look
from graphs.reversal import ActionDesk
from graphs.runbook import RunBook
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.errors import NotFound, StudioError, Unavailable
from infra.log import get_logger
from memory.artifacts import Brief, Manifest, Provenance
from memory.records.polls import PollRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.polls import PollRepository
from memory.repositories.quota import QuotaLedger
from memory.repositories.trends import TrendRepository

LEASE_S = 300.0
NODE = "poll"
POLL_MADE, POLL_STOPPED, POLL_SKIPPED = "poll.made", "poll.stopped", "poll.skipped"
_AGAIN, _FAILED = timedelta(minutes=5), timedelta(minutes=15)
_log = get_logger("crisis")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Polled:
    """How one look between the checks ended: `made`, `skipped` (the next one comes), `later` (the same is tried again) or `over`."""

    publication_id: str
    status: str
    watched: crisis_monitor.Watched | None = None
    reason: str = ""


@dataclass
class PassingContext(NodeContext):
    """The context of a look that leaves no snapshot while there is nothing to tell, so that a quiet day writes next to nothing.

    A look that is repeated after a crash finds its jobs' results, and what it saw is kept with what it decided.
    """

    seen: BaseModel | None = None

    async def snapshot(self, model: type[M], gather: Callable[[], Awaitable[M]]) -> M:
        """Return what was gathered, and remember it."""
        self._phase = ".gather"
        try:
            gathered = await gather()
        finally:
            self._phase = ""
        self.seen = gathered
        return model.model_validate(gathered.model_dump())


class Crisis:
    """One turn takes in notices, answers them, sees to lost consents, does what failed, and makes the looks that are due; it holds only what the rows do."""

    def __init__(self, book: RunBook, database: Database, clock: Clock = SYSTEM_CLOCK) -> None:
        self._book = book
        self._database = database
        self._clock = clock
        self._desk = NoticeDesk(book, database, clock)
        self._actions = ActionDesk(database, book.caller, clock)

    async def turn(self, limit: int = 5) -> tuple[Polled, ...]:
        """Do what is due now; trouble with one publication or notice leaves the others to be looked at."""
        await asyncio.to_thread(take_in, self._database, self._book.settings)
        await self._desk.answer_due()
        await self._desk.see_to_consents()
        await self._actions.try_again()
        polls = await asyncio.to_thread(self._claim, limit)
        return tuple([await self._guarded(poll) for poll in polls])

    def _claim(self, limit: int) -> tuple[PollRecord, ...]:
        with self._database.unit_of_work() as session:
            polls = PollRepository(session)
            polls.enrol(FIRST, OLDEST)
            claimed = polls.claim_due(LEASE_S, limit)
            session.expunge_all()
            return claimed

    async def _guarded(self, poll: PollRecord) -> Polled:
        now = self._clock.now()
        try:
            return await self._look(poll, now)
        except Unavailable as error:
            _log.warning(POLL_STOPPED, publication=poll.publication_id, error=error.message)
            return await self._closed(poll, "later", error.message, now + _AGAIN)
        except (NothingToCheck, NotFound) as error:
            return await self._closed(poll, "over", error.message, None)
        except StudioError as error:
            _log.error(POLL_SKIPPED, publication=poll.publication_id, error=error.message)
            return await self._closed(poll, "skipped", error.message, now + _FAILED)

    async def _look(self, poll: PollRecord, now: datetime) -> Polled:
        look = await asyncio.to_thread(self._read, poll.publication_id)
        affords = look.place != YOUTUBE or await asyncio.to_thread(self._affords, look, now)
        studio = await self._book.studio(look.run_id)
        ctx = PassingContext(replace(studio, clock=self._clock), NODE, poll.count, crisis_monitor.AGENT, Provenance(look.provenance))
        brief, manifest = studio.load(look.brief, Brief), studio.load(look.manifest, Manifest)
        reread = look.cited is not None and look.provenance != Provenance.DEMO and is_due_to_reread(now, poll.state.get("reread_at"))
        about: dict[str, Any] = {"since": heard_of(poll.state), "reread": reread, "news": await asyncio.to_thread(self._news, look, poll)}
        about["patience_s"] = crisis_monitor.PATIENCE_S
        about["unasked"] = "" if affords else f"quota: fewer than {RESERVED_UNITS} units are left today, which are kept for publishing"
        about["cited"] = studio.load(look.cited, Cited).passages if reread and look.cited else ()
        watched = await crisis_monitor.watch(watch_input(look, brief, manifest, now, check="a poll", **about), ctx)
        if watched.severity != "none" and ctx.seen is not None:
            await studio.keep(ctx.seen, f"snapshot.{NODE}", look.provenance)
            await studio.decide(NODE, poll.count, watched.decisions)
        state = {**poll.state, "heard_at": watched.heard_at.isoformat() if watched.heard_at else None, **({"reread_at": now.isoformat()} if reread else {})}
        await asyncio.to_thread(self._record, poll, look, watched, state)
        _log.info(POLL_MADE, publication=look.publication_id, severity=watched.severity, done=list(watched.done), wanted=list(watched.wanted))
        return Polled(look.publication_id, "made", watched)

    def _read(self, publication_id: str) -> Look:
        with self._database.unit_of_work() as session:
            return read_look(session, publication_id)

    def _affords(self, look: Look, now: datetime) -> bool:
        with self._database.unit_of_work() as session:
            connection = PlatformChannelRepository(session).find(look.channel_id)
            if connection is None:
                return True  # the look itself says what is missing
            return QuotaLedger(session, now, self._book.settings.youtube_granted).free(connection.project, "units") >= RESERVED_UNITS

    def _news(self, look: Look, poll: PollRecord) -> tuple[crisis_monitor.Headline, ...]:
        since = max(look.published_at, poll.looked_at or look.published_at)
        with self._database.unit_of_work() as session:
            tenant = ChannelRepository(session).get(look.channel_id).tenant_id
            found = TrendRepository(session, tenant, Provenance(look.provenance)).list_headlines(since)
            return tuple(crisis_monitor.Headline(title=one.title[:1000], url=one.url, source=one.source_id, at=one.first_seen_at) for one in found)

    def _record(self, poll: PollRecord, look: Look, watched: crisis_monitor.Watched, state: dict[str, Any]) -> None:
        """Carry out what is rows and name the next look, in one transaction."""
        now = self._clock.now()
        troubled = watched.severity in {"warning", "critical"}
        with self._database.unit_of_work() as session:
            enforce(session, trouble_of(look, watched), now)
            polls = PollRepository(session)
            after = next_look(now, look.published_at, troubled)
            polls.done(poll, watched.looked_at, after or now, state)
            if after is None:
                ended = polls.find(poll.publication_id)
                if ended is not None:
                    polls.end(ended)

    async def _closed(self, poll: PollRecord, status: str, why: str, again: datetime | None) -> Polled:
        def write() -> None:
            with self._database.unit_of_work() as session:
                polls = PollRepository(session)
                if again is None:
                    polls.end(poll)
                elif status == "later":
                    polls.later(poll, again, why)
                else:
                    polls.skip(poll, again, why)

        await asyncio.to_thread(write)
        return Polled(poll.publication_id, status, reason=why)
