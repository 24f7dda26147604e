"""The runner of autonomous runs: wakes those that are due, drives their productions, shows what has come to its time. Each method is one turn."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from langchain_core.runnables import RunnableConfig

from graphs.autonomy import build_autonomy
from graphs.autonomy_nodes import AutonomyState
from graphs.checkpoint import Checkpointers
from graphs.fleet_driving import Driving
from graphs.fleet_flight import Flight
from graphs.fleet_showing import Showing
from graphs.orchestrator import Orchestrator
from graphs.recoveries import is_gone, runner_name
from graphs.restored import require_settled
from graphs.runbook import RunBook
from graphs.troubles import DATABASE_AWAY, code_of, message_of
from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import StudioError
from infra.log import get_logger
from memory.repositories.autonomous_runs import AutonomousRunRepository, Wake, WakeLost
from memory.repositories.backups import RestoreUnsettled
from memory.repositories.incidents import IncidentRepository
from memory.repositories.named_leases import NamedLeaseRepository
from memory.repositories.run_events import RunEventRepository

SCHEDULER = "scheduler"
LEASE_S = 20.0
# A wake-up in which conductor after conductor died, or that met the same trouble again and again, pauses its run for a person.
MOST_TAKEOVERS = 8
_AGAIN_S = 30.0
_THREADS = "auto_"
WOKEN = "autonomy.woken"
STUMBLED = "autonomy.stumbled"
PAUSED = "autonomy.paused"
_log = get_logger("fleet")


@dataclass(frozen=True)
class Turned:
    """What one turn did: wake-ups made, productions begun to be driven, videos shown."""

    woken: int
    driven: int
    shown: int

    @property
    def quiet(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.woken or self.driven or self.shown)


class Fleet:
    """Turns autonomous runs in this process; nothing it holds is needed to go on elsewhere."""

    def __init__(self, book: RunBook, checkpointers: Checkpointers, orchestrator: Orchestrator, clock: Clock = SYSTEM_CLOCK) -> None:
        self._book = book
        self._checkpointers = checkpointers
        self._clock = clock
        self._owner = runner_name()
        self._driving = Driving(book, orchestrator, book.settings.productions_at_once)
        self._showing = Showing(book, clock)

    async def turn(self) -> Turned:
        """Do everything that is due once; raises nothing for a database that is away: the next turn finds it again.

        A restored home rests until it was compared with the outside world.
        """
        woken = driven = shown = 0
        with suppress(*DATABASE_AWAY, RestoreUnsettled):
            await asyncio.to_thread(require_settled, self._book.database)
            woken = await self.wake_due()
            shown = await self.show_due()
            driven = await self.drive_due()
        return Turned(woken, driven, shown)

    async def wake_due(self, most: int = 20) -> int:
        """Make the wake-ups that are due, one after the other, while this process is the scheduler; returns how many."""
        made = 0
        while made < most and (wake := await asyncio.to_thread(self._claim)) is not None:
            await self._guarded(wake)
            made += 1
        return made

    async def drive_due(self) -> int:
        """Begin to drive productions that nobody drives, most urgent first, and end those that nobody wants; returns how many were begun.

        It does not wait for them: the next turns see them end.
        """
        return await self._driving.turn()

    async def show_due(self) -> int:
        """Begin to show videos of the library whose time has come; returns how many."""
        return await self._showing.turn()

    @property
    def driving(self) -> tuple[str, ...]:
        """The productions that this process drives now."""
        return self._driving.runs

    async def stop(self) -> None:
        """Leave everything as it is for whoever takes over, and release what is held."""
        await self._driving.stop()
        await self._showing.stop()

    async def sweep(self) -> int:
        """Delete checkpoints of wake-ups that are over but were killed before they were pruned; returns how many threads went."""
        threads = [thread for thread in await self._checkpointers.list_threads() if thread.startswith(_THREADS)]
        live = await asyncio.to_thread(self._live_threads)
        over = [thread for thread in threads if thread not in live]
        for thread in over:
            await self._checkpointers.prune(thread)
        return len(over)

    def _claim(self) -> Wake | None:
        """Become the scheduler, or stay it, and take the wake-up that is due longest; nothing is written while none is due."""
        with self._book.database.unit_of_work() as session:
            runs, leases = AutonomousRunRepository(session), NamedLeaseRepository(session)
            if not runs.is_due():
                return None
            holder = leases.holder(SCHEDULER)
            if leases.acquire(SCHEDULER, self._owner, LEASE_S, holder if holder and is_gone(holder) else None) is None:
                return None
            # This process makes one wake-up at a time: one that bears its name was given up by it.
            gone = [owner for owner in runs.list_owners() if owner == self._owner or is_gone(owner)]
            return runs.claim_due(self._owner, LEASE_S, gone)

    async def _guarded(self, wake: Wake) -> None:
        if wake.takeovers >= MOST_TAKEOVERS:
            await asyncio.to_thread(self._pause, wake, f"wake-up {wake.number} was taken up {wake.takeovers} times and never came to its end")
            return
        heart = asyncio.create_task(self._beat(wake), name=f"wake-up {thread_of(wake)}")
        work = asyncio.create_task(self._fly(wake), name=thread_of(wake))
        try:
            done, _ = await asyncio.wait({heart, work}, return_when=asyncio.FIRST_COMPLETED)
            if work not in done:
                work.cancel()
            await asyncio.gather(work)
        except (WakeLost, asyncio.CancelledError) as lost:
            if not heart.done() and isinstance(lost, asyncio.CancelledError):
                raise
            _log.warning(STUMBLED, run_id=wake.run_id, wake=wake.number, error="another conductor has taken over")
        except StudioError as error:
            _log.error(STUMBLED, run_id=wake.run_id, wake=wake.number, code=code_of(error), error=error.message)
            await asyncio.to_thread(self._postpone, wake, error)
        finally:
            heart.cancel()
            work.cancel()
            await asyncio.gather(heart, work, return_exceptions=True)

    async def _fly(self, wake: Wake) -> None:
        """Run the wake-up's thread from where it is, and prune it once it is over."""
        thread = thread_of(wake)
        graph = build_autonomy(self._checkpointers.for_thread(thread))
        flight = Flight(wake, self._book.settings, self._book.database, self._book.inbox, self._clock)
        config: RunnableConfig = {"configurable": {"thread_id": thread}, "recursion_limit": 20}
        snapshot = await graph.aget_state(config)
        entry = AutonomyState(run_id=wake.run_id, wake=wake.number) if not snapshot.values and not snapshot.next else None
        state = await graph.ainvoke(entry, config, context=flight, durability="sync")
        _log.info(WOKEN, run_id=wake.run_id, wake=wake.number, planned=state.get("planned"), launched=len(state.get("launched", ())), next=state.get("wake_at"))
        await self._checkpointers.prune(thread)

    async def _beat(self, wake: Wake) -> None:
        while True:
            await asyncio.sleep(LEASE_S / 3)
            with suppress(*DATABASE_AWAY):
                await asyncio.to_thread(self._renew, wake)

    def _renew(self, wake: Wake) -> None:
        with self._book.database.unit_of_work() as session:
            AutonomousRunRepository(session).renew(wake, LEASE_S)
            NamedLeaseRepository(session).acquire(SCHEDULER, self._owner, LEASE_S)

    def _postpone(self, wake: Wake, error: StudioError) -> None:
        with suppress(WakeLost), self._book.database.unit_of_work() as session:
            AutonomousRunRepository(session).postpone(wake, _AGAIN_S)
            RunEventRepository(session).append(wake.run_id, STUMBLED, {"wake": wake.number, "code": code_of(error), "message": message_of(error)[:1000]})

    def _pause(self, wake: Wake, reason: str) -> None:
        """Pause a run whose wake-up never ends, and leave it to a person; its productions go on."""
        with suppress(WakeLost), self._book.database.unit_of_work() as session:
            runs = AutonomousRunRepository(session)
            run = runs.verify(wake)
            runs.pause(wake, reason)
            runs.sleep(wake, run.ends_at, run.revision)
            RunEventRepository(session).append(wake.run_id, PAUSED, {"reason": reason})
            summary = f"autonomous run {wake.run_id} is paused: {reason}; look into <home>/logs/conductor.log, then `ytempire runs resume {wake.run_id}`"
            IncidentRepository(session).open(f"autonomy:{wake.run_id}", "autonomy", "critical", summary)
        _log.error(PAUSED, run_id=wake.run_id, reason=reason)

    def _live_threads(self) -> frozenset[str]:
        with self._book.database.unit_of_work() as session:
            return frozenset(f"{run.id}.w{run.wakes}" for run in AutonomousRunRepository(session).list_open() if run.woken_at is not None)


def thread_of(wake: Wake) -> str:
    """Return the thread of a wake-up: the run and the number of the wake-up, so that whoever takes it over goes on with it."""
    return f"{wake.run_id}.w{wake.number}"
