"""One turn of the watchdog: read, judge, heal, record, and give the sign of life to the outside if all checks could be made."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from graphs.watchdog import judge_machine, judge_processes, judge_servers, judge_work
from graphs.watchdog.alarms import Alarms
from graphs.watchdog.findings import ActKind, Judgement, Limits, Vitals, Work
from graphs.watchdog.heal import Done, Healer
from graphs.watchdog.read import Senses, read_database
from infra.deadman import DeadManSignal
from infra.embedded.redis import Persistence
from infra.errors import Invalid, StudioError, Unavailable
from infra.log import get_logger
from infra.machine import MachineReading
from infra.settings import Settings
from memory.vitals import DatabaseState

READ_WITHIN_S = 20.0
# What is done to somebody for how long nothing was heard of them.
_BY_AGE: frozenset[ActKind] = frozenset({"restart", "kill_worker", "expire_approval"})
CHECKS_MISSED = "checks.missed"
_REMEMBERED = 20
_MB = 1_000_000
_log = get_logger("watchdog")


def limits_of(settings: Settings) -> Limits:
    """Return the limits as the settings have them; raises Invalid when the marks of the disk stand the wrong way round."""
    if settings.disk_low_water_mb > settings.disk_high_water_mb:
        marks = f"{settings.disk_low_water_mb} lies above YTEMPIRE_DISK_HIGH_WATER_MB={settings.disk_high_water_mb}"
        raise Invalid(f"YTEMPIRE_DISK_LOW_WATER_MB: {marks}; rendering stops below it, so it must be the lower of the two")
    return Limits(
        run_stuck_s=settings.run_stuck_s,
        stalled_s=settings.run_stuck_s,
        approval_s=settings.approval_expires_h * 3600,
        high_water_bytes=settings.disk_high_water_mb * _MB,
        low_water_bytes=settings.disk_low_water_mb * _MB,
    )


def judge(vitals: Vitals, limits: Limits) -> tuple[Judgement, ...]:
    """Return what every check says that can be made of these readings; always the same of the same."""
    machine, state, work = vitals.machine, vitals.database, vitals.work
    found = [judge_servers.judge_database(vitals, limits), judge_servers.judge_redis(vitals.redis, vitals, limits)]
    found.append(judge_machine.judge_clock(vitals, state.now if state is not None else None, limits))
    if machine is not None:
        found += [
            judge_processes.judge_units(machine, limits),
            judge_machine.judge_memory(machine, limits),
            judge_machine.judge_disk(machine, work.braked if work is not None else frozenset(), limits),
        ]
    if state is not None:
        found.append(judge_servers.judge_transactions(state, limits))
    if work is not None:
        found += _judge_work(vitals, work, limits)
    return tuple(sorted(found, key=lambda one: one.name))


def _judge_work(vitals: Vitals, work: Work, limits: Limits) -> list[Judgement]:
    return [
        judge_work.judge_runs(work, limits),
        judge_work.judge_wakes(work, limits),
        judge_work.judge_approvals(work, limits),
        judge_work.judge_queues(work, limits, vitals.waiting_before),
        judge_work.judge_dead_letters(work, limits),
        judge_work.judge_checks(work, limits),
        judge_work.judge_messages(work, limits),
        judge_work.judge_backup(work, limits),
        judge_processes.judge_heartbeats(vitals, work, limits),
        judge_processes.judge_workers(vitals, work, limits),
    ]


@dataclass(frozen=True)
class Turn:
    """What one turn found and did, and whether it could vouch for the studio to the outside."""

    judgements: tuple[Judgement, ...]
    done: tuple[Done, ...]
    vouched: bool

    @property
    def worst(self) -> str:
        """The gravest status of all."""
        return next((status for status in ("critical", "warning", "unknown") if any(one.status == status for one in self.judgements)), "ok")


class Watchdog:
    """Trusts no other process: it holds nothing that a restart loses, and what it cannot read it does not vouch for."""

    def __init__(self, senses: Senses, scratch: Path, limits: Limits, signal: DeadManSignal | None = None, every_s: float = 15.0) -> None:
        self._senses = senses
        self._limits = limits
        self._signal = signal
        self._every_s = every_s
        self._healer = Healer(senses, scratch, limits)
        self._alarms = Alarms(senses.database, senses.clock)
        self._born = senses.clock.monotonic()
        # Each clock as it was last read, beside the monotonic one.
        self._before: dict[str, tuple[datetime, float]] = {}
        self._waiting: dict[str, deque[int]] = {}
        self._reading: asyncio.Future[tuple[DatabaseState, Work]] | None = None

    async def turn(self) -> Turn:
        """Do one turn; it raises nothing that a studio in trouble can cause."""
        vitals = await self._read()
        found = judge(vitals, self._limits)
        # By a clock that was just set forward, everybody has been silent for as long: who lives has said so by the next turn.
        steady = abs(vitals.database_jump_s) <= self._limits.clock_jump_s
        acts = tuple(act for one in found for act in one.acts if steady or act.kind not in _BY_AGE)
        done = await asyncio.to_thread(self._healer.perform, acts, vitals) if acts else ()
        recorded = vitals.work is not None and await self._record(found, done)
        vouched = recorded and vitals.machine is not None and not any(one.name == "messages" and one.status == "critical" for one in found)
        turn = Turn(found, done, vouched)
        if vouched and self._signal is not None:
            summary = {"worst": turn.worst, "checks": {one.name: one.status for one in found}}
            await asyncio.to_thread(self._signal.send, summary)
        return turn

    async def _record(self, found: tuple[Judgement, ...], done: tuple[Done, ...]) -> bool:
        try:
            await asyncio.to_thread(self._alarms.record, found, done, 2 * self._every_s + READ_WITHIN_S)
        except StudioError as error:
            _log.warning(CHECKS_MISSED, part="record", error=error.message)
            return False
        return True

    async def _read(self) -> Vitals:
        missed: dict[str, str] = {}
        machine = await self._read_machine(missed)
        jump_s = self._jump("wall", self._senses.clock.now())
        redis = await self._read_redis(missed)
        state, work = await self._read_database(missed)
        for part, why in missed.items():
            _log.warning(CHECKS_MISSED, part=part, error=why)
        now, up_s = self._senses.clock.now(), self._senses.clock.monotonic() - self._born
        database_jump_s = self._jump("database", state.now) if state is not None else 0.0
        return Vitals(now, jump_s, machine, state, redis, work, self._senses.host, up_s, database_jump_s, self._remember(work), missed)

    async def _read_machine(self, missed: dict[str, str]) -> MachineReading | None:
        try:
            return await asyncio.to_thread(self._senses.machine.read)
        except OSError as error:
            missed["machine"] = str(error)
            return None

    async def _read_redis(self, missed: dict[str, str]) -> Persistence | None:
        try:
            return await asyncio.to_thread(self._senses.persistence)
        except Unavailable as error:
            missed["redis"] = error.message
            return None

    async def _read_database(self, missed: dict[str, str]) -> tuple[DatabaseState | None, Work | None]:
        """Read with a limit on the time: a server that was stopped answers nothing, and the turn must go on without it."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(asyncio.to_thread(read_database, self._senses))
        ready, _ = await asyncio.wait({self._reading}, timeout=READ_WITHIN_S)
        if not ready:
            missed["database"] = f"no answer within {READ_WITHIN_S:.0f} s"
            return None, None
        reading, self._reading = self._reading, None
        try:
            return reading.result()
        except StudioError as error:
            missed["database"] = error.message
            return None, None

    def _jump(self, clock: str, shows: datetime) -> float:
        """Return by how much a clock moved against the monotonic one since it was read last."""
        monotonic = self._senses.clock.monotonic()
        before = self._before.get(clock, (shows, monotonic))
        self._before[clock] = (shows, monotonic)
        return (shows - before[0]).total_seconds() - (monotonic - before[1])

    def _remember(self, work: Work | None) -> dict[str, tuple[int, ...]]:
        """Return what waited in each queue at the turns before, and keep what waits now."""
        before = {queue: tuple(counts) for queue, counts in self._waiting.items()}
        for queue in work.queues if work is not None else ():
            self._waiting.setdefault(queue.queue, deque(maxlen=_REMEMBERED)).append(queue.waiting)
        return before
