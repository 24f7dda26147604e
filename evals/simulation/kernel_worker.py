"""A simulated worker: it claims, renews and settles with the product's own code; only the tool's time is modelled."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from evals.simulation.actors import Machine, SimulatedProcess
from evals.simulation.log import EventLog
from evals.simulation.outages import away
from evals.simulation.transport import MemoryTransport
from infra.clock import SYSTEM_CLOCK
from infra.database import Database, DatabaseUnavailable
from infra.ids import seeded
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.media import MediaStore
from memory.repositories.job_leases import Lease
from memory.repositories.workers import WorkerRepository
from tools.allowlist import AllowList
from tools.base import Args, Result, ToolContext, ToolSpec
from tools.registry import Registry
from tools.worker_faults import JobTimedOut
from tools.worker_lease import Heart, HeldLease
from tools.worker_process import this_worker
from tools.worker_settlement import Settlement

T = TypeVar("T")
_AGAIN_S = 0.5
# From the claim to the tool's first act.
_MOST_SETUP_S = 0.2


class Ran(Protocol):
    """What became of one attempt: its result, its error or the death of its worker after `at_share` of the seconds that it took."""

    @property
    def duration_s(self) -> float: ...

    @property
    def result(self) -> Result | None: ...

    @property
    def error(self) -> Exception | None: ...

    @property
    def killed(self) -> bool: ...

    @property
    def at_share(self) -> float: ...


Run = Callable[[ToolSpec[Any, Any], Args, ToolContext], Ran]


@dataclass(frozen=True)
class Shop:
    """What every simulated worker works with."""

    machine: Machine
    transport: MemoryTransport
    database: Database
    settings: Settings
    registry: Registry
    allowed: AllowList
    run: Run
    log: EventLog
    # The ids of the living workers and of the jobs that they have, by the name of their process.
    idle: dict[str, str] = field(default_factory=dict)
    busy: dict[str, str] = field(default_factory=dict)

    def forget(self, process: SimulatedProcess) -> None:
        """Note that a process died, with whatever it had."""
        self.idle.pop(process.name, None)
        self.busy.pop(process.name, None)


class SimulatedWorker:
    """One life of a worker of one queue."""

    def __init__(self, shop: Shop, name: str, queue: str) -> None:
        self._shop = shop
        self._name = name
        self._queue = queue
        self._me = this_worker(queue)
        self._settlement = Settlement(shop.database, self._me.id, shop.settings)
        self._heart = Heart(shop.database, self._me.id, shop.settings.job_lease_s)
        self._store = MediaStore(shop.settings.media_root)

    async def work(self) -> None:
        """Serve the queue until killed."""
        await self._patiently(self._register)
        while True:
            # An idle worker's beats are written with all the others' by `IdleHearts`.
            self._shop.idle[self._name] = self._me.id
            job_id = await self._shop.transport.pop(self._queue)
            self._shop.idle.pop(self._name, None)
            beating = asyncio.create_task(self._beat())
            await self._attend(job_id)
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._shop.settings.job_lease_s / 3)
            try:
                await asyncio.to_thread(self._heart.beat)
            except DatabaseUnavailable:
                continue

    async def _attend(self, job_id: str) -> None:
        lease = await self._patiently(lambda: self._settlement.claim(job_id))
        if lease is None:
            return
        self._shop.busy[self._name] = lease.id
        self._shop.log.note("job.claimed", lease.id, tool=lease.tool, attempt=lease.attempt, token=lease.token, worker=self._name)
        held = HeldLease(self._shop.database, self._me.id, lease, self._shop.settings.job_lease_s)
        self._heart.hold(held, lease.timeout_s + self._shop.settings.job_hard_grace_s)
        began_s = SYSTEM_CLOCK.monotonic()
        # The task keeps whatever the tool raised, as the worker's own edge does.
        attempt = asyncio.create_task(self._attempt(lease, held))
        await asyncio.wait({attempt})
        error = attempt.exception()
        self._shop.log.attempted(lease.tool, lease.id, began_s, away(error))
        if isinstance(error, Exception):
            await self._patiently(lambda: self._settlement.bury_or_retry(lease, error))
        else:
            await self._patiently(lambda: self._settlement.keep(lease, attempt.result()))
        self._heart.let_go()
        self._shop.busy.pop(self._name, None)

    async def _attempt(self, lease: Lease, held: HeldLease) -> dict[str, Any]:
        spec = self._shop.registry.get(lease.tool)
        args = spec.args.model_validate(lease.args)
        await asyncio.sleep(seeded("setup", lease.id, lease.attempt).uniform(0.0, _MOST_SETUP_S))
        ran = self._shop.run(spec, args, self._context(held))
        await asyncio.sleep(min(ran.duration_s * ran.at_share, lease.timeout_s))
        if ran.killed:
            self._shop.machine.kill_current()
            await asyncio.sleep(0)
        if ran.duration_s * ran.at_share > lease.timeout_s:
            raise JobTimedOut(f"{lease.tool} ran longer than its limit of {lease.timeout_s:g} s", tool=lease.tool, limit_s=lease.timeout_s)
        if ran.error is not None:
            raise ran.error
        assert ran.result is not None
        values: dict[str, Any] = ran.result.model_dump(mode="json")
        return values

    def _context(self, held: HeldLease) -> ToolContext:
        lease = held.lease
        scratch = self._shop.settings.scratch_root / f"{lease.id}-{lease.token}"
        scratch.mkdir(parents=True, exist_ok=True)
        return ToolContext(
            settings=self._shop.settings,
            store=self._store,
            scratch=scratch,
            job_id=lease.id,
            run_id=lease.run_id,
            channel_id=lease.channel_id,
            provenance=Provenance(lease.provenance),
            seed=lease.seed,
            attempt=lease.attempt,
            clock=SYSTEM_CLOCK,
            ensure_live=held.ensure_live,
        )

    def _register(self) -> None:
        with self._shop.database.unit_of_work() as session:
            WorkerRepository(session).register(self._me)

    async def _patiently(self, work: Callable[[], T]) -> T:
        """Do one step; a database that is away is waited for, as the worker process does."""
        while True:
            try:
                return await asyncio.to_thread(work)
            except DatabaseUnavailable:
                await asyncio.sleep(_AGAIN_S)
