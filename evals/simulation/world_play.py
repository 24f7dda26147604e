"""One simulated run from its first minute to its report: the plan of faults, the people around the studio, and the watch over it all."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from evals.simulation import models_text
from evals.simulation.bus import LocalBus
from evals.simulation.engine import Engine, Studio
from evals.simulation.faults import ENGINE_KINDS, Level, plan, start_of
from evals.simulation.faults_engine import play_engine_fault
from evals.simulation.guard import Receiver, guard
from evals.simulation.invariants import Watch
from evals.simulation.log import Event
from evals.simulation.report import Meter, Report, played_code, report
from evals.simulation.signs import SignBook
from evals.simulation.world import SimulatedWorld
from evals.simulation.world_fleet import FleetConductor, Operator
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import Invalid
from infra.runfiles import signal_file
from infra.settings import Settings
from memory.media import MediaStore
from memory.personality import load_personalities

# Full checks come this often; every statement and every effect outside is checked at once.
_CHECK_S = 1800.0
# The studio's own log of its runs is read this often into the simulation's.
_NEWS_S = 300.0
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
        models_text.forget()
        played_code()  # as it is now, also if somebody changes it meanwhile
        self.asked = asked
        self._urls = urls
        self._started = time.monotonic()
        self.starts = start_of(asked.seed, asked.hours)
        self.world = SimulatedWorld(asked.seed, asked.channels, self._true_now, home)
        self.plan = plan(asked.seed, asked.level, asked.hours, self.world.channels)
        self.meter = Meter(asked.ends_s)
        self.receiver = Receiver(signal_file(home))
        conduct = lambda engine, bus: FleetConductor(engine, bus).serve()  # noqa: E731
        watchdog = lambda engine, _bus: guard(engine, self.world.weather, self.receiver)  # noqa: E731
        studio = Studio(asked.seed, self.starts, urls, self.world.settings(settings), self.world.run, conduct=conduct, programs={"watchdog": watchdog})
        self.engine = Engine(studio)
        self._connection = psycopg.connect(urls.admin, autocommit=True)
        self.watch = Watch(self._connection, MediaStore(home / "media"), self.world.platform, self.engine.settings, self._true_now, asked.seed)
        self.signs = SignBook(self._connection, self.engine.clock.monotonic)
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
            self.world.connect_all(publish, tight=self.asked.level == "hostile")
            self.world.weather.tell, self.world.weather.on_corrected = self._effect, self.signs.show
            self.world.give = lambda sign, shown: self.signs.give(sign, shown=shown)
            self.signs.tell = lambda what, sign: self.engine.log.note(f"sign.{what}", sign.run or sign.channel, fault=sign.fault)
            self.watch.tell = lambda broken: self.engine.log.note("invariant.broken", broken.name, what=broken.what)
            self.engine.log.listen(self._hear)
            self.engine.log.on_turn.append(self._turned)
            self.engine.log.on_attempt.append(self.meter.attempted)
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
            operator = Operator(engine, self.world.channels, engine.new_book(bus))
            engine.log.note("autonomy.started", await operator.start(engine.database, self.asked.hours))
            self._begin(operator.live(engine.database), "operator")
            await asyncio.sleep(self.asked.ends_s - engine.clock.monotonic())
        await self._drained(engine)
        self.world.platform.publish_due()
        self._tell_news()
        self.watch.finish()
        self.receiver.close(engine.clock.monotonic())
        for task in self._playing:
            task.cancel()
        return self._told(engine)

    def _told(self, engine: Engine) -> Report:
        about = {
            **{"seed": self.asked.seed, "hours": self.asked.hours, "channels": self.asked.channels, "level": self.asked.level, "starts": self.starts},
            "wall_s": round(time.monotonic() - self._started, 2),
            **{"events": engine.log.count, "log_sha256": engine.log.digest},
        }
        about |= {"signs_of_life": self.receiver.signs, "silences": tuple(self.receiver.silences), "signs": self.signs.found}
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
        next_s = _CHECK_S
        while True:
            await asyncio.sleep(_NEWS_S)
            self._tell_news()
            self.watch.hear()
            if self.engine.clock.monotonic() >= next_s:
                self.watch.check()
                next_s += _CHECK_S

    def _tell_news(self) -> None:
        for run, kind, why in self.watch.news():
            self.engine.log.note(kind, run, why=why[:300])

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
        self.signs.turned(part, at_s)

    def _effect(self, told: str) -> None:
        self.engine.log.note("outside", told)
        self.watch.effect(told)

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._playing.add(task)
