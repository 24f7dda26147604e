"""The engine: a production to its end in virtual time, the same again for the same seed, whatever is killed on the way."""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evals.simulation.bus import LocalBus
from evals.simulation.engine import Engine, Studio
from graphs import nodes
from graphs.request import ProductionRequest
from graphs.runbook import RunBook
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
    while (outcome := await book.find_outcome(run_id)) is None:  # noqa: ASYNC110 - virtual time
        await asyncio.sleep(10)
    return str(outcome["status"])


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
