"""Answering what came in: each new notice, and each channel whose owner took the consent back, is judged and carried out once."""

import asyncio
from dataclasses import dataclass
from typing import Any

from agents import crisis_monitor
from agents.crisis_monitor.notices import sign_of
from graphs.enforcement import Trouble, enforce
from graphs.looks import YOUTUBE, Look, NothingToCheck, read_look
from graphs.runbook import RunBook
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database, UnitOfWork
from infra.errors import StudioError
from infra.log import get_logger
from memory.artifacts import Manifest
from memory.records.notices import NoticeRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.incident_actions import IncidentActionRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.notices import NoticeRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.polls import PollRepository

NOTICE_ANSWERED, NOTICE_STUCK = "notice.answered", "notice.stuck"
_log = get_logger("notices")


@dataclass(frozen=True)
class Case:
    """A notice with what it is about."""

    notice_id: str
    subject: str
    sign: crisis_monitor.Sign
    channel_id: str | None
    look: Look | None
    task: crisis_monitor.NoticeInput
    key: str


class NoticeDesk:
    """Turns notices and lost consents into incidents."""

    def __init__(self, book: RunBook, database: Database, clock: Clock = SYSTEM_CLOCK) -> None:
        self._book = book
        self._database = database
        self._clock = clock

    async def answer_due(self) -> int:
        """Answer the notices that nobody has answered; one that fails now is tried again at the next turn. Returns how many were answered."""
        answered = 0
        for case in await asyncio.to_thread(self._cases):
            try:
                await self._answer(case)
                answered += 1
            except StudioError as error:
                _log.warning(NOTICE_STUCK, notice=case.notice_id, error=error.message)
        return answered

    async def see_to_consents(self) -> None:
        """Open an incident for each channel whose owner has to consent again, and resolve it once they have."""
        await asyncio.to_thread(self._consents)

    def _cases(self) -> list[Case]:
        with self._database.unit_of_work() as session:
            notices = NoticeRepository(session)
            found = [(notice, sign_of(notice.kind, notice.confidence, notice.authenticated)) for notice in notices.list_new()]
            for notice, sign in found:
                if sign is None:
                    notices.close(notice.id, None)  # filed: it tells of nothing that the monitor knows
            return [self._case(session, notice, sign) for notice, sign in found if sign is not None]

    def _case(self, session: UnitOfWork, notice: NoticeRecord, sign: crisis_monitor.Sign) -> Case:
        look = _look_of(session, notice.publication_id)
        channel_id = notice.channel_id
        key = f"notice:{sign.kind}:{notice.publication_id or channel_id or notice.id}"
        spared = IncidentActionRepository(session).spared(key)
        about: dict[str, Any] = {"sign": sign, "spared": frozenset(one for one in crisis_monitor.REVERSALS if one in spared)}
        # Who must be asked first: a notice of nobody's channel gives the monitor the fewest powers.
        about["autonomy"] = crisis_monitor.autonomy_of(ChannelRepository(session).get(channel_id).autonomy) if channel_id else "manual"
        if look is not None:
            about |= {"publication_key": look.publication_key, "place": YOUTUBE if look.place == YOUTUBE else "library", "privacy": look.privacy}
        return Case(notice.id, notice.subject, sign, channel_id, look, crisis_monitor.NoticeInput(**about), key)

    async def _answer(self, case: Case) -> None:
        ctx = None
        task = case.task
        if case.look is not None:
            studio = await self._book.studio(case.look.run_id)
            ctx = studio.node(f"notice.{case.notice_id}", 0, crisis_monitor.AGENT, case.look.provenance)
            listing = studio.load(case.look.manifest, Manifest).listing
            task = task.model_copy(update={"title": listing.title, "privacy": task.privacy or listing.privacy})
        answered = await crisis_monitor.answer(task, ctx)
        incident = await asyncio.to_thread(self._carry_out, case, task, answered)
        _log.info(NOTICE_ANSWERED, notice=case.notice_id, kind=case.sign.kind, incident=incident, done=list(answered.done), wanted=list(answered.wanted))

    def _carry_out(self, case: Case, task: crisis_monitor.NoticeInput, answered: crisis_monitor.Answered) -> str | None:
        trouble = Trouble(
            key=case.key,
            kind=case.sign.kind,
            severity=case.sign.severity,
            confidence=case.sign.confidence,
            summary="; ".join((f"{case.subject[:200]!r}", *answered.reasons))[:4000],
            signal=crisis_monitor.SIGNALS[case.sign.kind],
            done=answered.done,
            wanted=answered.wanted,
            tried=answered.tried,
            channel_id=case.channel_id,
            run_id=case.look.run_id if case.look else None,
            publication_id=case.look.publication_id if case.look else None,
            publication_key=task.publication_key,
            place=task.place,
            privacy=task.privacy or "",
            drafts=answered.drafts,
            advice=crisis_monitor.ADVICE.get(case.sign.kind, ()),
        )
        with self._database.unit_of_work() as session:
            incident = enforce(session, trouble, self._clock.now())
            NoticeRepository(session).close(case.notice_id, incident)
            if case.look is not None:
                PollRepository(session).hasten(case.look.publication_id)
            return incident

    def _consents(self) -> None:
        with self._database.unit_of_work() as session:
            incidents = IncidentRepository(session)
            known = {one.channel_id: one for one in incidents.list_open("consent:")}
            for connection in PlatformChannelRepository(session).list_():
                lost, incident = connection.state == "needs_owner", known.get(connection.channel_id)
                if lost and incident is None:
                    self._open_consent(session, connection.channel_id, connection.reason)
                elif not lost and incident is not None:
                    ChannelRepository(session).release_hold(connection.channel_id)
                    incidents.resolve(incident.id, crisis_monitor.AGENT, "the owner has consented again")

    def _open_consent(self, session: UnitOfWork, channel_id: str, reason: str) -> None:
        said = f"the owner of {channel_id} has to consent again, so nothing can be published or read: {reason}; run `ytempire channels connect {channel_id}`"
        about = {"signal": crisis_monitor.SIGNALS["consent_lost"], "confidence": 1.0, "channel_id": channel_id}
        trouble = Trouble(f"consent:{channel_id}", "consent_lost", "critical", summary=said, done=("hold", "open_incident"), wanted=(), **about)  # type: ignore[arg-type]
        enforce(session, trouble, self._clock.now())


def _look_of(session: UnitOfWork, publication_id: str | None) -> Look | None:
    try:
        return read_look(session, publication_id) if publication_id is not None else None
    except NothingToCheck:
        return None
