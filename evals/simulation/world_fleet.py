"""The fleet as the simulator turns it, and the operator who starts it, injects tasks and answers questions."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from evals.simulation.bus import LocalBus
from evals.simulation.engine import Engine
from graphs.autonomous_request import AutonomousRequest
from graphs.fleet import Fleet
from graphs.orchestrator import Orchestrator
from graphs.runbook import RunBook
from graphs.troubles import DATABASE_AWAY
from infra.clock import SYSTEM_CLOCK
from infra.database import Database, DatabaseUnavailable
from infra.errors import StudioError
from infra.ids import new_id, seeded
from memory.artifacts import Provenance
from memory.audit_sealing import AuditSealer
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.tasks import NewTask, TaskRepository

# With nothing under way the next turn is made when a wake-up is due, and once a minute to show that it can be.
_TURN_S, _QUIET_S, _AWAY_S = 10.0, 50.0, 0.5
_ASK_S, _TASKS_A_DAY = 600.0, 2.0
# Of what is asked, a person accepts most, turns some down and leaves some lying.
_ACCEPTS, _REFUSES = 0.8, 0.1
_SUBJECTS = ("a lighthouse", "an old bridge", "a night market", "a mountain railway", "a seed bank", "a weather station", "a river ferry")


class FleetConductor:
    """One life of the conductor: it turns the product's fleet, often while something is under way and seldom otherwise."""

    def __init__(self, engine: Engine, bus: LocalBus) -> None:
        book = engine.new_book(bus)
        self._engine = engine
        self._fleet = Fleet(book, engine.savers, Orchestrator(book, engine.savers))
        self._sealer = AuditSealer(engine.database)

    async def serve(self) -> None:
        """Turn until killed."""
        while True:
            try:
                woken = await self._fleet.wake_due()
                shown = await self._fleet.show_due()
                driven = await self._fleet.drive_due()
                await asyncio.to_thread(self._sealer.turn)
            except DATABASE_AWAY:
                await asyncio.sleep(_AWAY_S)
                continue
            self._engine.log.turned("conductor")
            busy = woken or shown or driven or self._fleet.driving
            await asyncio.sleep(_TURN_S if busy else await self._quiet_s())

    async def _quiet_s(self) -> float:
        """Return how long nothing will be due."""

        def read() -> datetime | None:
            with self._engine.database.unit_of_work() as session:
                return AutonomousRunRepository(session).next_wake()

        try:
            due = await asyncio.to_thread(read)
        except DATABASE_AWAY:
            return _AWAY_S
        return min(_QUIET_S, max(_AWAY_S, (due - SYSTEM_CLOCK.now()).total_seconds())) if due else _QUIET_S


class Operator:
    """The person who runs the studio: starts the fleet, wishes for a video now and then, and answers most questions."""

    def __init__(self, engine: Engine, channels: tuple[str, ...], book: RunBook) -> None:
        self._engine = engine
        self._channels = channels
        self._book = book
        self._draw = seeded("operator", engine.studio.seed)

    async def start(self, database: Database, hours: float) -> str:
        """Start an autonomous run over every channel and return its id."""
        request = AutonomousRequest(
            channels=self._channels,
            hours=hours,
            budget_usd=2.0 * len(self._channels) * max(1.0, hours / 24),
            videos=max(1, round(hours / 24)),
            seconds=45,
            autonomy="autonomous",
            seed=self._engine.studio.seed,
        )
        now = self._engine.clock.now()
        run = AutonomousRunRecord(
            id=new_id("auto"),
            tenant_id=LOCAL_TENANT,
            key="simulated",
            request=request.model_dump(mode="json"),
            provenance=Provenance.SIMULATED.value,
            budget_microusd=round(request.budget_usd * 1e6),
            starts_at=now,
            ends_at=now + timedelta(hours=hours),
            wake_at=now,
        )

        def write() -> str:
            with database.unit_of_work() as session:
                return AutonomousRunRepository(session).create(run).id

        return await asyncio.to_thread(write)

    async def live(self, database: Database) -> None:
        """Answer what is asked, and wish for a video now and then, for ever."""
        while True:
            await asyncio.sleep(self._draw.uniform(0.5, 1.5) * _ASK_S)
            with suppress(DatabaseUnavailable):
                await self._answer(database)
                if self._draw.random() < _TASKS_A_DAY * _ASK_S / 86_400:
                    await asyncio.to_thread(self._wish, database)

    async def _answer(self, database: Database) -> None:
        for approval_id in await asyncio.to_thread(self._pending, database):
            chance = seeded("answer", self._engine.studio.seed, approval_id).random()
            if chance > _ACCEPTS + _REFUSES:
                continue
            answer = {"type": "accept"} if chance < _ACCEPTS else {"type": "ignore"}
            with suppress(StudioError):
                await self._book.inbox.answer(approval_id, answer)
                self._engine.log.note("operator.answered", approval_id, answer=answer["type"])

    def _pending(self, database: Database) -> list[str]:
        with database.unit_of_work() as session:
            return [one.id for one in ApprovalRepository(session).list_().items]

    def _wish(self, database: Database) -> None:
        subject, channel = self._draw.choice(_SUBJECTS), self._draw.choice(self._channels)
        priority = self._draw.choice((1, 5, 10))
        with database.unit_of_work() as session:
            task = TaskRepository(session).add(NewTask("topic", {"topic": f"The story of {subject}"}, "operator", channel, priority))
            for run in AutonomousRunRepository(session).list_open():
                AutonomousRunRepository(session).hasten(run.id)
        self._engine.log.note("operator.wished", task.id, channel=channel, priority=priority)
