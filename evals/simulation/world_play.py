"""One simulated run from its first minute to its report: the plan of faults, the people around the studio, and the watch over it all."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from evals.simulation.bus import LocalBus
from evals.simulation.engine import Engine, Studio
from evals.simulation.faults import ENGINE_KINDS, Level, plan, quiet_s, start_of
from evals.simulation.faults_engine import play_engine_fault
from evals.simulation.invariants import Watch
from evals.simulation.log import Event
from evals.simulation.report import Meter, Report, report
from evals.simulation.world import SimulatedWorld
from graphs.request import ProductionRequest
from infra.database import Database, DatabaseUnavailable
from infra.embedded.postgres import PostgresUrls
from infra.errors import Invalid
from infra.ids import seeded
from infra.settings import Settings
from memory.media import MediaStore
from memory.personality import load_personalities

# Full checks come this often; the events that could break an invariant are checked at once.
_CHECK_S = 1800.0
_LEAD_S, _SPACING_S = 5400.0, 86_400.0
# What was begun before the end is given this long to end by itself.
_DRAIN_S, _LOOK_S = 4 * 3600.0, 60.0


@dataclass(frozen=True)
class Asked:
    """What is simulated: a seed, so many hours of so many channels, and how hostile the world is. Raises Invalid naming the field and the limit."""

    seed: int
    hours: float = 72.0
    channels: int = 15
    level: Level = "standard"

    def __post_init__(self) -> None:
        most = len(load_personalities())
        if not 1 <= self.channels <= most:
            raise Invalid(f"channels: {self.channels} is not from 1 to {most}, the number of personalities there are", field="channels")
        if not 1 <= self.hours <= 24 * 14:
            raise Invalid(f"hours: {self.hours:g} is not from 1 to 336; simulate a longer time in parts", field="hours")

    @property
    def ends_s(self) -> float:
        """Seconds from the start to the end."""
        return self.hours * 3600


class Play:
    """One simulation being played: the world outside, the plan of its faults, and who watches."""

    def __init__(self, asked: Asked, urls: PostgresUrls, home: Path, settings: Settings) -> None:
        self.asked = asked
        self._urls = urls
        self._started = time.monotonic()
        self.starts = start_of(asked.seed, asked.hours)
        self.world = SimulatedWorld(asked.seed, asked.channels, self._true_now, home)
        self.plan = plan(asked.seed, asked.level, asked.hours, self.world.channels)
        self.meter = Meter(asked.ends_s)
        self.engine = Engine(Studio(asked.seed, self.starts, urls, self.world.settings(settings), self.world.run))
        self._connection = psycopg.connect(urls.admin, autocommit=True)
        self.watch = Watch(self._connection, MediaStore(home / "media"), self.world.platform, self.engine.settings, self._true_now, asked.seed)
        self._playing: set[asyncio.Task[None]] = set()

    def _true_now(self) -> datetime:
        return self.engine.clock.true_now()

    def run(self) -> Report:
        """Play it all and return the report."""
        with self._prepared():
            return self.engine.live(self._script)

    @contextmanager
    def _prepared(self) -> Iterator[None]:
        publish = Database(self._urls.publish, pool_size=1)
        try:
            self.watch.prepare()
            self.world.connect_all(publish)
            self.world.weather.tell = self._effect
            self.engine.log.listen(self._hear)
            self.engine.log.on_turn.append(self._turned)
            with self.world.connected():
                yield
        finally:
            publish.dispose()
            self._connection.close()

    async def _script(self, engine: Engine) -> Report:
        self._begin(self.world.live(), "world")
        self._begin(self._faults(engine), "faults")
        self._begin(self._checks(), "checks")
        async with LocalBus(engine.switchboard) as bus:
            await self._productions(engine, bus)
        await asyncio.sleep(max(0.0, self.asked.ends_s - engine.clock.monotonic()))
        await self._drained(engine)
        self.world.platform.publish_due()
        self.watch.finish()
        for task in self._playing:
            task.cancel()
        return self._told(engine)

    def _told(self, engine: Engine) -> Report:
        about = {
            **{"seed": self.asked.seed, "hours": self.asked.hours, "channels": self.asked.channels, "level": self.asked.level, "starts": self.starts},
            "wall_s": round(time.monotonic() - self._started, 2),
            **{"events": engine.log.count, "log_sha256": engine.log.digest},
        }
        return report(self.watch, self.meter, self.plan, about)

    async def _faults(self, engine: Engine) -> None:
        publish = Database(self._urls.publish, pool_size=1)
        for fault in self.plan:
            await asyncio.sleep(max(0.0, fault.at_s - engine.clock.monotonic()))
            engine.log.note(f"fault.{fault.kind}", fault.target or "-", lasts_s=fault.duration_s, size=fault.size)
            self.meter.struck(fault)
            befalls = play_engine_fault(engine, fault) if fault.kind in ENGINE_KINDS else self.world.play(fault, publish)
            self._begin(befalls, f"fault {fault.kind} {fault.at_s}")

    async def _checks(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_S)
            self.watch.check()

    async def _productions(self, engine: Engine, bus: LocalBus) -> None:
        """Ask for a video of every channel a day, a while before it is to be shown."""
        book = engine.new_book(bus)
        for publish_s, channel in self._schedule():
            await asyncio.sleep(max(0.0, publish_s - _LEAD_S - engine.clock.monotonic()))
            request = ProductionRequest(channel=channel, seconds=45, seed=self.asked.seed, publish_at=self.starts + timedelta(seconds=publish_s), late="refuse")
            while True:
                with suppress(DatabaseUnavailable):
                    engine.log.note("run.asked", await book.create(request), channel=channel)
                    break
                await asyncio.sleep(1.0)

    def _schedule(self) -> list[tuple[float, str]]:
        draw, last = seeded("schedule", self.asked.seed), self.asked.ends_s - quiet_s(self.asked.hours) / 4
        found: list[tuple[float, str]] = []
        for channel in self.world.channels:
            at = _LEAD_S + draw.uniform(60, min(_SPACING_S, last - _LEAD_S))
            while at < last:
                found.append((round(at), channel))
                at += _SPACING_S + draw.uniform(-3600, 3600)
        return sorted(found)

    async def _drained(self, engine: Engine) -> None:
        """Wait until nothing is under way, or until it should have been."""
        until = engine.clock.monotonic() + _DRAIN_S
        while engine.clock.monotonic() < until and self.watch.open_work():  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(_LOOK_S)

    def _hear(self, event: Event) -> None:
        if event.kind == "process.died":
            self.meter.died(event.subject, event.at_s)
        elif event.kind == "process.started":
            self.meter.turned(event.subject, event.at_s)

    def _turned(self, part: str, at_s: float) -> None:
        self.meter.turned(part, at_s)

    def _effect(self, told: str) -> None:
        self.engine.log.note("outside", told)
        self.watch.effect(told)

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._playing.add(task)
