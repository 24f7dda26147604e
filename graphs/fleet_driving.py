"""Productions under way in this process: begun when they are due, a few at once, and given back when it stops."""

import asyncio
from contextlib import suppress

from graphs.orchestrator import Orchestrator, RunStopped
from graphs.recoveries import is_gone
from graphs.runbook import RunBook
from graphs.troubles import DATABASE_AWAY, code_of
from infra.errors import StudioError
from infra.log import get_logger
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.fleet import GIVEN_UP, STOPPED, Drivable, FleetRepository, Stopped
from memory.repositories.incidents import IncidentRepository
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunBusy, RunFinished, RunLeaseLost, RunPaused, RunRepository
from memory.repositories.slots import SlotMoved, SlotRepository
from memory.repositories.tasks import TaskRepository

# After a drive that came to nothing the same run rests this many turns of the loop, so that a stuck one does not spin.
REST_TURNS = 10
# The same trouble so many times in a row, with rests of 30 s to 15 min between them, is more than what passes.
MOST_SAME = 8
DRIVEN = "production.driven"
CUT = "production.cut"
BY = "autonomy"
_log = get_logger("fleet")


class Driving:
    """Drives productions side by side, each under its own lease."""

    def __init__(self, book: RunBook, orchestrator: Orchestrator, at_once: int) -> None:
        self._book = book
        self._orchestrator = orchestrator
        self._at_once = at_once
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._resting: dict[str, int] = {}

    @property
    def runs(self) -> tuple[str, ...]:
        """The productions that are being driven."""
        return tuple(self._tasks)

    async def turn(self) -> int:
        """Collect what has ended, end what nobody wants, and begin what is due; returns how many were begun."""
        await self._collect()
        unwanted, due = await asyncio.to_thread(self._read)
        for one in unwanted:
            await self._cut(one)
        self._resting = {run_id: turns - 1 for run_id, turns in self._resting.items() if turns > 1}
        begun = 0
        for drivable in due:
            if len(self._tasks) >= self._at_once:
                break
            if drivable.run_id not in self._tasks and drivable.run_id not in self._resting:
                self._tasks[drivable.run_id] = asyncio.create_task(self._drive(drivable), name=f"drive {drivable.run_id}")
                begun += 1
        return begun

    async def stop(self) -> None:
        """Give every production back."""
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _read(self) -> tuple[tuple[Stopped, ...], tuple[Drivable, ...]]:
        with self._book.database.unit_of_work() as session:
            fleet = FleetRepository(session)
            gone = [owner for owner in fleet.list_holders() if is_gone(owner)]
            left = tuple(Stopped(run_id, reason) for run_id, reason in fleet.list_unwanted())
            return (*left, *fleet.list_stopped()), fleet.list_drivable(gone)

    async def _collect(self) -> None:
        """Take what has ended off the list; a fault that nobody foresaw lets its own production rest, and stops no other's."""
        for run_id in [run_id for run_id, task in self._tasks.items() if task.done()]:
            (fault,) = await asyncio.gather(self._tasks.pop(run_id), return_exceptions=True)
            if isinstance(fault, BaseException) and (not isinstance(fault, Exception) or isinstance(fault, DATABASE_AWAY)):
                raise fault
            if fault is not None:
                self._resting[run_id] = REST_TURNS
                _log.error(DRIVEN, run_id=run_id, status="broken", error=str(fault), exc_info=fault)

    async def _drive(self, one: Drivable) -> None:
        """Drive one production to its end or to a person; what hinders it is in its own row, and a later turn finds it again."""
        try:
            ended = await self._orchestrator.drive(one.run_id)
        except RunPaused:  # found again as soon as it is resumed
            _log.info(DRIVEN, run_id=one.run_id, status="paused")
            return
        except (RunBusy, RunFinished, RunLeaseLost):
            self._resting[one.run_id] = REST_TURNS
            return
        except StudioError as error:
            self._resting[one.run_id] = REST_TURNS
            _log.warning(DRIVEN, run_id=one.run_id, status="stopped", error=error.message)
            with suppress(*DATABASE_AWAY):
                await asyncio.to_thread(self._bound, one, error)
        else:
            _log.info(DRIVEN, run_id=one.run_id, status=ended.status)
        with suppress(*DATABASE_AWAY):
            await asyncio.to_thread(self._tell, one)

    def _bound(self, one: Drivable, error: StudioError) -> None:
        """Leave a production to a person that the same trouble has stopped again and again; those of autonomous runs are given up by their run."""
        if one.autonomous_run_id is not None or isinstance(error, DATABASE_AWAY):
            return
        with self._book.database.unit_of_work() as session:
            events, fleet = RunEventRepository(session), FleetRepository(session)
            if not isinstance(error, RunStopped):  # the orchestrator has noted that one
                events.append(one.run_id, STOPPED, {"reason": code_of(error), "message": error.message[:1000]})
            times, said = fleet.same_stops(one.run_id)
            if times < MOST_SAME:
                return
            RunRepository(session).leave(one.run_id)
            events.append(one.run_id, GIVEN_UP, {"times": times, "message": said})
            channel = RunRepository(session).get(one.run_id).channel_id
            summary = f"run {one.run_id} was stopped {times} times in a row by the same trouble and is not driven any more: {said}."
            summary += f" Mend it, then POST /v1/runs/{one.run_id}/resume"
            IncidentRepository(session).open(f"run:{one.run_id}", "production", "critical", summary[:2000], channel_id=channel, run_id=one.run_id)
        _log.error(GIVEN_UP, run_id=one.run_id, times=times, error=said)

    def _tell(self, one: Drivable) -> None:
        """Wake the autonomous run, where one launched it, to decide what comes of it; one that has ended has only its slot to be closed."""
        if one.autonomous_run_id is None:
            return
        with self._book.database.unit_of_work() as session:
            runs = AutonomousRunRepository(session)
            if runs.get(one.autonomous_run_id).status != "ended":
                runs.hasten(one.autonomous_run_id)
                return
            production = FleetRepository(session).production(one.run_id)
            if one.slot_id is None or production.status in {"running", "waiting", "paused"}:
                return
            done = production.status == "published"
            reasons = "; ".join((production.outcome or {}).get("reasons", [])) or production.status
            with suppress(SlotMoved):
                slot = SlotRepository(session).answer(one.slot_id, "published" if done else "skipped", f"after the run ended: {reasons}"[:1000])
                if slot.task_id is not None:
                    TaskRepository(session).close(slot.task_id, "done" if done else "failed", reasons[:1000])

    async def _cut(self, one: Stopped) -> None:
        """End a production that nobody wants; one that another process holds is let go by it within a heartbeat, and found again by a later turn."""
        task = self._tasks.pop(one.run_id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        with suppress(RunBusy, RunFinished, RunLeaseLost):
            if one.by is None:
                await self._orchestrator.cut(one.run_id, one.reason, BY)
            else:
                await self._orchestrator.cut(one.run_id, f"stopped by {one.by}: {one.reason}", one.by, code="stopped")
            _log.info(CUT, run_id=one.run_id, reason=one.reason)
