"""Runs production threads: a lease per run, recovery from anything that can be killed, endings recorded once."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, Interrupt, StateSnapshot

from graphs.checkpoint import Checkpointers
from graphs.context import Studio
from graphs.inbox import Waiting
from graphs.production import Production, build_production
from graphs.recoveries import given_up, is_gone, note_takeover, runner_name
from graphs.runbook import RunBook
from graphs.state import Outcome, ProductionState
from graphs.troubles import DATABASE_AWAY, code_of, may_pass, message_of
from infra.database import DatabaseUnavailable
from infra.errors import StudioError, Unavailable
from infra.log import get_logger
from infra.room import scarcity
from memory.repositories.runs import RunBusy, RunLease, RunLeaseLost

LEASE_S = 15.0
RECOVERIES = 8
RECOVERY_PAUSE_S = 1.0
_log = get_logger("orchestrator")


class RunStopped(Unavailable):
    """The run met trouble that may pass (a full disk, a server that stays away); `ytempire resume` continues it."""

    code = "run_stopped"


@dataclass(frozen=True)
class Ended:
    """How driving a run ended: with an outcome, or waiting for a person."""

    run_id: str
    status: str
    reasons: tuple[str, ...]
    waiting: Waiting | None = None
    state: ProductionState | None = None


class Orchestrator:
    """Drives runs in this process; nothing it holds is needed to continue them elsewhere."""

    def __init__(self, book: RunBook, checkpointers: Checkpointers) -> None:
        self._book = book
        self._checkpointers = checkpointers
        self._owner = runner_name()

    async def drive(self, run_id: str, wait_for_lease_s: float = 0.0) -> Ended:
        """Run a thread until it ends or waits for a person.

        Raises RunBusy while another runner holds it, RunStopped when trouble that may pass did not, RunPaused when somebody
        pauses it, and RunLeaseLost when another runner took over.
        """
        lease = await self._claim(run_id, wait_for_lease_s)
        heart = asyncio.create_task(self._beat(lease), name=f"lease {run_id}")
        work = asyncio.create_task(self._work(run_id, lease), name=f"run {run_id}")
        try:
            done, _ = await asyncio.wait({heart, work}, return_when=asyncio.FIRST_COMPLETED)
            if heart in done and not work.done() and heart.exception() is not None:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                heart.result()
            return await work
        finally:
            heart.cancel()
            work.cancel()
            await asyncio.gather(heart, work, return_exceptions=True)
            with suppress(StudioError):
                await self._book.release(lease)

    async def cut(self, run_id: str, reason: str, by: str, code: str = "run_cut") -> None:
        """End a run that nobody wants any more, with the reason; nothing is asked or published by it from then on. Raises RunBusy and RunFinished."""
        lease = await self._claim(run_id, 0.0, also_paused=True)
        snapshot = await build_production(self._checkpointers.for_thread(run_id)).aget_state({"configurable": {"thread_id": run_id}})
        await self._book.close_questions(run_id, by)
        await self._book.cancel_jobs(run_id)
        error = {"code": code, "message": reason}
        await self._finish(lease, cast(ProductionState, snapshot.values), {"status": "failed", "reasons": [reason]}, error)

    async def state(self, run_id: str) -> ProductionState:
        """Return the newest state of a run: from its row once it has ended, else from its thread."""
        outcome = await self._book.find_outcome(run_id)
        if outcome is not None:
            return cast(ProductionState, outcome.get("state", {}))
        config: RunnableConfig = {"configurable": {"thread_id": run_id}}
        snapshot = await build_production(self._checkpointers.for_thread(run_id)).aget_state(config)
        return cast(ProductionState, snapshot.values)

    async def sweep(self) -> int:
        """Delete checkpoints of runs that ended but were killed before they were pruned; returns how many threads went."""
        finished = await self._book.list_finished(await self._checkpointers.list_threads())
        for thread_id in finished:
            await self._checkpointers.prune(thread_id)
        return len(finished)

    async def _claim(self, run_id: str, patience_s: float, *, also_paused: bool = False) -> RunLease:
        waited, gone = 0.0, None
        while True:
            try:
                return await self._book.claim(run_id, self._owner, LEASE_S, gone, also_paused=also_paused)
            except RunBusy as busy:
                owner = str(busy.details["owner"])
                if gone != owner and is_gone(owner):
                    gone = owner
                    continue
                if waited >= patience_s:
                    raise
                await asyncio.sleep(0.5)
                waited += 0.5

    async def _beat(self, lease: RunLease) -> None:
        """Renew the lease; a database that is away is tried again, since only another runner's claim ends ours.

        Returns once this runner has written the ending: what is left of its work needs no lease any more.
        """
        while True:
            await asyncio.sleep(LEASE_S / 3)
            try:
                await self._book.renew(lease, LEASE_S)
            except DatabaseUnavailable:
                continue
            except RunLeaseLost:
                if await self._book.ended_by(lease):
                    return
                raise

    async def _work(self, run_id: str, lease: RunLease) -> Ended:
        graph = build_production(self._checkpointers.for_thread(run_id))
        for recovery in range(RECOVERIES + 1):
            try:
                return await self._step(graph, await self._book.studio(run_id, lease), lease)
            except DATABASE_AWAY as error:
                # Postgres does not come back on a full disk: say so now instead of waiting for it.
                if (full := scarcity(self._book.settings.home)) is not None:
                    raise RunStopped(f"{full.message}; then `ytempire resume` continues run {run_id}", run=run_id, reason=full.code) from error
                if recovery == RECOVERIES:
                    raise RunStopped(f"run {run_id}: the database stayed away ({error}); resume it when the database answers", run=run_id) from error
                _log.warning("run.recovering", run_id=run_id, recovery=recovery, error=str(error))
                await asyncio.sleep(RECOVERY_PAUSE_S * (recovery + 1))
        raise AssertionError("unreachable: the last recovery raises")

    async def _step(self, graph: Production, studio: Studio, lease: RunLease) -> Ended:
        ended = await self._book.find_outcome(studio.run_id)
        if ended is not None:  # the ending was written, and only the answer to it was lost
            return await self._ended(studio.run_id, cast(Outcome, ended), cast(ProductionState, ended["state"]))
        config: RunnableConfig = {"configurable": {"thread_id": studio.run_id}, "recursion_limit": 100}
        snapshot = await graph.aget_state(config)
        entry = await self._entry(studio, snapshot)
        if isinstance(entry, Waiting):
            return await self._wait(lease, entry)
        times = await asyncio.to_thread(note_takeover, self._book, lease, str(snapshot.config["configurable"].get("checkpoint_id", "")), snapshot.next)
        if times > studio.settings.run_recoveries:
            outcome, error = given_up(times, snapshot.next)
            _log.error("run.given_up", run_id=studio.run_id, takeovers=times, nodes=list(snapshot.next))
            return await self._finish(lease, cast(ProductionState, snapshot.values), outcome, error)
        await self._book.replay_dead_jobs(studio.run_id, snapshot.next)
        await self._book.mark_running(lease)
        try:
            await graph.ainvoke(entry, config, context=studio, durability="sync")
        except (RunLeaseLost, *DATABASE_AWAY):
            raise
        except Exception as error:
            return await self._fail(graph, studio, lease, error)
        snapshot = await graph.aget_state(config)
        state = cast(ProductionState, snapshot.values)
        if snapshot.interrupts:
            return await self._wait(lease, await self._ask(studio, snapshot.interrupts[0], state))
        return await self._finish(lease, state, state["outcome"])

    async def _entry(self, studio: Studio, snapshot: StateSnapshot) -> ProductionState | Command[Any] | Waiting | None:
        """Return what to invoke the graph with: a first input, a decision, or nothing. A waiting thread without a decision is left alone."""
        if not snapshot.values and not snapshot.next:
            return ProductionState(run_id=studio.run_id)
        if not snapshot.interrupts:
            return None
        waiting = await self._ask(studio, snapshot.interrupts[0], cast(ProductionState, snapshot.values))
        answer = await self._book.inbox.find_answer(waiting)
        return Command(resume={waiting.interrupt_id: answer}) if answer is not None else waiting

    async def _ask(self, studio: Studio, interrupt: Interrupt, state: ProductionState) -> Waiting:
        return await self._book.inbox.request(studio.run_id, interrupt.id, interrupt.value, state)

    async def _wait(self, lease: RunLease, waiting: Waiting) -> Ended:
        await self._book.mark_waiting(lease, waiting)
        return Ended(lease.run_id, "waiting", (waiting.description,), waiting=waiting)

    async def _finish(self, lease: RunLease, state: ProductionState, outcome: Outcome, error: Mapping[str, Any] | None = None) -> Ended:
        await self._book.finish(lease, state, outcome, dict(error) if error else None)
        return await self._ended(lease.run_id, outcome, state)

    async def _ended(self, run_id: str, outcome: Outcome, state: ProductionState) -> Ended:
        with suppress(*DATABASE_AWAY):  # `sweep` does it later
            await self._checkpointers.prune(run_id)
        return Ended(run_id, outcome["status"], tuple(outcome["reasons"]), state=state)

    async def _fail(self, graph: Production, studio: Studio, lease: RunLease, error: Exception) -> Ended:
        """End the run with the error, unless it may pass: then the run stays unfinished, to be resumed."""
        code, message = code_of(error), message_of(error)
        if may_pass(error):
            _log.warning("run.stopped", run_id=studio.run_id, code=code, error=message)
            with suppress(DatabaseUnavailable):  # told all the same: this only counts how often
                await self._book.note_stopped(lease, code, message)
            raise RunStopped(f"{message}; then `ytempire resume` continues run {studio.run_id}", run=studio.run_id, reason=code) from error
        if not isinstance(error, StudioError):
            _log.exception("run.failed", run_id=studio.run_id)
        snapshot = await graph.aget_state({"configurable": {"thread_id": studio.run_id}})
        reached = cast(ProductionState, snapshot.values)
        return await self._finish(lease, reached, {"status": "failed", "reasons": [message]}, {"code": code, "message": message})
