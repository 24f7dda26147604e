"""The messenger: takes what was queued for the operator to every address, each by itself, so that one that hangs or bounces delays no other."""

import asyncio
from datetime import timedelta

from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.errors import StudioError
from infra.log import get_logger
from infra.settings import Settings
from memory.addresses import addresses_of, report_addresses
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.messages import Delivery, MessageRepository
from tools.call import HIGH, JobKey, RunScope, ToolCaller
from tools.send_message.schema import SPEC as SEND_MESSAGE
from tools.send_message.schema import SendMessageArgs, SendMessageResult

AGENT = "messenger"
LEASE_S = 180.0
# After 30 s, 1 min, 2 min, ... at most an hour apart: an address that is down for a night is reached in the morning.
FIRST_WAIT_S, LONGEST_WAIT_S = 30.0, 3600.0
MOST_FAILURES = 20
# A message to an address that is named later than this says nothing new.
YOUNG = timedelta(hours=24)
KEPT = timedelta(days=90)
_PURGE_EVERY_S = 3600.0
MESSAGE_SENT, MESSAGE_LATE, MESSAGE_FAILED = "message.sent", "message.postponed", "message.failed"
_log = get_logger("messenger")


class Messenger:
    """One turn sends what is due; it holds nothing that the rows do not."""

    def __init__(self, settings: Settings, database: Database, caller: ToolCaller, clock: Clock = SYSTEM_CLOCK) -> None:
        self._settings = settings
        self._database = database
        self._caller = caller
        self._clock = clock
        self._purged_at: float | None = None

    async def turn(self, limit: int = 20) -> int:
        """Send what is due to each address and return how many were sent."""
        due = await asyncio.to_thread(self._claim, limit)
        return sum(await asyncio.gather(*(self._deliver(one) for one in due)))

    def _claim(self, limit: int) -> tuple[Delivery, ...]:
        known = {one.digest: one.label for one in addresses_of(self._settings)}
        now = self._clock.monotonic()
        purges = self._purged_at is None or now - self._purged_at >= _PURGE_EVERY_S
        if not purges and self._settings.network == "off":
            return ()
        with self._database.unit_of_work() as session:
            messages = MessageRepository(session)
            if purges:
                messages.purge(KEPT)
                self._purged_at = now
            if self._settings.network == "off":
                return ()
            messages.address(known, YOUNG, self._settings.notify_level)
            for run_id, given in AutonomousRunRepository(session).list_reporting(YOUNG).items():
                own = {one.digest: one.label for one in report_addresses(given, self._settings)}
                messages.address_reports(run_id, own, YOUNG)
                known |= own
            return messages.claim_due(tuple(known), LEASE_S, limit) if known else ()

    async def _deliver(self, one: Delivery) -> int:
        # Named by the failures that were recorded: a messenger that died after sending finds the job's result and sends nothing twice.
        key = JobKey(run_id=one.message_id, node=f"send.{one.address}", iteration=one.failures, ordinal=0)
        try:
            args = SendMessageArgs(message=one.message_id, address=one.address)
            told = await self._caller.call(SEND_MESSAGE, args, key=key, agent=AGENT, run=RunScope(one.message_id, priority=HIGH))
        except StudioError as error:
            told = SendMessageResult(outcome="later", said=f"{error.code}: {error.message}"[:500])
        await asyncio.to_thread(self._close, one, told)
        return told.outcome == "sent"

    def _close(self, one: Delivery, told: SendMessageResult) -> None:
        with self._database.unit_of_work() as session:
            messages = MessageRepository(session)
            if told.outcome == "sent":
                messages.mark_sent(one)
                _log.info(MESSAGE_SENT, message=one.message_id, to=one.label)
            elif told.outcome == "later" and one.failures + 1 < MOST_FAILURES:
                messages.postpone(one, told.said, wait_s(one.failures))
                _log.warning(MESSAGE_LATE, message=one.message_id, to=one.label, why=told.said)
            else:
                messages.mark_failed(one, told.said)
                # Of the gravity that is not told: it would only bounce again. `ytempire messages` and `doctor` show it.
                said = f"{one.label} does not take messages: {told.said}; mend the address, then `ytempire messages retry {one.message_id}`"
                IncidentRepository(session).open(f"address:{one.address}", "address_failed", "info", said, signal="the address's own answer", confidence=1.0)
                _log.error(MESSAGE_FAILED, message=one.message_id, to=one.label, why=told.said)


def wait_s(failures: int) -> float:
    """Return how long to wait after that many failures before."""
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(failures, 10)))
