"""The job kernel without Redis and without threads: the product's dispatcher and reconciler, turned when something can be due."""

import asyncio

from evals.simulation.bus import LocalBus, Switchboard
from evals.simulation.database import IdleHearts
from evals.simulation.kernel_worker import Shop
from infra.clock import SYSTEM_CLOCK
from infra.database import DatabaseUnavailable
from infra.events import Event
from memory.repositories.job_dispatch import Backlog
from tools.dispatch import BEAT_S, SWEEP_S, Dispatcher, waking
from tools.dispatch_reconcile import Reconciler

# With nothing wrong a reconciler finds nothing: it then looks less often than the product's, which looks every second.
_BUSY_SWEEP_S, _IDLE_SWEEP_S, _TROUBLED_S = 10.0, 60.0, 25.0
# A dispatcher without work takes a turn this often, so that it can be seen to live.
_IDLE_TURN_S = 30.0
_AWAY_S = 0.25
ANY = frozenset({"queued", "done", "dead", "quarantined", "cancelled"})


class Troubles:
    """Whether something was struck lately that a reconciler puts right."""

    def __init__(self) -> None:
        self._until_s = 0.0
        self.note()

    def note(self) -> None:
        """Something was struck now."""
        self._until_s = SYSTEM_CLOCK.monotonic() + _TROUBLED_S

    def sweep_s(self, busy: int) -> float:
        """Return how long the next look may wait while `busy` workers have a job."""
        return SWEEP_S if SYSTEM_CLOCK.monotonic() < self._until_s else _BUSY_SWEEP_S if busy else _IDLE_SWEEP_S


class SimulatedDispatcher:
    """One life of the dispatcher."""

    def __init__(self, shop: Shop, switchboard: Switchboard, troubles: Troubles, hearts: IdleHearts) -> None:
        self._shop = shop
        self._hearts = hearts
        self._bus = LocalBus(switchboard)
        self._troubles = troubles
        self._dispatcher = Dispatcher(shop.database, shop.transport, shop.settings, shop.allowed)
        self._kinds = ANY
        self._woken = asyncio.Event()

    async def serve(self) -> None:
        """Dispatch until killed."""
        async with self._bus:
            self._bus.subscribe(self._hear)
            while True:
                try:
                    await self._serve_connected()
                except DatabaseUnavailable:
                    await asyncio.sleep(_AWAY_S)

    async def _serve_connected(self) -> None:
        """Work until the database goes away; then a new reconciler judges leases only after a while, as in the product."""
        reconciler = Reconciler(self._shop.database, self._shop.transport, self._shop.settings)
        reconcile_at = beat_at = 0.0
        while True:
            sweep_s = self._troubles.sweep_s(len(self._shop.busy))
            if SYSTEM_CLOCK.monotonic() >= reconcile_at:
                await asyncio.to_thread(reconciler.reconcile)
                reconcile_at = SYSTEM_CLOCK.monotonic() + sweep_s
            if SYSTEM_CLOCK.monotonic() >= beat_at:
                await asyncio.to_thread(self._dispatcher.beat)
                beat_at = SYSTEM_CLOCK.monotonic() + BEAT_S
            self._woken.clear()
            self._hearts.beat(list(self._shop.idle.values()))
            left = await asyncio.to_thread(self._dispatcher.dispatch)
            self._shop.log.turned("dispatcher")
            await self._wait(left, min(sweep_s, _IDLE_TURN_S, max(0.01, reconcile_at - SYSTEM_CLOCK.monotonic())))

    async def _wait(self, left: Backlog, sweep_s: float) -> None:
        # What was heard during the turn may have come too late for it.
        self._kinds, within_s = waking(left, sweep_s)
        try:
            async with asyncio.timeout(within_s):
                await self._woken.wait()
        except TimeoutError:
            pass
        finally:
            self._kinds = ANY

    def _hear(self, event: Event) -> None:
        if event.kind in self._kinds:
            self._woken.set()
