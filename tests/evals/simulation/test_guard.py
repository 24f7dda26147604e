"""The simulated watchdog: the product's turns see the simulated machine, brake, heal, and give the sign of life that an outside monitor waits for."""

import asyncio
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evals.simulation.actors import HOST
from evals.simulation.engine import Engine, Studio
from evals.simulation.guard import PATIENCE_S, TURN_S, Receiver, SimulatedSenses, guard
from evals.simulation.world_state import Weather
from graphs.watchdog.findings import Limits
from graphs.watchdog.read import Senses
from graphs.watchdog.watchdog import Watchdog
from infra.embedded.postgres import PostgresUrls
from infra.errors import Unavailable
from infra.log import configure_logging
from infra.settings import Settings
from memory.repositories.brakes import BrakeRepository
from memory.repositories.findings import FindingRepository
from tests.fixtures.vitals import REDIS
from tools.base import Args, ToolContext, ToolSpec

START = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


class House:
    """A studio that stands idle under its watchdog."""

    def __init__(self, urls: PostgresUrls, home: Path) -> None:
        configure_logging("CRITICAL")
        self.weather, self.receiver = Weather(1), Receiver(home / "run" / "watchdog.signal")
        settings = Settings(_env_file=None, home=home, network="off")
        program = lambda engine, _bus: guard(engine, self.weather, self.receiver)  # noqa: E731
        self.engine = Engine(Studio(1, START, urls, settings, _never, programs={"watchdog": program}))

    def brakes(self) -> set[str]:
        with self.engine.database.unit_of_work() as session:
            return {one.scope for one in BrakeRepository(session).list_()}

    def finding(self, name: str) -> str:
        with self.engine.database.unit_of_work() as session:
            return next(one.status for one in FindingRepository(session).list_() if one.name == name)

    def acts(self) -> list[str]:
        return self.told

    def live(self, script: Callable[[Engine], Any]) -> None:
        self.told: list[str] = []
        self.engine.log.listen(lambda event: self.told.append(event.kind) if event.kind.startswith("watchdog.") else None)
        self.engine.live(script)


def _never(spec: ToolSpec[Any, Any], args: Args, context: ToolContext) -> Any:
    raise AssertionError("no job runs here")


@pytest.fixture
def house(new_simulated: Callable[[], PostgresUrls], tmp_path: Path) -> House:
    return House(new_simulated(), tmp_path / f"home-{os.urandom(4).hex()}")


def test_a_quiet_studio_is_vouched_for_at_every_turn(house: House) -> None:
    async def script(_: Engine) -> None:
        await asyncio.sleep(6 * TURN_S)

    house.live(script)
    assert (house.receiver.signs, house.receiver.silences, house.acts()) == (6, [], [])
    assert json.loads(house.receiver.file.read_text())["worst"] == "ok"


def test_a_full_disk_brakes_work_until_there_is_room_again(house: House) -> None:
    seen: list[set[str]] = []

    async def script(_: Engine) -> None:
        house.weather.full = True
        await asyncio.sleep(TURN_S)
        seen.append(house.brakes())
        house.weather.full = False
        await asyncio.sleep(TURN_S)
        seen.append(house.brakes())

    house.live(script)
    assert seen == [{"launches", "tool:render_video"}, set()]
    assert {"watchdog.brake", "watchdog.release"} <= set(house.acts())


def test_servers_that_are_away_are_seen_and_the_sign_stays_away_with_the_database(house: House) -> None:
    async def script(engine: Engine) -> None:
        engine.transport.away = True
        await asyncio.sleep(TURN_S)
        assert house.finding("redis") == "critical"
        engine.transport.away = False
        engine.outlet.away = engine.switchboard.away = True
        await asyncio.sleep(PATIENCE_S + TURN_S)
        engine.outlet.away = False
        engine.switchboard.return_from_outage()
        await asyncio.sleep(TURN_S)

    house.live(script)
    assert len(house.receiver.silences) == 1
    since, until = house.receiver.silences[0]
    assert PATIENCE_S < until - since < PATIENCE_S + 3 * TURN_S


def test_a_process_that_crashes_again_and_again_is_told_and_one_is_ended_on_request(house: House) -> None:
    async def script(engine: Engine) -> None:
        senses = SimulatedSenses(engine.machine, house.weather, engine.clock.monotonic)
        for _ in range(6):
            while (process := engine.machine.find("watcher")) is None:  # noqa: ASYNC110 - virtual time
                await asyncio.sleep(1)
            assert senses.restart(process.pid) == "watcher"
        unit = next(one for one in senses.read().units if one.name == "watcher")
        assert (unit.pid, unit.launches, len(unit.ends)) == (None, 6, 6)
        await asyncio.sleep(TURN_S)
        assert house.finding("processes") == "critical"
        assert process is not None
        with pytest.raises(Unavailable):
            senses.restart(process.pid)

    house.live(script)


def test_a_clock_that_is_set_forward_makes_nobody_dead(house: House) -> None:
    async def script(engine: Engine) -> None:
        await asyncio.sleep(TURN_S / 2)
        senses = Senses(engine.database, SimulatedSenses(engine.machine, house.weather, engine.clock.monotonic), lambda: REDIS, HOST)
        dog = Watchdog(senses, engine.settings.scratch_root, Limits())
        await dog.turn()
        engine.clock.database_offset_s += 3600
        turn = await dog.turn()
        assert {act.kind for one in turn.judgements for act in one.acts} == {"kill_worker"}
        assert turn.done == ()
        # Nobody says that they live: by the next turn that is no matter of clocks.
        assert {one.act.kind for one in (await dog.turn()).done} == {"kill_worker"}

    house.live(script)


def test_a_receiver_counts_only_silences_that_outlast_its_patience(tmp_path: Path) -> None:
    receiver = Receiver(tmp_path / "signal")
    for at_s in (0.0, PATIENCE_S, 3 * PATIENCE_S):
        receiver.file.write_text(json.dumps({"at": str(at_s)}))
        receiver.listen(at_s)
        receiver.listen(at_s + 1)
    receiver.close(3.5 * PATIENCE_S)
    assert (receiver.signs, receiver.silences) == (3, [(PATIENCE_S, 3 * PATIENCE_S)])
