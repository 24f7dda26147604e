"""Productions of autonomous runs under way in this process: begun when they are due, a few at once, and given back when it stops."""

import asyncio
from contextlib import suppress

from graphs.orchestrator import Orchestrator
from graphs.recoveries import is_gone
from graphs.runbook import RunBook
from graphs.troubles import DATABASE_AWAY
from infra.errors import StudioError
from infra.log import get_logger
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.fleet import Drivable, FleetRepository
from memory.repositories.runs import RunBusy, RunFinished, RunLeaseLost
from memory.repositories.slots import SlotMoved, SlotRepository
from memory.repositories.tasks import TaskRepository

# After a drive that came to nothing the same run rests this many turns of the loop, so that a stuck one does not spin.
REST_TURNS = 10
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
        for run_id, reason in unwanted:
            await self._cut(run_id, reason)
        self._resting = {run_id: turns - 1 for run_id, turns in self._resting.items() if turns > 1}
        begun = 0
        for one in due:
            if len(self._tasks) >= self._at_once:
                break
            if one.run_id not in self._tasks and one.run_id not in self._resting:
                self._tasks[one.run_id] = asyncio.create_task(self._drive(one), name=f"drive {one.run_id}")
                begun += 1
        return begun

    async def stop(self) -> None:
        """Give every production back."""
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _read(self) -> tuple[tuple[tuple[str, str], ...], tuple[Drivable, ...]]:
        with self._book.database.unit_of_work() as session:
            fleet = FleetRepository(session)
            gone = [owner for owner in fleet.list_holders() if is_gone(owner)]
            return fleet.list_unwanted(), fleet.list_drivable(gone)

    async def _collect(self) -> None:
        for run_id in [run_id for run_id, task in self._tasks.items() if task.done()]:
            await self._tasks.pop(run_id)

    async def _drive(self, one: Drivable) -> None:
        """Drive one production to its end or to a person; what hinders it is in its own row, and a later turn finds it again."""
        try:
            ended = await self._orchestrator.drive(one.run_id)
        except (RunBusy, RunFinished, RunLeaseLost):
            self._resting[one.run_id] = REST_TURNS
            return
        except StudioError as error:
            self._resting[one.run_id] = REST_TURNS
            _log.warning(DRIVEN, run_id=one.run_id, status="stopped", error=error.message)
        else:
            _log.info(DRIVEN, run_id=one.run_id, status=ended.status)
        with suppress(*DATABASE_AWAY):
            await asyncio.to_thread(self._tell, one)

    def _tell(self, one: Drivable) -> None:
        """Wake the autonomous run, which decides what comes of it; one that has ended has only its slot to be closed."""
        with self._book.database.unit_of_work() as session:
            runs = AutonomousRunRepository(session)
            if runs.get(one.autonomous_run_id).status != "ended":
                runs.hasten(one.autonomous_run_id)
                return
            production = FleetRepository(session).production(one.run_id)
            if one.slot_id is None or production.status in {"running", "waiting"}:
                return
            done = production.status == "published"
            reasons = "; ".join((production.outcome or {}).get("reasons", [])) or production.status
            with suppress(SlotMoved):
                slot = SlotRepository(session).answer(one.slot_id, "published" if done else "skipped", f"after the run ended: {reasons}"[:1000])
                if slot.task_id is not None:
                    TaskRepository(session).close(slot.task_id, "done" if done else "failed", reasons[:1000])

    async def _cut(self, run_id: str, reason: str) -> None:
        task = self._tasks.pop(run_id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        with suppress(RunBusy, RunFinished, RunLeaseLost):
            await self._orchestrator.cut(run_id, reason, BY)
            _log.info(CUT, run_id=run_id, reason=reason)
