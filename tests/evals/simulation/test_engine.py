"""The engine: a production to its end in virtual time, the same again for the same seed, whatever is killed on the way."""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evals.simulation.bus import LocalBus
from evals.simulation.engine import CREW, Engine, Studio
from graphs import nodes
from graphs.request import ProductionRequest
from graphs.runbook import RunBook
from infra.database import DatabaseUnavailable
from infra.embedded.postgres import PostgresUrls
from infra.ids import seeded
from infra.log import configure_logging
from infra.settings import Settings
from memory.media import MediaStore
from tests.fixtures.production import Cast, Players, ScriptedCaller
from tools.base import Args, Result, ToolContext, ToolSpec
from tools.call import RunScope

START = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Ran:
    """What became of one attempt."""

    duration_s: float
    result: Result | None = None
    error: Exception | None = None
    killed: bool = False
    at_share: float = 1.0


@dataclass
class Stage:
    """An engine whose agents and tools say what the test scripts."""

    engine: Engine
    ran: Counter[str]


@pytest.fixture
def stage(new_simulated: Callable[[], PostgresUrls], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Stage]:
    configure_logging("ERROR")

    def make(seed: int) -> Stage:
        settings = Settings(_env_file=None, home=tmp_path / f"home-{os.urandom(4).hex()}", network="off")
        store = MediaStore(settings.media_root)
        players, ran = Players(), Counter[str]()
        caller = ScriptedCaller(store, players)
        for name, module in Cast(store, players).modules().items():
            monkeypatch.setattr(nodes, name, module)

        def run(spec: ToolSpec[Any, Any], args: Args, context: ToolContext) -> Ran:
            ran[context.job_id] += 1
            result = spec.result.model_validate(caller._answer(spec.name, args, RunScope(context.run_id or "")))
            return Ran(seeded("took", context.job_id, context.attempt).uniform(0.5, 20.0), result)

        return Stage(Engine(Studio(seed, START, new_simulated(), settings, run)), ran)

    return make


async def produce(engine: Engine, count: int) -> list[str]:
    """Ask for productions and wait until all have ended; return how."""
    async with LocalBus(engine.switchboard) as bus:
        book = engine.new_book(bus)
        ids = [await book.create(ProductionRequest(channel="field-notes", seconds=12, seed=number)) for number in range(count)]
        return [await ended(book, run_id) for run_id in ids]


async def ended(book: RunBook, run_id: str) -> str:
    while True:
        with suppress(DatabaseUnavailable):
            outcome = await book.find_outcome(run_id)
            if outcome is not None:
                return str(outcome["status"])
        await asyncio.sleep(10)


def test_a_production_is_published_in_virtual_time(stage: Callable[[int], Stage]) -> None:
    played = stage(1)
    assert played.engine.live(lambda engine: produce(engine, 1)) == ["published"]
    assert played.engine.clock.true_now() - START > timedelta(seconds=30)
    assert set(played.ran.values()) == {1}
    assert played.engine.machine.crashes == []


def test_the_same_seed_leaves_the_same_log_and_another_seed_another(stage: Callable[[int], Stage]) -> None:
    def played(seed: int) -> str:
        engine = stage(seed).engine
        assert engine.live(lambda one: produce(one, 3)) == ["published"] * 3
        return engine.log.digest

    assert played(1) == played(1) != played(2)


def test_nothing_real_is_waited_for(stage: Callable[[int], Stage]) -> None:
    engine = stage(3).engine
    lines = hashlib.sha256()
    engine.log.listen(lambda event: lines.update(f"{event.line()}\n".encode()))
    engine.live(lambda one: produce(one, 1))
    assert lines.hexdigest() == engine.log.digest
    assert engine.log.count > 30


async def struck(engine: Engine, names: tuple[str, ...], every_s: float) -> None:
    """Kill one of the programs again and again, each time at a drawn step of it."""
    draw = seeded("struck", engine.studio.seed)
    while True:
        await asyncio.sleep(draw.uniform(0.5, 1.5) * every_s)
        engine.machine.strike(draw.choice(names), draw.randrange(30))


async def produce_struck(engine: Engine, count: int, names: tuple[str, ...], every_s: float) -> list[str]:
    striking = asyncio.create_task(struck(engine, names, every_s))
    try:
        return await produce(engine, count)
    finally:
        striking.cancel()


EVERYBODY = ("dispatcher", "conductor", *(f"worker-{queue}-{number}" for queue, count in CREW.items() for number in range(1, count + 1)))


@pytest.mark.parametrize("names", [("dispatcher",), ("conductor",), ("worker-cpu-1", "worker-cpu-2", "worker-cpu-3", "worker-cpu-4"), EVERYBODY])
def test_productions_survive_kills_at_any_await_and_replay_exactly(stage: Callable[[int], Stage], names: tuple[str, ...]) -> None:
    def played() -> tuple[list[str], str, int]:
        engine = stage(11).engine
        kills: list[str] = []
        engine.log.listen(lambda event: kills.append(event.subject) if event.kind == "process.died" else None)
        ended = engine.live(lambda one: produce_struck(one, 2, names, 20.0))
        assert engine.machine.crashes == []
        return ended, engine.log.digest, len(kills)

    first = played()
    assert first[0] == ["published", "published"]
    assert first[2] >= 2
    assert played() == first


def test_a_database_that_is_away_for_a_while_loses_nothing(stage: Callable[[int], Stage]) -> None:
    async def away(engine: Engine) -> list[str]:
        for _ in range(3):
            await asyncio.sleep(20)
            engine.outlet.away = engine.switchboard.away = True
            await asyncio.sleep(5)
            engine.outlet.away = False
            engine.switchboard.return_from_outage()
        return []

    async def play(engine: Engine) -> list[str]:
        outages = asyncio.create_task(away(engine))
        ended = await produce(engine, 2)
        await outages
        return ended

    played = stage(5)
    assert played.engine.live(play) == ["published", "published"]
    assert played.engine.machine.crashes == []


def test_queues_that_forget_everything_are_filled_again(stage: Callable[[int], Stage]) -> None:
    async def play(engine: Engine) -> list[str]:
        async def sweep() -> None:
            for _ in range(6):
                await asyncio.sleep(15)
                engine.transport.away = True
                engine.transport.flush()
                await asyncio.sleep(8)
                engine.transport.away = False
                engine.troubles.note()

        sweeping = asyncio.create_task(sweep())
        ended = await produce(engine, 3)
        await sweeping
        return ended

    assert stage(6).engine.live(play) == ["published"] * 3
