"""A simulated conductor: drives every run that nobody holds, with the product's orchestrator."""

import asyncio

from evals.simulation.log import EventLog
from graphs.orchestrator import Ended, Orchestrator, RunStopped
from infra.database import Database, DatabaseUnavailable
from memory.repositories.runs import RunBusy, RunFinished, RunLeaseLost, RunRepository

_LOOK_EVERY_S, _AWAY_S, _MOST_AT_ONCE = 15.0, 0.5, 8
# A run that stopped for trouble that may pass is taken up again after a while.
_STOPPED_S = 120.0


class SimulatedConductor:
    """One life of a conductor without a plan of its own: it takes up what is there."""

    def __init__(self, database: Database, orchestrator: Orchestrator, log: EventLog) -> None:
        self._database = database
        self._orchestrator = orchestrator
        self._log = log
        self._driven: dict[str, asyncio.Task[None]] = {}
        self._not_before: dict[str, float] = {}

    async def serve(self) -> None:
        """Take runs up until killed."""
        while True:
            try:
                waiting = await asyncio.to_thread(self._claimable)
            except DatabaseUnavailable:
                await asyncio.sleep(_AWAY_S)
                continue
            self._log.turned("conductor")
            for run_id in waiting:
                if len(self._driven) < _MOST_AT_ONCE and run_id not in self._driven and self._not_before.get(run_id, 0.0) <= self._now():
                    self._driven[run_id] = asyncio.create_task(self._drive(run_id), name=f"drive {run_id}")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _drive(self, run_id: str) -> None:
        try:
            ended = await self._orchestrator.drive(run_id)
        except RunStopped as stopped:
            self._not_before[run_id] = self._now() + _STOPPED_S
            self._log.note("run.stopped", run_id, reason=str(stopped.details.get("reason", "")))
        except (RunBusy, RunFinished, RunLeaseLost, DatabaseUnavailable) as error:
            self._log.note("run.left", run_id, reason=error.code)
        else:
            self._tell(ended)
        finally:
            self._driven.pop(run_id, None)

    def _tell(self, ended: Ended) -> None:
        self._log.note(f"run.{ended.status}", ended.run_id, why="; ".join(ended.reasons))

    def _claimable(self) -> tuple[str, ...]:
        with self._database.unit_of_work() as session:
            return tuple(run.id for run in RunRepository(session).list_claimable())

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
