"""Videos of the library are shown when their time comes; platforms do that by themselves."""

import asyncio
from contextlib import suppress
from datetime import datetime

from graphs.runbook import RunBook
from infra.clock import Clock
from infra.database import Session
from infra.errors import StudioError
from infra.log import get_logger
from memory.artifacts import Provenance
from memory.records.publications import PublicationRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.channels import ChannelHeld, ChannelRepository
from memory.repositories.fleet import FleetRepository
from memory.repositories.publications import PublicationRepository, TransitionRefused
from memory.repositories.runs import RunRepository
from memory.repositories.switches import Stopped, SwitchRepository, covering
from tools.call import HIGH, JobKey, RunScope
from tools.change_visibility.schema import SPEC, ChangeVisibilityArgs

AGENT = "publisher"
NODE = "show"
SHOWN = "publication.shown"
NOT_SHOWN = "publication.not_shown"
_log = get_logger("fleet")


class Showing:
    """Shows what is due, each by one job under its run's key; what its channel or a kill switch holds back waits."""

    def __init__(self, book: RunBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def turn(self) -> int:
        """Begin to show what is due and return how much was begun; it does not wait, since another may hold the one worker that publishes."""
        for key in [key for key, task in self._tasks.items() if task.done()]:
            await self._tasks.pop(key)
        due = [one for one in await asyncio.to_thread(_due, self._book, self._clock.now()) if one.key not in self._tasks]
        for one in due:
            self._tasks[one.key] = asyncio.create_task(self._guarded(one), name=f"show {one.key}")
        return len(due)

    async def stop(self) -> None:
        """Leave what is under way to the next turn of anyone."""
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _guarded(self, one: PublicationRecord) -> None:
        try:
            await _show(self._book, self._clock, one)
        except StudioError as error:
            _log.warning(NOT_SHOWN, publication=one.id, error=error.message)


def _due(book: RunBook, now: datetime) -> list[PublicationRecord]:
    with book.database.unit_of_work() as session:
        return [one for one in FleetRepository(session).list_to_show() if _may_show(session, one, now)]


def _may_show(session: Session, one: PublicationRecord, now: datetime) -> bool:
    """Whether nothing holds it back: no kill switch, and a channel that is neither paused nor held."""
    try:
        channel = ChannelRepository(session).ensure_publishing(one.channel_id, now)
        SwitchRepository(session).ensure_released(covering(tenant=channel.tenant_id, channel=channel.id, run=one.run_id))
    except (Stopped, ChannelHeld):
        return False
    return True


async def _show(book: RunBook, clock: Clock, one: PublicationRecord) -> None:
    args = ChangeVisibilityArgs(key=one.key, privacy="public", reason="its time has come", scheduled=True)
    scope = RunScope(one.run_id, one.channel_id, Provenance(one.provenance), priority=HIGH)
    result = await book.caller.call(SPEC, args, key=JobKey(one.run_id, NODE, 0, 0), agent=AGENT, run=scope)
    # Also one that was pulled back before has had its time: nothing is left to be done about it.
    note = clock.now().isoformat()

    def write() -> None:
        with suppress(TransitionRefused), book.database.unit_of_work() as session:
            PublicationRepository(session).note(one.id, {"shown": note}, state="verified")
            autonomous = RunRepository(session).get(one.run_id).autonomous_run_id
            if autonomous is not None:
                AutonomousRunRepository(session).hasten(autonomous)

    await asyncio.to_thread(write)
    _log.info(SHOWN, publication=one.id, changed=result.changed)
